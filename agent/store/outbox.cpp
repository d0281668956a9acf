// SPDX-License-Identifier: Apache-2.0
#include "store/outbox.h"

#include "base/json.h"
#include "store/columns.h"
#include "store/transaction.h"

namespace stayd {

using nlohmann::json;

Result<OutboxId> Outbox::put(std::string_view channel, std::string_view key, const json& body,
                             TimePoint due, std::optional<TicketId> ticket) {
  const Result<std::string> text = json_column(body);
  if (!text) return in_context("store message " + std::string(key), text.error());
  const Result<> put = database_.run(
      "INSERT OR REPLACE INTO outbox (channel, key, ticket, due, body) VALUES (?, ?, ?, ?, ?)",
      {channel, key, to_column(ticket), to_column(due), *text});
  if (!put) return put.error();
  return database_.last_insert_id();
}

Result<std::vector<OutboxItem>> Outbox::take_due(std::string_view channel, TimePoint now,
                                                 TimePoint again, std::size_t most) {
  Result<Transaction> transaction = Transaction::begin(database_, Durability::normal);
  if (!transaction) return transaction.error();
  Result<std::vector<OutboxItem>> items = due(channel, now, most);
  if (!items) return items;
  for (const OutboxItem& item : *items) {
    const Result<> counted = database_.run("UPDATE outbox SET attempts = ?, due = ? WHERE id = ?",
                                           {item.attempts, to_column(again), item.id});
    if (!counted) return counted.error();
  }
  if (Result<> done = transaction->commit(); !done) return done.error();
  return items;
}

Result<std::vector<OutboxItem>> Outbox::due(std::string_view channel, TimePoint now,
                                            std::size_t most) {
  std::vector<OutboxItem> items;
  Result<Statement> row = database_.query(
      "SELECT id, key, ticket, attempts + 1, body FROM outbox WHERE channel = ? AND due <= ?"
      " ORDER BY due, id LIMIT ?",
      {channel, to_column(now), static_cast<std::int64_t>(most)});
  if (!row) return row.error();
  while (true) {
    const Result<bool> more = row->next();
    if (!more) return more.error();
    if (!*more) break;
    OutboxItem item{.id = row->integer(0),
                    .key = std::string(row->text(1)),
                    .ticket = std::nullopt,
                    .attempts = row->integer(3),
                    .body = {}};
    if (!row->is_null(2)) item.ticket = id_at(*row, 2);
    Result<json> body = parse_json(row->text(4));
    if (!body) return in_context("message " + item.key, body.error());
    item.body = std::move(*body);
    items.push_back(std::move(item));
  }
  return {boost::system::in_place_value, std::move(items)};
}

Result<std::optional<TimePoint>> Outbox::next_due(std::string_view channel) {
  Result<Statement> row =
      database_.query("SELECT min(due) FROM outbox WHERE channel = ?", {channel});
  if (!row) return row.error();
  const Result<bool> found = row->next();
  if (!found) return found.error();
  if (row->is_null(0)) return {boost::system::in_place_value, std::nullopt};
  return {boost::system::in_place_value, time_at(*row, 0)};
}

Result<> Outbox::snooze(OutboxId id, TimePoint due) {
  return database_.run("UPDATE outbox SET due = ? WHERE id = ?", {to_column(due), id});
}

Result<> Outbox::remove(OutboxId id) {
  return database_.run("DELETE FROM outbox WHERE id = ?", {id});
}

}  // namespace stayd
