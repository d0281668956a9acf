// SPDX-License-Identifier: Apache-2.0
#include "tickets/ticket.h"

#include <algorithm>

namespace stayd {

const char* to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::open:
      return "open";
    case Outcome::approved:
      return "approved";
    case Outcome::denied:
      return "denied";
    case Outcome::expired:
      return "expired";
    case Outcome::no_approver:
      return "no_approver";
    case Outcome::cancelled:
      return "cancelled";
    case Outcome::superseded:
      return "superseded";
  }
  return "unknown";
}

TimePoint answerable_until(const Ticket& ticket) {
  if (!ticket.caller_left || !ticket.linger) return ticket.deadline;
  return std::min<TimePoint>(ticket.deadline, *ticket.caller_left + *ticket.linger);
}

TimePoint due_at(const Ticket& ticket) {
  const TimePoint end = answerable_until(ticket);
  if (ticket.escalations.empty()) return end;
  return std::min<TimePoint>(end, ticket.opened + ticket.escalations.front().after);
}

TimePoint next_attempt_until(const Ticket& ticket, TimePoint now, const DeskLimits& limits) {
  return std::clamp<TimePoint>(ticket.deadline, now + limits.retry_within,
                               now + limits.longest_grant);
}

void note(Ticket& ticket, TimePoint now, std::string what) {
  if (ticket.history.size() < Ticket::kMaxEvents) ticket.history.push_back({now, std::move(what)});
}

void note_once(Ticket& ticket, TimePoint now, const char* what) {
  const bool said = std::ranges::any_of(
      ticket.history, [what](const TicketEvent& each) { return each.what == what; });
  if (!said) note(ticket, now, what);
}

const Decision* final_decision(const Ticket& ticket) {
  const bool decided = ticket.outcome == Outcome::approved || ticket.outcome == Outcome::denied;
  return decided && !ticket.decisions.empty() ? &ticket.decisions.back() : nullptr;
}

}  // namespace stayd
