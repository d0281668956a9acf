// SPDX-License-Identifier: Apache-2.0
#include "store/desk_store.h"

#include <algorithm>

#include "base/escape.h"
#include "context/operation_text.h"
#include "store/columns.h"
#include "store/fingerprint.h"
#include "store/sealed.h"
#include "store/ticket_codec.h"

namespace stayd {
namespace {

// True if people looked at the operation and said what the outcome is.
bool is_precedent(const Ticket& ticket) {
  const Decision* decision = final_decision(ticket);
  return !ticket.flood && decision != nullptr && !decision->break_glass;
}

}  // namespace

Result<> DeskStore::save(const Batch& batch, TimePoint now) {
  const Result<Durability> durability = durability_of(batch);
  if (!durability) return in_context("save tickets", durability.error());
  Result<Transaction> transaction = Transaction::begin(database_, *durability);
  if (!transaction) return in_context("save tickets", transaction.error());
  Result<> done = write(batch, now);
  if (done) done = transaction->commit();
  if (!done) return in_context("save tickets", done.error());
  return {};
}

Result<Durability> DeskStore::durability_of(const Batch& batch) {
  TicketId ticket = 0;
  GrantId grant = 0;
  for (const Ticket* each : batch.tickets) ticket = std::max(ticket, each->id);
  for (const Grant* each : batch.grants) grant = std::max(grant, each->id);
  const Result<std::uint64_t> last_ticket = last_id("tickets");
  if (!last_ticket) return last_ticket.error();
  const Result<std::uint64_t> last_grant = last_id("grants");
  if (!last_grant) return last_grant.error();
  const bool is_new_block =
      ticket / kIdBlock > *last_ticket / kIdBlock || grant / kIdBlock > *last_grant / kIdBlock;
  return is_new_block ? Durability::full : Durability::normal;
}

Result<> DeskStore::write(const Batch& batch, TimePoint now) {
  for (const Ticket* ticket : batch.tickets)
    if (Result<> done = write(*ticket, !batch.unrecorded.contains(ticket->id)); !done) return done;
  for (const Grant* grant : batch.grants)
    if (Result<> done = write(*grant, now); !done) return done;
  for (const DecisionId id : batch.applied)
    if (Result<> done = remove_decision(id); !done) return done;
  return batch.also ? batch.also() : Result<>();
}

Result<> DeskStore::write(const Ticket& ticket, bool recorded) {
  const std::string fingerprint = fingerprint_of(ticket);
  if (is_precedent(ticket)) {
    if (Result<> done = count_precedent(ticket, fingerprint); !done) return done;
  }
  const std::string body = seal(encode(ticket));
  return database_.run(
      "INSERT INTO tickets (id, workload, policy, kind, object, fingerprint, outcome, opened,"
      " deadline, closed, told, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
      " ON CONFLICT (id) DO UPDATE SET outcome = excluded.outcome, deadline = excluded.deadline,"
      " closed = excluded.closed, told = excluded.told, body = excluded.body",
      {to_column(ticket.id), escape(ticket.workload), escape(ticket.policy),
       to_string(ticket.operation.kind), escape(object_text(ticket.operation)), fingerprint,
       to_string(ticket.outcome), to_column(ticket.opened), to_column(ticket.deadline),
       to_column(ticket.closed), std::int64_t{recorded}, Blob{body}});
}

// Once for each ticket, however often it is saved.
Result<> DeskStore::count_precedent(const Ticket& ticket, const std::string& fingerprint) {
  const std::int64_t approved = ticket.outcome == Outcome::approved ? 1 : 0;
  return database_.run(
      "INSERT INTO precedents (fingerprint, approved, denied, last)"
      " SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS"
      " (SELECT 1 FROM tickets WHERE id = ?5 AND closed IS NOT NULL)"
      " ON CONFLICT (fingerprint) DO UPDATE SET approved = approved + excluded.approved,"
      " denied = denied + excluded.denied, last = max(last, excluded.last)",
      {fingerprint, approved, 1 - approved, to_column(ticket.closed.value_or(ticket.deadline)),
       to_column(ticket.id)});
}

Result<> DeskStore::write(const Grant& grant, TimePoint now) {
  const std::string body = seal(encode(grant));
  const Value ended = grant.end == GrantEnd::live ? Value(nullptr) : to_column(now);
  return database_.run(
      "INSERT INTO grants (id, ticket, workload, what, person, state, granted, expires, ended,"
      " body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
      " state = excluded.state, expires = excluded.expires,"
      " ended = coalesce(ended, excluded.ended), body = excluded.body",
      {to_column(grant.id), to_column(grant.ticket), escape(grant.workload_name),
       escape(grant.what), escape(grant.person), to_string(grant.end), to_column(grant.granted),
       to_column(grant.expires), ended, Blob{body}});
}

Result<DecisionId> DeskStore::add_decision(const Decision& decision, TimePoint given) {
  const std::string what = "store the decision on ticket " + std::to_string(decision.ticket);
  const std::string body = seal(encode(decision));
  Result<Transaction> transaction = Transaction::begin(database_, Durability::full);
  if (!transaction) return in_context(what, transaction.error());
  Result<> done = database_.run(
      "INSERT INTO decisions (ticket, choice, person, given, body) VALUES (?, ?, ?, ?, ?)",
      {to_column(decision.ticket), decision.choice == Choice::approve ? "approve" : "deny",
       escape(decision.person), to_column(given), Blob{body}});
  const DecisionId id = database_.last_insert_id();
  if (done) done = transaction->commit();
  if (!done) return in_context(what, done.error());
  return id;
}

Result<> DeskStore::mark_recorded(DecisionId id) {
  return database_.run("UPDATE decisions SET recorded = 1 WHERE id = ?", {id});
}

Result<> DeskStore::remove_decision(DecisionId id) {
  return database_.run("DELETE FROM decisions WHERE id = ?", {id});
}

Result<> DeskStore::keep_boot(std::string_view boot_id) {
  Result<Transaction> transaction = Transaction::begin(database_, Durability::full);
  if (!transaction) return in_context("store the boot id", transaction.error());
  Result<> done = database_.run(
      "INSERT INTO facts (name, value) VALUES ('boot', ?)"
      " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      {boot_id});
  if (done) done = transaction->commit();
  if (!done) return in_context("store the boot id", done.error());
  return {};
}

Result<std::uint64_t> DeskStore::last_id(std::string_view table) {
  Result<Statement> row =
      database_.query("SELECT seq FROM sqlite_sequence WHERE name = ?", {table});
  if (!row) return row.error();
  const Result<bool> found = row->next();
  if (!found) return found.error();
  return *found ? id_at(*row, 0) : 0;
}

Result<std::string> DeskStore::fact(std::string_view name) {
  Result<Statement> row = database_.query("SELECT value FROM facts WHERE name = ?", {name});
  if (!row) return row.error();
  const Result<bool> found = row->next();
  if (!found) return found.error();
  return {boost::system::in_place_value, *found ? row->text(0) : std::string_view()};
}

Result<Precedent> DeskStore::precedent(std::string_view fingerprint) {
  Result<Statement> row = database_.query(
      "SELECT approved, denied, last FROM precedents WHERE fingerprint = ?", {fingerprint});
  if (!row) return row.error();
  const Result<bool> found = row->next();
  if (!found) return found.error();
  if (!*found) return Precedent{};
  return Precedent{.approved = id_at(*row, 0), .denied = id_at(*row, 1), .last = time_at(*row, 2)};
}

}  // namespace stayd
