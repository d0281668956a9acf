// SPDX-License-Identifier: Apache-2.0
// What approvals leave behind, and what it answers.
#include <algorithm>
#include <limits>

#include "context/operation_text.h"
#include "tickets/desk.h"

namespace stayd {
namespace {

constexpr std::int64_t kAnyNumber = std::numeric_limits<std::int64_t>::max();
// Attempts at other addresses of a host that belong to one approved attempt.
constexpr std::int64_t kOtherAddresses = 3;

// Of several approvals the narrowest counts: nobody agreed to more.
Decision narrowest(const std::vector<Decision>& decisions) {
  Decision result = decisions.front();
  const auto shorter = [](std::chrono::seconds a, std::chrono::seconds b) {
    if (a.count() == 0 || b.count() == 0) return std::max(a, b);
    return std::min(a, b);
  };
  const auto fewer = [](std::int64_t a, std::int64_t b) {
    return a == 0 || b == 0 ? std::max(a, b) : std::min(a, b);
  };
  for (const Decision& each : decisions) {
    result.scope = std::min(result.scope, each.scope);
    result.grant_for = shorter(result.grant_for, each.grant_for);
    result.uses = fewer(result.uses, each.uses);
  }
  return result;
}

std::string what_of(const Operation& operation) {
  return std::string(to_string(operation.kind)) + " " + object_text(operation);
}

ProcessInstance process_of(const Operation& operation) {
  return {operation.caller.pid, operation.caller.start_ns};
}

// For identical operations; without an expiry and for any number of them.
Grant exact_grant(const Ticket& ticket, const Operation& operation, Scope scope) {
  Grant grant;
  grant.ticket = ticket.id;
  grant.workload = operation.workload;
  grant.object = operation.object;
  grant.scope = scope;
  if (scope == Scope::process) grant.process = process_of(operation);
  grant.workload_name = ticket.workload;
  grant.what = what_of(operation);
  return grant;
}

}  // namespace

// A grant for the process or the workload is about every address that the ticket has come to be
// about.
void Desk::leave_grant(const Ticket& ticket, TimePoint now, Effects& effects) {
  const Decision agreed = narrowest(ticket.decisions);
  const auto add = [&](Grant grant) {
    grant.person = ticket.decisions.back().person;
    grant.granted = now;
    grant.uses = agreed.uses == 0 ? kAnyNumber : agreed.uses;
    if (agreed.grant_for.count() > 0) grant.expires = now + agreed.grant_for;
    const bool in_directory = grant.scope == Scope::directory;
    const GrantId id = grants_.add(std::move(grant), effects);
    if (in_directory) grants_.note_in_place(id, {ticket.operation.object.inode});
  };
  if (agreed.scope > Scope::workload) {
    add(wide_grant(ticket, agreed.scope));
  } else if (agreed.scope != Scope::once) {
    for (const Operation& each : attempts_of(ticket)) add(exact_grant(ticket, each, agreed.scope));
  }
  // Whoever asked and left may be another process when it tries again. The kernel side denies what
  // cannot wait before anything but a grant of its own is asked.
  const bool next_attempt = agreed.scope == Scope::once
                                ? is_for_next_attempt(ticket) || !ticket.names.empty()
                                : (agreed.scope == Scope::process && ticket.caller_left) ||
                                      (agreed.scope > Scope::workload && ticket.cannot_wait_joined);
  if (next_attempt) leave_for_next_attempt(ticket, now, effects);
}

// Of a host the next attempt may be at another address. If somebody waits, this attempt may go on
// with others of its addresses: IPv4 after IPv6.
void Desk::leave_for_next_attempt(const Ticket& ticket, TimePoint now, Effects& effects) {
  const bool at_any_address = !ticket.names.empty() && !ticket.cannot_wait_joined;
  Grant grant = at_any_address ? wide_grant(ticket, Scope::once)
                               : exact_grant(ticket, ticket.operation, Scope::once);
  grant.person = ticket.decisions.back().person;
  grant.granted = now;
  grant.uses = 1;
  grant.expires = next_attempt_until(ticket, now, limits_);
  if (!is_for_next_attempt(ticket)) {
    grant.process = process_of(ticket.operation);
    grant.uses = kOtherAddresses;
    grant.expires = now + limits_.return_within;
  }
  grants_.add(std::move(grant), effects);
}

const Grant* Desk::covering_grant(const Operation& operation, const Surroundings& around) const {
  const Grant* found = nullptr;
  for (const Grant* each : grants_.wide_of(operation.workload)) {
    if (each->expires && *each->expires <= operation.time) continue;
    if (!covers(*each, operation, around, grants_.in_place(each->id))) continue;
    // One that can be used any number of times spares the others.
    if (found == nullptr || each->uses > found->uses) found = each;
  }
  return found;
}

bool Desk::would_settle(const Operation& operation, const Surroundings& around) const {
  if (operation.disposition == Disposition::held && holds_.contains(operation.hold_id))
    return false;
  return refusal_of(operation) != nullptr || covering_grant(operation, around) != nullptr;
}

std::optional<Desk::Settled> Desk::settle(const Operation& operation, const Surroundings& around,
                                          TimePoint now) {
  const bool held = operation.disposition == Disposition::held;
  if (held && holds_.contains(operation.hold_id)) return std::nullopt;
  Settled settled;
  if (const Refusal* refusal = refusal_of(operation)) {
    settled.ticket = refusal->ticket;
    if (held)
      settled.effects.emplace_back(
          Release{operation.hold_id, HoldAnswer::deny, {}, refusal->ticket});
    return settled;
  }
  const Grant* covering = covering_grant(operation, around);
  if (covering == nullptr) return std::nullopt;
  const Grant grant = *covering;
  ++revision_;
  settled.ticket = grant.ticket;
  settled.grant = grant.id;
  grants_.note_in_place(grant.id, let_through_in(grant, around));
  grants_.use(grant.id, settled.effects);
  if (held) {
    settled.effects.emplace_back(
        Release{operation.hold_id, HoldAnswer::allow, now + limits_.return_within, grant.ticket});
    return settled;
  }
  Grant next = grant;
  next.object = operation.object;
  next.scope = Scope::once;
  next.what = what_of(operation);
  next.places.clear();
  next.rule.clear();
  next.touched.clear();
  next.granted = now;
  next.uses = 1;
  next.expires =
      std::min(grant.expires.value_or(TimePoint::max()), TimePoint(now + limits_.retry_within));
  grants_.add(std::move(next), settled.effects);
  return settled;
}

// With what it has left for next attempts.
Result<Effects> Desk::revoke(GrantId id, const PersonId& by) {
  const Grant* grant = grants_.find(id);
  if (grant == nullptr)
    return Error{"grant " + std::to_string(id) + ": there is no such grant, or it has ended"};
  const TicketId ticket = grant->ticket;
  Effects effects;
  grants_.end(id, GrantEnd::revoked, effects, by);
  for (const Grant* each : grants_.live())
    if (each->ticket == ticket && each->scope == Scope::once)
      grants_.end(each->id, GrantEnd::revoked, effects, by);
  ++revision_;
  return {boost::system::in_place_value, std::move(effects)};
}

Effects Desk::grant_ended(GrantId grant, GrantEnd why) {
  Effects effects;
  grants_.end(grant, why, effects);
  if (!effects.empty()) ++revision_;
  return effects;
}

}  // namespace stayd
