// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "store/columns.h"
#include "store/desk_store.h"
#include "store/sealed.h"
#include "store/ticket_codec.h"

namespace stayd {
namespace {

// Row by row what `decode` makes of the sealed body in column 1; column 0 is the id.
template <class T, class Take>
Result<> for_row(Result<Statement> row, const char* what, Result<T> (*decode)(std::string_view),
                 Take take) {
  if (!row) return row.error();
  while (true) {
    const Result<bool> more = row->next();
    if (!more) return more.error();
    if (!*more) return {};
    const std::string which = std::string(what) + " " + std::to_string(row->integer(0));
    const Result<std::string_view> body = unseal(row->blob(1));
    if (!body) return in_context(which, body.error());
    Result<T> value = decode(*body);
    if (!value) return in_context(which, value.error());
    if (const char* wrong = take(*row, std::move(*value))) return Error{which + ": " + wrong};
  }
}

constexpr const char* kContradiction = "its columns and its body say different things";

}  // namespace

Result<Snapshot> DeskStore::load(std::string_view boot_id, std::size_t most_closed) {
  Snapshot snapshot;
  const Result<std::string> boot = fact("boot");
  if (!boot) return boot.error();
  snapshot.is_other_boot = !boot->empty() && *boot != boot_id;

  Result<> done = load_tickets(most_closed, snapshot);
  if (done) done = load_grants(snapshot);
  if (done) done = load_decisions(snapshot);
  if (!done) return in_context("load " + database_.path(), done.error());

  const Result<std::uint64_t> ticket = last_id("tickets");
  if (!ticket) return ticket.error();
  const Result<std::uint64_t> grant = last_id("grants");
  if (!grant) return grant.error();
  const std::uint64_t lost = snapshot.is_other_boot ? kIdBlock - 1 : 0;
  snapshot.last_ticket = *ticket | lost;
  snapshot.last_grant = *grant | lost;
  return {boost::system::in_place_value, std::move(snapshot)};
}

// Open tickets and live grants are searched for without an index, because a damaged one could hide
// them, and quick_check does not compare the two.
Result<> DeskStore::load_tickets(std::size_t most_closed, Snapshot& snapshot) {
  const auto into = [&snapshot](std::vector<Ticket>& tickets) {
    return [&snapshot, &tickets](const Statement& row, Ticket ticket) {
      const bool agrees = ticket.id == id_at(row, 0) && row.text(2) == to_string(ticket.outcome) &&
                          row.is_null(3) == (ticket.outcome == Outcome::open);
      if (row.integer(4) == 0) snapshot.unrecorded.insert(ticket.id);
      tickets.push_back(std::move(ticket));
      return agrees ? nullptr : kContradiction;
    };
  };
  Result<> done =
      for_row(database_.query("SELECT id, body, outcome, closed, told FROM tickets NOT INDEXED"
                              " WHERE closed IS NULL ORDER BY id"),
              "ticket", decode_ticket, into(snapshot.open));
  if (!done) return done;
  done = for_row(
      database_.query("SELECT id, body, outcome, closed, told FROM tickets WHERE closed IS NOT NULL"
                      " ORDER BY closed DESC, id DESC LIMIT ?",
                      {static_cast<std::int64_t>(most_closed)}),
      "ticket", decode_ticket, into(snapshot.closed));
  std::ranges::reverse(snapshot.closed);
  return done;
}

Result<> DeskStore::load_grants(Snapshot& snapshot) {
  return for_row(
      database_.query("SELECT id, body FROM grants NOT INDEXED WHERE ended IS NULL ORDER BY id"),
      "grant", decode_grant, [&snapshot](const Statement& row, Grant grant) {
        const bool agrees = grant.id == id_at(row, 0) && grant.end == GrantEnd::live;
        snapshot.grants.push_back(std::move(grant));
        return agrees ? nullptr : kContradiction;
      });
}

Result<> DeskStore::load_decisions(Snapshot& snapshot) {
  return for_row(
      database_.query("SELECT id, body, ticket, given, recorded FROM decisions ORDER BY id"),
      "decision", decode_decision, [&snapshot](const Statement& row, Decision decision) {
        const bool agrees = decision.ticket == id_at(row, 2);
        snapshot.decisions.push_back(
            {row.integer(0), std::move(decision), time_at(row, 3), row.integer(4) != 0});
        return agrees ? nullptr : kContradiction;
      });
}

}  // namespace stayd
