// SPDX-License-Identifier: Apache-2.0
#include "tickets/desk.h"

#include <algorithm>

#include "context/operation_text.h"
#include "tickets/ticket_json.h"

namespace stayd {
namespace {

HoldAnswer answer_for(Outcome outcome) {
  switch (outcome) {
    case Outcome::approved:
      return HoldAnswer::allow;
    case Outcome::superseded:
      return HoldAnswer::judge_again;
    default:
      return HoldAnswer::deny;
  }
}

// Says on the ticket how a hold ended without an answer; empty: the outcome says enough.
const char* text_of(HoldEnd why) {
  switch (why) {
    case HoldEnd::traced:
      return "a thread was denied at once: another program traces it, so it cannot be stopped";
    case HoldEnd::unattended:
      return "a thread was denied by the kernel side while no stayd was running";
    case HoldEnd::caller_gone:
    case HoldEnd::superseded:
      break;
  }
  return "";
}

// The attempt was at another address of the ticket's host.
void note_other_address(Ticket& ticket, const Endpoint& endpoint) {
  const auto same = [&](const Endpoint& each) {
    return each.address == endpoint.address && each.scope_id == endpoint.scope_id;
  };
  if (ticket.also.size() < Ticket::kMaxAlso && std::ranges::none_of(ticket.also, same))
    ticket.also.push_back(endpoint);
}

}  // namespace

// Whether the operation is one that waits, or could not, and is not known yet.
bool Desk::begin_raising(const Operation& operation, TimePoint now, Effects& effects) {
  trim_closed();
  run_due(now, effects);
  if (operation.disposition == Disposition::cannot_wait ||
      operation.disposition == Disposition::asked_ahead)
    return true;
  return operation.disposition == Disposition::held && operation.hold_id != 0 &&
         !holds_.contains(operation.hold_id);
}

Effects Desk::hold_raised(Operation operation, const TicketContext& context, TimePoint now) {
  Effects effects;
  if (!begin_raising(operation, now, effects)) return effects;
  const bool held = operation.disposition == Disposition::held;
  const TicketId known = open_about(operation, context.surroundings());
  if (known == 0 && operation.disposition != Disposition::asked_ahead)
    make_room(operation.workload, now, effects);
  if (!has_room(operation, known == 0, effects)) {
    ask_about_flood(operation, context, now, effects);
    if (held) effects.emplace_back(Release{.hold = operation.hold_id});
    return effects;
  }
  if (known != 0) {
    join(open_.at(known), operation, effects);
    return effects;
  }
  Ticket ticket = make_ticket(std::move(operation), context, now);
  const TicketId id = ticket.id;
  open_ticket(std::move(ticket), effects);
  const bool broken = is_glass_broken(open_.at(id).operation.workload, now);
  const bool unheard = !context.reachable && !context.approval.wait_if_unreachable;
  if (!broken && !unheard) return effects;
  effects.pop_back();  // it changes once, from nothing to its outcome
  if (broken)
    approve_by_glass(open_.find(id), now, effects);
  else
    close(open_.find(id), Outcome::no_approver, now, effects);
  return effects;
}

bool Desk::would_join(const Operation& operation, const Surroundings& around) const {
  const TicketId known = open_about(operation, around);
  return known != 0 && operation.time < answerable_until(*find(known));
}

Effects Desk::hold_joined(const Operation& operation, TimePoint now, const Surroundings& around) {
  Effects effects;
  if (!begin_raising(operation, now, effects)) return effects;
  const bool held = operation.disposition == Disposition::held;
  const TicketId known = open_about(operation, around);
  if (known == 0) {
    if (held) effects.emplace_back(Release{operation.hold_id, HoldAnswer::judge_again, {}, 0});
  } else if (has_room(operation, false, effects)) {
    join(open_.at(known), operation, effects);
  } else if (held) {
    effects.emplace_back(Release{.hold = operation.hold_id});
  }
  return effects;
}

Effects Desk::hold_gone(HoldId hold, TimePoint now, HoldEnd why) {
  trim_closed();
  Effects effects;
  const auto known = holds_.find(hold);
  if (known == holds_.end()) return effects;
  const auto entry = open_.find(known->second);
  holds_.erase(known);
  holds_full_ = false;
  auto& waiting = entry->second.holds;
  waiting.erase(std::find(waiting.begin(), waiting.end(), hold));
  if (const char* text = text_of(why); *text != '\0') note_once(entry->second, now, text);
  if (!waiting.empty() || entry->second.cannot_wait_joined)
    changed(entry->first, effects);
  else if (why == HoldEnd::superseded)
    close(entry, Outcome::superseded, now, effects);
  else
    linger(entry, now, effects);
  std::get<Changed>(effects.front()).left = why;
  return effects;
}

Effects Desk::tick(TimePoint now) {
  trim_closed();
  Effects effects;
  run_due(now, effects);
  return effects;
}

std::optional<TimePoint> Desk::next_deadline() const {
  const std::optional<TimePoint> expiry = grants_.next_expiry();
  if (due_.empty()) return expiry;
  return std::min(due_.begin()->first, expiry.value_or(TimePoint::max()));
}

Effects Desk::close_all(WorkloadId workload, Outcome outcome, TimePoint now) {
  trim_closed();
  Effects effects;
  std::vector<TicketId> theirs;
  for (const auto& [id, ticket] : open_)
    if (ticket.operation.workload == workload) theirs.push_back(id);
  for (const TicketId id : theirs) close(open_.find(id), outcome, now, effects);
  refusals_.forget(workload);
  return effects;
}

Effects Desk::workload_released(WorkloadId workload, TimePoint now) {
  Effects effects = close_all(workload, Outcome::cancelled, now);
  grants_.end_all(workload, effects);
  workloads_.erase(workload);
  glass_.erase(workload);
  return effects;
}

Effects Desk::policy_changed(WorkloadId workload, TimePoint now) {
  Effects effects = close_all(workload, Outcome::superseded, now);
  grants_.end_all(workload, effects);
  return effects;
}

Effects Desk::places_changed(WorkloadId workload, TimePoint now) {
  Effects effects = close_all(workload, Outcome::superseded, now);
  grants_.end_exact(workload, effects);
  return effects;
}

Effects Desk::cancelled(TicketId ticket, TimePoint now) {
  return close_one(ticket, Outcome::cancelled, now);
}

Effects Desk::no_approver(TicketId ticket, TimePoint now) {
  return close_one(ticket, Outcome::no_approver, now);
}

Effects Desk::superseded(TicketId ticket, TimePoint now) {
  return close_one(ticket, Outcome::superseded, now);
}

void Desk::restore(Ticket ticket) {
  last_id_ = std::max(last_id_, ticket.id);
  ++revision_;
  if (ticket.outcome == Outcome::open) {
    for (const HoldId hold : ticket.holds) holds_.emplace(hold, ticket.id);
    index(ticket);
    open_.emplace(ticket.id, std::move(ticket));
  } else {
    closed_order_.push_back(ticket.id);
    closed_.emplace(ticket.id, std::move(ticket));
  }
}

void Desk::start_after(TicketId last_ticket, GrantId last_grant) {
  last_id_ = std::max(last_id_, last_ticket);
  grants_.start_after(last_grant);
}

// The ticket about the same object, or else about another address of the same host.
TicketId Desk::open_about(const Operation& operation, const Surroundings& around) const {
  const auto known = open_by_key_.find(key_of(operation));
  if (known != open_by_key_.end()) return known->second;
  for (const std::string& name : around.names) {
    const auto of_host = open_by_host_.find(host_key_of(operation, name));
    if (of_host != open_by_host_.end() &&
        is_of_the_same_host(open_.at(of_host->second), operation, around))
      return of_host->second;
  }
  return 0;
}

const Ticket* Desk::find(TicketId ticket) const {
  if (const auto entry = open_.find(ticket); entry != open_.end()) return &entry->second;
  if (const auto entry = closed_.find(ticket); entry != closed_.end()) return &entry->second;
  return nullptr;
}

std::vector<const Ticket*> Desk::open_tickets() const {
  std::vector<const Ticket*> tickets;
  tickets.reserve(open_.size());
  for (const auto& [id, ticket] : open_) tickets.push_back(&ticket);
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

Ticket Desk::make_ticket(Operation operation, const TicketContext& context, TimePoint now) {
  Ticket ticket;
  ticket.id = ++last_id_;
  ticket.asked_ahead = operation.disposition == Disposition::asked_ahead;
  ticket.stated_reason = context.stated_reason;
  ticket.operation = std::move(operation);
  ticket.workload = context.workload;
  ticket.policy = context.policy;
  ticket.rule = context.rule;
  ticket.rule_class = context.rule_class;
  ticket.evidence = context.evidence;
  ticket.names = context.names;
  ticket.called = context.called;
  ticket.sets_off = context.sets_off;
  ticket.directory = context.directory;
  ticket.quorum = std::max<std::uint32_t>(context.approval.quorum, 1);
  ticket.excluded = context.excluded;
  ticket.opened = now;
  ticket.deadline =
      now + std::clamp(context.approval.timeout, std::chrono::seconds(0), limits_.longest_timeout);
  ticket.asked = context.approval.approvers;
  ticket.escalations = context.approval.escalate;
  if (!ticket.asked_ahead) ticket.linger = context.approval.linger;
  ticket.joined = 0;  // join() counts the first, too
  ticket.scopes = offered_scopes(ticket, context.approval.scopes);
  return ticket;
}

void Desk::open_ticket(Ticket ticket, Effects& effects) {
  ticket.digest = digest_of(ticket);
  note(ticket, ticket.opened, ticket.asked_ahead ? "asked in advance" : "opened");
  index(ticket);
  const TicketId id = ticket.id;
  Ticket& kept = open_.emplace(id, std::move(ticket)).first->second;
  if (kept.flood)
    changed(id, effects);
  else
    join(kept, kept.operation, effects);
}

// Keeps what finds an open ticket besides its id.
void Desk::index(const Ticket& ticket) {
  WorkloadState& state = workloads_[ticket.operation.workload];
  due_.emplace(due_at(ticket), ticket.id);
  if (ticket.flood) {
    state.flood = ticket.id;
    return;
  }
  ++state.open;
  if (ticket.caller_left) ++state.lingering;
  open_by_key_.emplace(key_of(ticket.operation), ticket.id);
  for (const std::string& name : ticket.names)
    open_by_host_.emplace(host_key_of(ticket.operation, name), ticket.id);
}

void Desk::forget_host(const Ticket& ticket) {
  for (const std::string& name : ticket.names) {
    const auto known = open_by_host_.find(host_key_of(ticket.operation, name));
    if (known != open_by_host_.end() && known->second == ticket.id) open_by_host_.erase(known);
  }
}

void Desk::join(Ticket& ticket, const Operation& operation, Effects& effects) {
  ++ticket.joined;
  if (key_of(operation) != key_of(ticket.operation)) note_other_address(ticket, operation.endpoint);
  if (operation.disposition == Disposition::cannot_wait) {
    ticket.cannot_wait_joined = true;
  } else if (operation.disposition == Disposition::asked_ahead) {
    if (ticket.asked_ahead && ticket.holds.empty() && !ticket.caller_left)
      set_caller_left(ticket, ticket.opened);
  } else {
    ticket.holds.push_back(operation.hold_id);
    holds_.emplace(operation.hold_id, ticket.id);
    if (ticket.caller_left) set_caller_left(ticket, std::nullopt);
  }
  changed(ticket.id, effects);
}

void Desk::run_due(TimePoint now, Effects& effects) {
  while (!due_.empty() && due_.begin()->first <= now) {
    const auto entry = open_.find(due_.begin()->second);
    if (entry->second.deadline <= now)
      close(entry, Outcome::expired, now, effects);
    else if (answerable_until(entry->second) <= now)
      close(entry, Outcome::cancelled, now, effects);
    else
      escalate(entry->second, now, effects);
  }
  grants_.expire(now, effects);
}

void Desk::escalate(Ticket& ticket, TimePoint now, Effects& effects) {
  due_.erase({due_at(ticket), ticket.id});
  std::string who;
  for (const std::string& group : ticket.escalations.front().to) {
    who += (who.empty() ? "" : ", ") + group;
    // With nobody named, everybody was asked from the start.
    if (!ticket.asked.empty() && std::ranges::find(ticket.asked, group) == ticket.asked.end())
      ticket.asked.push_back(group);
  }
  ticket.escalations.erase(ticket.escalations.begin());
  note(ticket, now, "escalated to " + who);
  due_.emplace(due_at(ticket), ticket.id);
  changed(ticket.id, effects);
}

void Desk::close(OpenTickets::iterator entry, Outcome outcome, TimePoint now, Effects& effects) {
  Ticket ticket = std::move(entry->second);
  open_.erase(entry);
  due_.erase({due_at(ticket), ticket.id});
  ticket.outcome = outcome;
  ticket.closed = now;
  note(ticket, now, to_string(outcome));
  changed(ticket.id, effects);
  if (ticket.flood) {
    settle_flood(ticket);
  } else {
    open_by_key_.erase(key_of(ticket.operation));
    forget_host(ticket);
    const auto state = workloads_.find(ticket.operation.workload);
    state->second.flooding = false;
    if (ticket.caller_left) --state->second.lingering;
    if (--state->second.open == 0) {
      state->second.extra = 0;
      if (state->second.flood == 0 && state->second.no_flood_until <= now) workloads_.erase(state);
    }
  }

  const HoldAnswer answer = answer_for(outcome);
  const bool allow = answer == HoldAnswer::allow;
  if (allow && !ticket.flood) leave_grant(ticket, now, effects);
  refusals_.add(ticket);
  for (const HoldId hold : ticket.holds) {
    holds_.erase(hold);
    const TimePoint valid_until = allow ? now + limits_.return_within : TimePoint{};
    effects.emplace_back(Release{hold, answer, valid_until, ticket.id});
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
