// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "store/database.h"
#include "store/transaction.h"
#include "tickets/grant.h"
#include "tickets/ticket.h"

namespace stayd {

using DecisionId = std::int64_t;  // never used twice

// Changes that are written together: all of them, or none.
struct Batch {
  std::vector<const Ticket*> tickets{};  // new, or changed
  std::set<TicketId> unrecorded{};  // of them, those whose beginning or end is yet to be recorded
  std::vector<const Grant*> grants{};  // given, or ended
  std::vector<DecisionId> applied{};   // these are part of the tickets now
  // More to write: messages, references. Begins no Transaction of its own.
  std::function<Result<>()> also{};
};

// A decision that was accepted, but is not yet part of a saved ticket.
struct StoredDecision {
  DecisionId id = 0;
  Decision decision;
  TimePoint given{};
  bool recorded = false;  // false: the record may have its line all the same
};

// The state of an earlier agent, in the order in which Desk::restore() takes it.
struct Snapshot {
  // The host has been started anew: no hold is waiting any more, the kernel side has no
  // grants, and what was not durable may be lost. Close and end everything, save it, then
  // keep_boot().
  bool is_other_boot = false;
  std::vector<Ticket> open;               // oldest first
  std::vector<Ticket> closed;             // the latest, closed last last
  std::set<TicketId> unrecorded;          // the record may lack that one of them began or ended
  std::vector<Grant> grants;              // live ones, oldest first
  std::vector<StoredDecision> decisions;  // in the order in which they were given
  // For Desk::start_after(). After another boot above any id that may ever have been given.
  TicketId last_ticket = 0;
  GrantId last_grant = 0;
};

struct Pruned {
  std::size_t tickets = 0;
  std::size_t grants = 0;
  bool more = false;  // call again
};

// The desk's memory on disk. An error leaves everything as it was, and what could not be saved
// has to be given again. One thread.
//
// A decision's way, and what load() says if the process ends after each step:
//
//   add_decision()            there, not recorded
//   line in the record        the same: look for it in the record
//   mark_recorded()           there, recorded: to be decided again
//   Desk::decide(), effects   the same; effects are safe to repeat
//   save({applied})           part of its ticket
//
// A ticket is saved as unrecorded, then its beginning or its end is recorded, then it is saved
// again: so the record never says of a ticket what load() does not know.
class DeskStore {
 public:
  static constexpr std::size_t kMaxClosed = 10'000;  // tickets, and grants that ended
  static constexpr std::size_t kMaxPrecedents = 100'000;
  static constexpr std::size_t kPruneBatch = 200;

  explicit DeskStore(Database& database) : database_(database) {}

  // Durability::normal, but for the first of each kIdBlock ids. A grant that is no longer live
  // counts as ended `now`.
  Result<> save(const Batch& batch, TimePoint now);

  // Durability::full. The ticket must have been saved.
  Result<DecisionId> add_decision(const Decision& decision, TimePoint given);
  Result<> mark_recorded(DecisionId id);
  // It was not carried out: it could not be recorded, or no longer counts.
  Result<> remove_decision(DecisionId id);

  // `boot_id`: /proc/sys/kernel/random/boot_id. Anything that cannot be read as it was written
  // is an error: nothing is left out in silence.
  Result<Snapshot> load(std::string_view boot_id, std::size_t most_closed = 256);
  // From now on load() takes what is stored to be of this boot. Durability::full.
  Result<> keep_boot(std::string_view boot_id);

  // Returns how tickets with this fingerprint ended before, by people's decisions. Break-glass and
  // floods do not count: nobody looked at the operation.
  Result<Precedent> precedent(std::string_view fingerprint);

  // Removes what ended before `before`, and beyond the latest `most_closed`; gives the space
  // back to the file system. At most kPruneBatch of each kind at a time, so that nobody waits
  // for long. What a channel keeps for a ticket goes with it; precedents stay, the latest
  // kMaxPrecedents of them.
  Result<Pruned> prune(TimePoint before, std::size_t most_closed = kMaxClosed);

 private:
  // No id is used twice even if the machine loses power: the first of each block waits for
  // the disk, and after another boot the block is taken to be used up.
  static constexpr std::uint64_t kIdBlock = 64;

  Result<Durability> durability_of(const Batch& batch);
  Result<> write(const Batch& batch, TimePoint now);
  Result<> write(const Ticket& ticket, bool recorded);
  Result<> write(const Grant& grant, TimePoint now);
  Result<> count_precedent(const Ticket& ticket, const std::string& fingerprint);
  Result<std::uint64_t> last_id(std::string_view table);
  Result<std::string> fact(std::string_view name);

  Result<> load_tickets(std::size_t most_closed, Snapshot& snapshot);
  Result<> load_grants(Snapshot& snapshot);
  Result<> load_decisions(Snapshot& snapshot);

  Database& database_;
};

}  // namespace stayd
