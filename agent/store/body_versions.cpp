// SPDX-License-Identifier: Apache-2.0
#include "store/body_versions.h"

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/json.h"
#include "policy/policy.h"
#include "store/body_rewrite.h"
#include "store/sealed.h"

namespace stayd {
namespace {

using nlohmann::json;

// A member of a ticket, a grant or a decision, and what it is in a body that lacks it.
struct Added {
  const char* to;
  const char* name;
  json value;
};

Result<> raise_to(Database& database, int version, std::initializer_list<Added> members) {
  return rewrite_bodies(database, [&](std::string_view sealed) -> std::optional<std::string> {
    const Result<std::string_view> body = unseal(sealed);
    if (!body) return std::nullopt;
    Result<json> whole = parse_json(*body, {.bytes = std::size_t{8} << 20});
    if (!whole || number_at(*whole, "version") != version - 1) return std::nullopt;
    for (const Added& each : members)
      if (const auto object = whole->find(each.to); object != whole->end() && object->is_object())
        object->emplace(each.name, each.value);
    (*whole)["version"] = version;
    return seal(dump(*whole));
  });
}

}  // namespace

// A ticket ended with its callers. One that is open lingers by the default from now on.
Result<> to_body_version_3(Database& database) {
  return raise_to(database, 3, {{"ticket", "linger", nullptr}, {"ticket", "caller_left", nullptr}});
}

// Rules had no classes.
Result<> to_body_version_4(Database& database) {
  return raise_to(database, 4, {{"ticket", "class", static_cast<int>(RuleClass::none)}});
}

// Nothing was asked in advance.
Result<> to_body_version_5(Database& database) {
  return raise_to(database, 5, {{"ticket", "asked_ahead", false}, {"ticket", "stated_reason", ""}});
}

// Only the same again could be granted, to the process (1) or the workload (2).
Result<> to_body_version_6(Database& database) {
  const json none = json::array();
  return raise_to(database, 6,
                  {{"ticket", "names", none},
                   {"ticket", "scopes", {1, 2}},
                   {"ticket", "also", none},
                   {"ticket", "directory", 0},
                   {"grant", "places", none},
                   {"grant", "rule", ""},
                   {"grant", "touched", none},
                   {"grant", "directory", 0}});
}

// Nothing was known of what the workload calls an address, or of what an approval sets off.
Result<> to_body_version_7(Database& database) {
  return raise_to(database, 7,
                  {{"ticket", "called", json::array()}, {"ticket", "sets_off", json::array()}});
}

}  // namespace stayd
