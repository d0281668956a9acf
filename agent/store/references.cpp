// SPDX-License-Identifier: Apache-2.0
#include "store/references.h"

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "store/columns.h"

namespace stayd {

using nlohmann::json;

Result<> References::put(std::string_view channel, std::string_view key, const json& value,
                         std::optional<TicketId> ticket) {
  const Result<std::string> text = json_column(value);
  if (!text) return in_context("store reference " + std::string(key), text.error());
  return database_.run(
      "INSERT INTO channel_references (channel, key, ticket, value) VALUES (?, ?, ?, ?)"
      " ON CONFLICT DO UPDATE SET ticket = excluded.ticket, value = excluded.value",
      {channel, key, to_column(ticket), *text});
}

Result<std::optional<json>> References::find(std::string_view channel, std::string_view key) {
  Result<Statement> row = database_.query(
      "SELECT value FROM channel_references WHERE channel = ? AND key = ?", {channel, key});
  if (!row) return row.error();
  const Result<bool> found = row->next();
  if (!found) return found.error();
  if (!*found) return {boost::system::in_place_value, std::nullopt};
  Result<json> value = parse_json(row->text(0));
  if (!value) return in_context("reference " + std::string(key), value.error());
  return {boost::system::in_place_value, std::move(*value)};
}

Result<std::map<std::string, json>> References::all(std::string_view channel) {
  std::map<std::string, json> values;
  Result<Statement> row =
      database_.query("SELECT key, value FROM channel_references WHERE channel = ?", {channel});
  if (!row) return row.error();
  while (true) {
    const Result<bool> more = row->next();
    if (!more) return more.error();
    if (!*more) break;
    const std::string key(row->text(0));
    Result<json> value = parse_json(row->text(1));
    if (!value) return in_context("reference " + key, value.error());
    values.emplace(key, std::move(*value));
  }
  return {boost::system::in_place_value, std::move(values)};
}

Result<> References::remove(std::string_view channel, std::string_view key) {
  return database_.run("DELETE FROM channel_references WHERE channel = ? AND key = ?",
                       {channel, key});
}

}  // namespace stayd
