// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/escape.h"
#include "base/rfc3339.h"
#include "tickets/approvers.h"
#include "tickets/desk.h"

namespace stayd {
namespace {

Error about(TicketId ticket, const std::string& text) {
  return Error{"ticket " + std::to_string(ticket) + ": " + text};
}

std::string how_it_ended(const Ticket& ticket) {
  std::string text = std::string("already ") + to_string(ticket.outcome);
  if (ticket.outcome == Outcome::no_approver) text = "already ended, nobody could have answered";
  if (const Decision* decision = final_decision(ticket)) text += " by " + escape(decision->name);
  return text + " at " + rfc3339(ticket.closed.value_or(ticket.deadline));
}

bool is_blank(const std::string& text) {
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

std::string offered(const Ticket& ticket) {
  std::string text = to_string(Scope::once);
  for (const Scope scope : ticket.scopes) text += std::string(", ") + to_string(scope);
  return text;
}

}  // namespace

Result<> Desk::check_reason(const Decision& decision) const {
  if (decision.reason.size() > limits_.reason_bytes)
    return Error{"the reason is longer than " + std::to_string(limits_.reason_bytes) + " bytes"};
  if (decision.choice == Choice::deny && is_blank(decision.reason))
    return Error{"a denial needs a reason"};
  return {};
}

Result<> Desk::check_grant(const Ticket& ticket, const Decision& decision) const {
  const bool limits = decision.grant_for.count() != 0 || decision.uses != 0;
  if (decision.choice == Choice::deny &&
      (limits || decision.propose_rule || decision.scope != Scope::once))
    return Error{"a denial leaves no grant"};
  if (decision.scope == Scope::once && limits) return Error{"once leaves no grant"};
  if (decision.grant_for.count() < 0 || decision.grant_for > limits_.longest_grant)
    return Error{"a grant lasts 1 s to " + std::to_string(limits_.longest_grant.count()) + " s"};
  if (decision.scope != Scope::once &&
      std::ranges::find(ticket.scopes, decision.scope) == ticket.scopes.end())
    return Error{"it can be approved for: " + offered(ticket) + "; not for the " +
                 to_string(decision.scope)};
  if (decision.scope > Scope::workload && decision.grant_for.count() == 0)
    return Error{std::string("an approval for the ") + to_string(decision.scope) +
                 " is for a time; say how long"};
  if (decision.uses < 0) return Error{"a grant has at least one use"};
  return {};
}

Result<Desk::Accepted> Desk::check(Decision decision, const People& people, TimePoint now) const {
  const Ticket* ticket = find(decision.ticket);
  if (ticket == nullptr) return about(decision.ticket, "there is no such ticket");
  if (ticket->outcome != Outcome::open) return about(ticket->id, how_it_ended(*ticket));
  if (now >= ticket->deadline)
    return about(ticket->id,
                 "expired at " + rfc3339(ticket->deadline) + ", before the answer came");
  if (now >= answerable_until(*ticket))
    return about(ticket->id, "nobody waits for it any more, and its time ended at " +
                                 rfc3339(answerable_until(*ticket)));
  if (decision.digest != ticket->digest)
    return about(ticket->id,
                 "the answer was to something else than this ticket shows (the digest "
                 "differs): look at it again");
  if (decision.person.empty()) return about(ticket->id, "it is not known who answers");
  for (const Result<>& checked : {may_answer(*ticket, decision, people), check_reason(decision),
                                  check_grant(*ticket, decision)})
    if (!checked) return about(ticket->id, checked.error().message);
  const bool twice = std::ranges::any_of(ticket->decisions, [&](const Decision& earlier) {
    return is_same_person(earlier, decision);
  });
  if (twice && decision.choice == Choice::approve)
    return about(ticket->id, escape(decision.name) + " has approved already; " +
                                 std::to_string(ticket->quorum - ticket->decisions.size()) +
                                 " more must, somebody else");
  return Accepted{std::move(decision), revision_};
}

Result<Effects> Desk::decide(const Decision& decision, const People& people, TimePoint now) {
  const Result<Accepted> accepted = check(decision, people, now);
  if (!accepted) return accepted.error();
  return apply(*accepted, now);
}

Result<Effects> Desk::apply(const Accepted& accepted, TimePoint now) {
  const Decision& decision = accepted.decision;
  const auto entry = open_.find(decision.ticket);
  if (accepted.revision != revision_ || entry == open_.end() ||
      now >= answerable_until(entry->second))
    return about(decision.ticket, "it changed while the answer was stored: look at it again");
  trim_closed();
  Effects effects;
  Ticket& ticket = entry->second;
  ticket.decisions.push_back(decision);
  const bool approves = decision.choice == Choice::approve;
  std::string event = std::string(approves ? "approved" : "denied") + " by " + decision.name;
  const bool enough = !approves || ticket.decisions.size() >= ticket.quorum;
  if (ticket.quorum > 1 && approves)
    event += " (" + std::to_string(ticket.decisions.size()) + " of " +
             std::to_string(ticket.quorum) + ")";
  note(ticket, now, std::move(event));
  if (enough)
    close(entry, approves ? Outcome::approved : Outcome::denied, now, effects);
  else
    changed(ticket.id, effects);
  return {boost::system::in_place_value, std::move(effects)};
}

Result<Effects> Desk::snooze(TicketId id, const Decision& who, const People& people,
                             TimePoint until, TimePoint now) {
  const auto entry = open_.find(id);
  if (entry == open_.end()) {
    const Ticket* ended = find(id);
    return about(id, ended != nullptr ? how_it_ended(*ended) : "there is no such ticket");
  }
  if (Result<> may = may_answer(entry->second, who, people); !may)
    return about(id, may.error().message);
  if (until <= now || until > now + limits_.max_snooze)
    return about(
        id, "it can be put off by 1 s to " + std::to_string(limits_.max_snooze.count()) + " s");
  Ticket& ticket = entry->second;
  std::erase_if(ticket.snooze, [&](const auto& each) { return each.first == who.person; });
  ticket.snooze.emplace_back(who.person, until);
  note(ticket, now, "put off by " + who.name + " until " + rfc3339(until));
  Effects effects;
  changed(id, effects);
  return {boost::system::in_place_value, std::move(effects)};
}

bool Desk::is_glass_broken(WorkloadId workload, TimePoint now) const {
  const auto glass = glass_.find(workload);
  return glass != glass_.end() && now < glass->second.until;
}

void Desk::approve_by_glass(OpenTickets::iterator entry, TimePoint now, Effects& effects) {
  Decision decision = glass_.at(entry->second.operation.workload).decision;
  decision.ticket = entry->first;
  decision.digest = entry->second.digest;
  decision.choice = Choice::approve;
  decision.scope = Scope::once;
  decision.break_glass = true;
  note(entry->second, now, "break-glass by " + decision.name);
  entry->second.decisions.push_back(std::move(decision));
  close(entry, Outcome::approved, now, effects);
}

Effects Desk::break_glass(WorkloadId workload, const Decision& decision, TimePoint until,
                          TimePoint now) {
  trim_closed();
  glass_[workload] = {decision, until};
  Effects effects;
  std::vector<TicketId> theirs;
  for (const auto& [id, ticket] : open_)
    if (ticket.operation.workload == workload && !ticket.flood) theirs.push_back(id);
  for (const TicketId id : theirs) approve_by_glass(open_.find(id), now, effects);
  return effects;
}

}  // namespace stayd
