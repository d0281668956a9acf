// SPDX-License-Identifier: Apache-2.0
#include "store/cbor_bodies.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/escape.h"
#include "base/hex.h"
#include "base/json.h"
#include "store/body_rewrite.h"
#include "store/sealed.h"

namespace stayd {
namespace {

using nlohmann::json;

// True if the member is a struct of the kernel's or an address, not text.
bool is_raw(const std::string& member) {
  return member == "object" || member == "node" || member == "target" || member == "address";
}

json as_text(const json& value, const std::string& member) {
  if (value.is_binary()) {
    const json::binary_t& binary = value.get_binary();
    const std::string bytes(binary.begin(), binary.end());
    return is_raw(member) ? hex(bytes) : escape(bytes, kUnbounded);
  }
  if (value.is_array()) {
    json list = json::array();
    for (const json& each : value) list.push_back(as_text(each, member));
    return list;
  }
  if (!value.is_object()) return value;
  json object = json::object();
  for (const auto& [name, each] : value.items()) object.emplace(name, as_text(each, name));
  return object;
}

// The same body as JSON; nothing if it is damaged.
std::optional<std::string> rewritten(std::string_view sealed) {
  const Result<std::string_view> body = unseal(sealed);
  if (!body) return std::nullopt;
  json whole = json::from_cbor(*body, true, false);
  if (!whole.is_object() || whole.value("version", json()) != 1) return std::nullopt;
  whole = as_text(whole, "");
  whole["version"] = 2;
  return seal(dump(whole));
}

}  // namespace

Result<> rewrite_cbor_bodies(Database& database) { return rewrite_bodies(database, rewritten); }

}  // namespace stayd
