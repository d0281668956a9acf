// SPDX-License-Identifier: Apache-2.0
#include "store/columns.h"
#include "store/desk_store.h"

namespace stayd {
namespace {

constexpr std::int64_t kBatch = DeskStore::kPruneBatch;

struct Removal {
  std::string_view before;  // of ?, at most ?
  std::string_view beyond;  // at most ?, all but the latest ?
};

// The latest closed are the last to go.
constexpr Removal kTickets{
    "DELETE FROM tickets WHERE id IN (SELECT id FROM tickets WHERE closed < ?"
    " ORDER BY closed, id LIMIT ?)",
    "DELETE FROM tickets WHERE id IN (SELECT id FROM tickets WHERE closed IS NOT NULL"
    " ORDER BY closed DESC, id DESC LIMIT ? OFFSET ?)"};
constexpr Removal kGrants{
    "DELETE FROM grants WHERE id IN (SELECT id FROM grants WHERE ended < ?"
    " ORDER BY ended, id LIMIT ?)",
    "DELETE FROM grants WHERE id IN (SELECT id FROM grants WHERE ended IS NOT NULL"
    " ORDER BY ended DESC, id DESC LIMIT ? OFFSET ?)"};

// Returns how many were removed; a whole batch means that there may be more.
Result<std::int64_t> remove_some(Database& database, const Removal& removal, TimePoint before,
                                 std::size_t most) {
  Result<> done = database.run(removal.before, {to_column(before), kBatch});
  if (!done) return done.error();
  const std::int64_t old = database.changes();
  done = database.run(removal.beyond, {kBatch - old, static_cast<std::int64_t>(most)});
  if (!done) return done.error();
  return old + database.changes();
}

}  // namespace

Result<Pruned> DeskStore::prune(TimePoint before, std::size_t most_closed) {
  Result<Transaction> transaction = Transaction::begin(database_, Durability::normal);
  if (!transaction) return in_context("prune", transaction.error());
  const Result<std::int64_t> tickets = remove_some(database_, kTickets, before, most_closed);
  if (!tickets) return in_context("prune tickets", tickets.error());
  const Result<std::int64_t> grants = remove_some(database_, kGrants, before, most_closed);
  if (!grants) return in_context("prune grants", grants.error());
  Result<> done = database_.run(
      "DELETE FROM precedents WHERE fingerprint IN (SELECT fingerprint FROM precedents"
      " ORDER BY last DESC LIMIT ? OFFSET ?)",
      {kBatch, static_cast<std::int64_t>(kMaxPrecedents)});
  // Pages that were freed go back to the file system when the log is next folded in.
  if (done) done = database_.run("PRAGMA incremental_vacuum(1000)");
  if (done) done = transaction->commit();
  if (!done) return in_context("prune", done.error());
  return Pruned{.tickets = static_cast<std::size_t>(*tickets),
                .grants = static_cast<std::size_t>(*grants),
                .more = *tickets == kBatch || *grants == kBatch};
}

}  // namespace stayd
