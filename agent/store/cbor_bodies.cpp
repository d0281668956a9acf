// SPDX-License-Identifier: Apache-2.0
#include "store/cbor_bodies.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/escape.h"
#include "base/hex.h"
#include "base/json.h"
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

// Row by row, so that memory does not grow with the table.
Result<> rewrite_table(Database& database, std::string_view find, std::string_view update) {
  std::int64_t last = -1;
  while (true) {
    std::optional<std::string> body;
    {
      Result<Statement> row = database.query(find, {last});
      if (!row) return row.error();
      const Result<bool> found = row->next();
      if (!found) return found.error();
      if (!*found) return {};
      last = row->integer(0);
      body = rewritten(row->blob(1));
    }
    if (!body) continue;
    if (Result<> done = database.run(update, {Blob{*body}, last}); !done) return done;
  }
}

}  // namespace

Result<> rewrite_cbor_bodies(Database& database) {
  Result<> done = rewrite_table(
      database, "SELECT id, body FROM tickets NOT INDEXED WHERE id > ? ORDER BY id LIMIT 1",
      "UPDATE tickets SET body = ? WHERE id = ?");
  if (done)
    done = rewrite_table(database,
                         "SELECT id, body FROM grants NOT INDEXED WHERE id > ? ORDER BY id LIMIT 1",
                         "UPDATE grants SET body = ? WHERE id = ?");
  if (done)
    done = rewrite_table(
        database, "SELECT id, body FROM decisions NOT INDEXED WHERE id > ? ORDER BY id LIMIT 1",
        "UPDATE decisions SET body = ? WHERE id = ?");
  return done;
}

}  // namespace stayd
