// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "approval/approval_service.h"
#include "audit/events.h"
#include "base/escape.h"
#include "base/log.h"

namespace stayd {

Result<> ApprovalService::load(const std::string& epoch, TimePoint now) {
  Result<Snapshot> snapshot = store_.load(epoch);
  if (!snapshot) return snapshot.error();
  const bool anew = snapshot->is_other_boot;
  tell_what_was_left(*snapshot);
  desk_.start_after(snapshot->last_ticket, snapshot->last_grant);
  for (Ticket& ticket : snapshot->closed) desk_.restore(std::move(ticket));
  std::vector<TicketId> lost;
  for (Ticket& ticket : snapshot->open) {
    told_[ticket.id].events = ticket.history.size();
    if (anew) lost.push_back(ticket.id);
    if (anew) ticket.holds.clear();
    desk_.restore(std::move(ticket));
  }
  if (anew) {
    end_all(*snapshot, lost, now);
  } else {
    for (const Grant& grant : snapshot->grants) desk_.restore(grant);
    unapplied_ = std::move(snapshot->decisions);
  }
  return store_.keep_boot(epoch);
}

// The agent before may have ended between saving a ticket and recording that it began, or ended.
void ApprovalService::tell_what_was_left(const Snapshot& snapshot) {
  const auto tell_of = [&](const Ticket& ticket) {
    if (!snapshot.untold.contains(ticket.id)) return;
    note_once(audit::opened(ticket));
    if (ticket.outcome != Outcome::open) note_once(audit::closed(ticket));
    unsaved_.insert_or_assign(ticket.id, ticket);
  };
  for (const Ticket& ticket : snapshot.closed) tell_of(ticket);
  for (const Ticket& ticket : snapshot.open) tell_of(ticket);
}

// Whoever asked is gone with the boot, and so is whom something was granted to.
void ApprovalService::end_all(const Snapshot& snapshot, const std::vector<TicketId>& lost,
                              TimePoint now) {
  for (const TicketId id : lost) carry_out(desk_.cancelled(id, now), now);
  for (Grant grant : snapshot.grants) {
    grant.end = GrantEnd::workload_ended;
    note(audit::grant_ended({grant, {}}, now));
    unsaved_grants_.insert_or_assign(grant.id, grant);
  }
  for (const StoredDecision& each : snapshot.decisions) {
    note(audit::decision_refused(each.decision, workload_of(each.decision),
                                 "the host was started anew before it counted", now));
    applied_.push_back(each.id);
  }
  flush(now);
}

std::string ApprovalService::workload_of(const Decision& decision) const {
  const Ticket* ticket = desk_.find(decision.ticket);
  return ticket != nullptr ? ticket->workload : "";
}

std::vector<HoldId> ApprovalService::waiting() const {
  std::vector<HoldId> holds;
  for (const Ticket* ticket : desk_.open_tickets())
    holds.insert(holds.end(), ticket->holds.begin(), ticket->holds.end());
  return holds;
}

// Unless it is there: the agent before may have ended before it could note that.
void ApprovalService::note_once(const nlohmann::json& event) {
  const Result<bool> known = record_.has(
      {{"event", event["event"]}, {"ticket", event["ticket"]}, {"time", event["time"]}});
  if (!known) log_error("record: {}", known.error().message);
  if (!known || !*known) note(event);
}

// In the order in which they were made, as of when they were made.
void ApprovalService::resume(TimePoint now) {
  for (const StoredDecision& each : std::exchange(unapplied_, {})) {
    if (!each.recorded)
      note_once(audit::decided(each.decision, workload_of(each.decision), each.given, "recovered"));
    Result<Effects> effects = desk_.decide(each.decision, people_, each.given);
    if (!effects)
      note(audit::decision_refused(each.decision, workload_of(each.decision),
                                   effects.error().message, now));
    applied_.push_back(each.id);
    if (effects) carry_out(*effects, now);
  }
  flush(now);
}

// Stored, then recorded. After a failure it is in neither, or will be found by the next agent.
Result<> ApprovalService::store_decision(const Decision& decision, TimePoint now) {
  flush(now);  // the ticket, if it is new
  if (!store_error_.empty()) return Error{"it cannot be stored: " + store_error_};
  Result<DecisionId> id = store_.add_decision(decision, now);
  if (!id) {
    store_error_ = id.error().message;
    return in_context("it cannot be stored", id.error());
  }
  if (Result<> written = write(audit::decided(decision, workload_of(decision), now), Durable::yes);
      !written) {
    if (Result<> removed = store_.remove_decision(*id); !removed)
      log_error("store: {}", removed.error().message);
    return in_context("it cannot be recorded", written.error());
  }
  if (Result<> noted = store_.mark_recorded(*id); !noted)
    log_error("store: {}", noted.error().message);
  applied_.push_back(*id);
  return {};
}

Result<const Ticket*> ApprovalService::answer(Answer answer, TimePoint now) {
  Decision& decision = answer.decision;
  decision.account = to_string(answer.account);
  const std::optional<PersonId> person = people_.person_of(answer.account);
  Result<> acceptable =
      person ? Result<>{} : Error{decision.account + " is in no entry of people.yaml"};
  if (person) {
    decision.person = *person;
    if (people_.find(*person) != nullptr) decision.name = people_.name_of(*person);
    if (decision.name.empty()) decision.name = *person;
    acceptable = desk_.check(decision, people_, now);
  }
  if (!acceptable) {
    note(audit::decision_refused(decision, workload_of(decision), acceptable.error().message, now));
    return acceptable.error();
  }
  const Result<> stored = store_decision(decision, now);
  if (!stored && decision.choice == Choice::approve)
    return in_context("ticket " + std::to_string(decision.ticket) + " is not approved",
                      stored.error());
  if (!stored) log_error("denial of ticket {}: {}", decision.ticket, stored.error().message);
  Result<Effects> effects = desk_.decide(decision, people_, now);
  if (!effects) return effects.error();
  carry_out(*effects, now);
  return desk_.find(decision.ticket);
}

Result<const Ticket*> ApprovalService::snooze(TicketId ticket, const Decision& who,
                                              std::chrono::seconds time, TimePoint now) {
  Result<Effects> effects = desk_.snooze(ticket, who, people_, now + time, now);
  if (!effects) return effects.error();
  carry_out(*effects, now);
  return desk_.find(ticket);
}

Result<Grant> ApprovalService::revoke(GrantId id, const PersonId& by, TimePoint now) {
  Result<Effects> effects = desk_.revoke(id, by);
  if (!effects) return effects.error();
  carry_out(*effects, now);
  return std::get<GrantEnded>(effects->front()).grant;
}

Result<> ApprovalService::break_glass(WorkloadId workload, const std::string& cgroup,
                                      const Decision& who, std::chrono::seconds time,
                                      TimePoint now) {
  if (Result<> written = write(audit::glass_broken(cgroup, who, now + time, now), Durable::yes);
      !written)
    return in_context("break-glass is refused: the record cannot be written", written.error());
  const std::string text = "Break-glass on " + escape(cgroup) + " by " + escape(who.name) +
                           " for " + std::to_string(time.count() / 60) +
                           " min: " + escape(who.reason) + ". Until then nothing of it is held.";
  log_warning("{}", text);
  for (Channel* channel : channels_) channel->announce(text);
  carry_out(desk_.break_glass(workload, who, now + time, now), now);
  return {};
}

}  // namespace stayd
