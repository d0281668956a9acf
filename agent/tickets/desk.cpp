// SPDX-License-Identifier: Apache-2.0
#include "tickets/desk.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "base/escape.h"
#include "base/rfc3339.h"
#include "tickets/ticket_json.h"

namespace stayd {
namespace {

using std::chrono::milliseconds;

Error about(TicketId ticket, const std::string& text) {
  return Error{"ticket " + std::to_string(ticket) + ": " + text};
}

std::string how_it_ended(const Ticket& ticket) {
  std::string text = std::string("already ") + to_string(ticket.outcome);
  if (ticket.outcome == Outcome::no_approver) text = "already ended, nobody could have answered";
  if (ticket.decision) text += " by " + escape(ticket.decision->person);
  return text + " at " + rfc3339(ticket.closed.value_or(ticket.deadline));
}

bool is_blank(const std::string& text) {
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

}  // namespace

Effects Desk::hold_raised(Operation operation, const TicketContext& context, TimePoint now) {
  trim_closed();
  Effects effects;
  expire_due(now, effects);
  const bool held = operation.disposition == Disposition::held && operation.hold_id != 0;
  if (!held && operation.disposition != Disposition::cannot_wait) return effects;
  if (held && holds_.contains(operation.hold_id)) return effects;

  const auto known = open_by_key_.find(key_of(operation));
  if (!has_room(operation, known == open_by_key_.end(), effects)) {
    if (held) effects.emplace_back(Release{.hold = operation.hold_id});
    return effects;
  }
  if (known != open_by_key_.end()) {
    join(open_.at(known->second), operation, effects);
  } else {
    open_ticket(std::move(operation), context, now, effects);
  }
  return effects;
}

bool Desk::would_join(const Operation& operation) const {
  const auto known = open_by_key_.find(key_of(operation));
  return known != open_by_key_.end() && operation.time < find(known->second)->deadline;
}

Effects Desk::hold_gone(HoldId hold, TimePoint now, bool is_superseded) {
  trim_closed();
  Effects effects;
  const auto known = holds_.find(hold);
  if (known == holds_.end()) return effects;
  const auto entry = open_.find(known->second);
  holds_.erase(known);
  holds_full_ = false;
  auto& waiting = entry->second.ticket.holds;
  waiting.erase(std::find(waiting.begin(), waiting.end(), hold));
  if (waiting.empty() && !entry->second.cannot_wait_joined) {
    close(entry, is_superseded ? Outcome::superseded : Outcome::cancelled, now, effects);
  } else {
    changed(entry->first, effects);
  }
  return effects;
}

Result<> Desk::check(const Decision& decision, TimePoint now) const {
  const Ticket* ticket = find(decision.ticket);
  if (ticket == nullptr) return about(decision.ticket, "there is no such ticket");
  if (ticket->outcome != Outcome::open) return about(ticket->id, how_it_ended(*ticket));
  if (now >= ticket->deadline) {
    return about(ticket->id,
                 "expired at " + rfc3339(ticket->deadline) + ", before the answer came");
  }
  if (decision.digest != ticket->digest) {
    return about(ticket->id,
                 "the answer was to something else than this ticket shows (the digest "
                 "differs): look at it again");
  }
  if (decision.person.empty()) return about(ticket->id, "it is not known who answers");
  if (decision.reason.size() > limits_.reason_bytes) {
    return about(ticket->id,
                 "the reason is longer than " + std::to_string(limits_.reason_bytes) + " bytes");
  }
  if (decision.choice == Choice::deny) {
    if (is_blank(decision.reason)) return about(ticket->id, "a denial needs a reason");
    if (decision.grant_for.count() != 0) return about(ticket->id, "a denial leaves no grant");
  } else if (decision.grant_for.count() < 0 || decision.grant_for > limits_.longest_grant) {
    return about(ticket->id,
                 "a grant lasts 1 s to " + std::to_string(limits_.longest_grant.count()) + " s");
  }
  return {};
}

Result<Effects> Desk::decide(const Decision& decision, TimePoint now) {
  if (const Result<> checked = check(decision, now); !checked) return checked.error();
  trim_closed();
  Effects effects;
  const auto entry = open_.find(decision.ticket);
  entry->second.ticket.decision = decision;
  const bool approve = decision.choice == Choice::approve;
  close(entry, approve ? Outcome::approved : Outcome::denied, now, effects);
  return effects;
}

Effects Desk::tick(TimePoint now) {
  trim_closed();
  Effects effects;
  expire_due(now, effects);
  return effects;
}

std::optional<TimePoint> Desk::next_deadline() const {
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.begin()->first;
}

Effects Desk::close_all(WorkloadId workload, Outcome outcome, TimePoint now) {
  trim_closed();
  Effects effects;
  while (true) {
    const auto known = open_by_key_.lower_bound(Key{workload, {}});
    if (known == open_by_key_.end() || known->first.first != workload) return effects;
    close(open_.find(known->second), outcome, now, effects);
  }
}

Effects Desk::workload_released(WorkloadId workload, TimePoint now) {
  return close_all(workload, Outcome::cancelled, now);
}

Effects Desk::policy_changed(WorkloadId workload, TimePoint now) {
  return close_all(workload, Outcome::superseded, now);
}

Effects Desk::no_approver(TicketId ticket, TimePoint now) {
  return close_one(ticket, Outcome::no_approver, now);
}

Effects Desk::superseded(TicketId ticket, TimePoint now) {
  return close_one(ticket, Outcome::superseded, now);
}

const Ticket* Desk::find(TicketId ticket) const {
  if (const auto entry = open_.find(ticket); entry != open_.end()) return &entry->second.ticket;
  if (const auto entry = closed_.find(ticket); entry != closed_.end()) return &entry->second;
  return nullptr;
}

std::vector<const Ticket*> Desk::open_tickets() const {
  std::vector<const Ticket*> tickets;
  tickets.reserve(open_.size());
  for (const auto& [id, entry] : open_) tickets.push_back(&entry.ticket);
  return tickets;
}

std::vector<const Ticket*> Desk::closed_tickets() const {
  std::vector<const Ticket*> tickets;
  tickets.reserve(closed_order_.size());
  for (auto id = closed_order_.rbegin(); id != closed_order_.rend(); ++id) {
    tickets.push_back(&closed_.at(*id));
  }
  return tickets;
}

Desk::Key Desk::key_of(const Operation& operation) {
  return {operation.workload,
          std::bit_cast<std::array<std::uint8_t, sizeof(stayd_object)>>(operation.object)};
}

bool Desk::has_room(const Operation& operation, bool needs_ticket, Effects& effects) {
  const auto refuse = [&operation, &effects](bool& said, const char* reason) {
    if (!said) effects.emplace_back(Refused{operation.hold_id, operation.workload, reason});
    said = true;
    return false;
  };
  if (operation.disposition == Disposition::held && holds_.size() >= limits_.holds) {
    return refuse(holds_full_, "too many holds");
  }
  const auto state = workloads_.find(operation.workload);
  if (needs_ticket && state != workloads_.end() &&
      state->second.open >= limits_.open_per_workload) {
    return refuse(state->second.flooding, "flooding");
  }
  return true;
}

void Desk::open_ticket(Operation operation, const TicketContext& context, TimePoint now,
                       Effects& effects) {
  Entry entry;
  Ticket& ticket = entry.ticket;
  ticket.id = ++last_id_;
  ticket.workload = context.workload;
  ticket.policy = context.policy;
  ticket.rule = context.rule;
  ticket.opened = now;
  ticket.deadline =
      now + std::clamp(context.timeout, milliseconds(0), milliseconds(limits_.longest_timeout));
  ticket.joined = 0;  // join() counts the first, too
  ticket.operation = std::move(operation);
  ticket.digest = digest_of(ticket);

  open_by_key_.emplace(key_of(ticket.operation), ticket.id);
  deadlines_.emplace(ticket.deadline, ticket.id);
  ++workloads_[ticket.operation.workload].open;
  Entry& kept = open_.emplace(ticket.id, std::move(entry)).first->second;
  join(kept, kept.ticket.operation, effects);
}

void Desk::join(Entry& entry, const Operation& operation, Effects& effects) {
  ++entry.ticket.joined;
  if (operation.disposition == Disposition::cannot_wait) {
    entry.cannot_wait_joined = true;
  } else {
    entry.ticket.holds.push_back(operation.hold_id);
    holds_.emplace(operation.hold_id, entry.ticket.id);
  }
  changed(entry.ticket.id, effects);
}

void Desk::expire_due(TimePoint now, Effects& effects) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    close(open_.find(deadlines_.begin()->second), Outcome::expired, now, effects);
  }
}

void Desk::close(OpenTickets::iterator entry, Outcome outcome, TimePoint now, Effects& effects) {
  Ticket ticket = std::move(entry->second.ticket);
  const bool cannot_wait_joined = entry->second.cannot_wait_joined;
  open_.erase(entry);
  open_by_key_.erase(key_of(ticket.operation));
  deadlines_.erase({ticket.deadline, ticket.id});
  const auto state = workloads_.find(ticket.operation.workload);
  state->second.flooding = false;
  if (--state->second.open == 0) workloads_.erase(state);

  ticket.outcome = outcome;
  ticket.closed = now;
  changed(ticket.id, effects);

  const bool allow = outcome == Outcome::approved;
  if (allow && ticket.decision->grant_for.count() > 0) {
    effects.emplace_back(Grant{ticket.operation.workload, ticket.operation.object,
                               now + ticket.decision->grant_for,
                               std::numeric_limits<std::int64_t>::max(), ticket.id});
  } else if (allow && cannot_wait_joined) {
    effects.emplace_back(Grant{ticket.operation.workload, ticket.operation.object,
                               now + limits_.retry_within, 1, ticket.id});
  }
  for (const HoldId hold : ticket.holds) {
    holds_.erase(hold);
    const TimePoint valid_until = allow ? now + limits_.return_within : TimePoint{};
    const bool again = outcome == Outcome::superseded;
    effects.emplace_back(Release{hold, allow, again, valid_until, ticket.id});
  }
  if (!ticket.holds.empty()) holds_full_ = false;
  ticket.holds.clear();

  closed_order_.push_back(ticket.id);
  closed_.emplace(ticket.id, std::move(ticket));
}

// Comes before a change and not after: one change can close more tickets than are kept, and
// each has to be found once to be recorded.
void Desk::trim_closed() {
  while (closed_order_.size() > limits_.closed_kept) {
    closed_.erase(closed_order_.front());
    closed_order_.pop_front();
  }
}

Effects Desk::close_one(TicketId ticket, Outcome outcome, TimePoint now) {
  trim_closed();
  Effects effects;
  const auto entry = open_.find(ticket);
  if (entry != open_.end()) close(entry, outcome, now, effects);
  return effects;
}

void Desk::changed(TicketId ticket, Effects& effects) {
  ++revision_;
  effects.emplace_back(Changed{ticket});
}

}  // namespace stayd
