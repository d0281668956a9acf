// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "approval/approval_service.h"
#include "audit/events.h"
#include "base/escape.h"
#include "base/log.h"

namespace stayd {

Result<> ApprovalService::load(const std::string& epoch, TimePoint now) {
  Result<Snapshot> snapshot = store_.load(epoch);
  if (!snapshot) return snapshot.error();
  // Microseconds: no workload is told as many things in a second, and JavaScript counts as far.
  const std::chrono::microseconds start = now.time_since_epoch();
  told_.start_after(static_cast<std::uint64_t>(start.count()));
  const bool anew = snapshot->is_other_boot;
  record_what_was_left(*snapshot);
  desk_.start_after(snapshot->last_ticket, snapshot->last_grant);
  for (Ticket& ticket : snapshot->closed) desk_.restore(std::move(ticket));
  std::vector<TicketId> lost;
  for (Ticket& ticket : snapshot->open) {
    recorded_events_[ticket.id] = ticket.history.size();
    if (anew) lost.push_back(ticket.id);
    if (anew) ticket.holds.clear();
    if (!anew) tell_opened(ticket, reference_by_text(ticket.rule));
    desk_.restore(std::move(ticket));
  }
  if (anew) {
    end_all(*snapshot, lost, now);
  } else {
    for (const Grant& grant : snapshot->grants) desk_.restore(grant);
    desk_.restore_refusals();
    for (StoredDecision& each : snapshot->decisions)
      pending_decisions_.push_back({.stored = std::move(each), .applied = false});
  }
  return store_.keep_boot(epoch);
}

// The agent before may have ended between saving a ticket and recording that it began, or ended.
void ApprovalService::record_what_was_left(const Snapshot& snapshot) {
  const auto record_once = [&](const Ticket& ticket) {
    if (!snapshot.unrecorded.contains(ticket.id)) return;
    note_once(audit::opened(ticket));
    if (ticket.outcome != Outcome::open) note_once(audit::closed(ticket));
    pending_tickets_.insert_or_assign(ticket.id, PendingTicket{ticket, Stage::recorded});
  };
  for (const Ticket& ticket : snapshot.closed) record_once(ticket);
  for (const Ticket& ticket : snapshot.open) record_once(ticket);
}

// Whoever asked is gone with the boot, and so is whom something was granted to.
void ApprovalService::end_all(const Snapshot& snapshot, const std::vector<TicketId>& lost,
                              TimePoint now) {
  for (const TicketId id : lost) carry_out(desk_.cancelled(id, now), now);
  for (Grant grant : snapshot.grants) {
    grant.end = GrantEnd::workload_ended;
    note(audit::grant_ended({grant, {}}, now));
    pending_grants_.insert_or_assign(grant.id, grant);
  }
  for (const StoredDecision& each : snapshot.decisions) {
    note(audit::decision_refused(each.decision, workload_of(each.decision),
                                 "the host was started anew before it counted", now));
    pending_decisions_.push_back({.stored = each, .applied = true});
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
  std::vector<PendingDecision> unapplied;
  std::ranges::copy_if(pending_decisions_, std::back_inserter(unapplied),
                       [](const PendingDecision& each) { return !each.applied; });
  for (const PendingDecision& pending : unapplied) {
    const StoredDecision& each = pending.stored;
    if (!each.recorded)
      note_once(audit::decided(each.decision, workload_of(each.decision), each.given, "recovered"));
    Result<Effects> effects = desk_.decide(each.decision, people_, each.given);
    if (!effects)
      note(audit::decision_refused(each.decision, workload_of(each.decision),
                                   effects.error().message, now));
    for (PendingDecision& known : pending_decisions_)
      if (known.stored.id == each.id) known.applied = true;
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
  pending_decisions_.push_back(
      {.stored = {.id = *id, .decision = decision, .given = now, .recorded = true},
       .applied = true});
  return {};
}

// The one place where an account becomes a person.
Decision ApprovalService::identify(const Requester& by) const {
  Decision who;
  who.account = to_string(by.account);
  who.name = by.name;
  who.channel = by.channel;
  if (const std::optional<PersonId> person = people_.person_of(by.account)) {
    who.person = *person;
    if (people_.find(*person) != nullptr) who.name = people_.name_of(*person);
    if (who.name.empty()) who.name = *person;
  }
  if (by.login_uid) who.behind.push_back(people_.person_behind(*by.login_uid));
  return who;
}

Result<const Ticket*> ApprovalService::answer(Answer answer, TimePoint now) {
  Decision& decision = answer.decision;
  Decision who = identify({answer.account, decision.name, decision.channel, answer.login_uid});
  decision.account = who.account;
  decision.person = who.person;
  decision.name = who.name;
  decision.behind.insert(decision.behind.end(), who.behind.begin(), who.behind.end());
  const Result<Desk::Accepted> accepted =
      who.person.empty() ? Error{decision.account + " is in no entry of people.yaml"}
                         : desk_.check(decision, people_, now);
  if (!accepted) {
    note(audit::decision_refused(decision, workload_of(decision), accepted.error().message, now));
    return accepted.error();
  }
  const Result<> stored = store_decision(decision, now);
  if (!stored && decision.choice == Choice::approve)
    return in_context("ticket " + std::to_string(decision.ticket) + " is not approved",
                      stored.error());
  if (!stored) log_error("denial of ticket {}: {}", decision.ticket, stored.error().message);
  Result<Effects> effects = desk_.apply(*accepted, now);
  if (!effects) return effects.error();
  carry_out(*effects, now);
  return desk_.find(decision.ticket);
}

Result<const Ticket*> ApprovalService::snooze(TicketId ticket, const Requester& by,
                                              std::chrono::seconds time, TimePoint now) {
  Result<Effects> effects = desk_.snooze(ticket, identify(by), people_, now + time, now);
  if (!effects) return effects.error();
  carry_out(*effects, now);
  return desk_.find(ticket);
}

// Taking a permission back needs none: whoever may use a channel may be careful.
Result<Grant> ApprovalService::revoke(GrantId id, const Requester& by, TimePoint now) {
  const Decision who = identify(by);
  Result<Effects> effects = desk_.revoke(id, who.person.empty() ? who.account : who.person);
  if (!effects) return effects.error();
  carry_out(*effects, now);
  return std::get<GrantEnded>(effects->front()).grant;
}

Result<> ApprovalService::break_glass(WorkloadId workload, const std::string& cgroup,
                                      const Requester& by, const std::string& reason,
                                      std::chrono::seconds time, TimePoint now) {
  Decision who = identify(by);
  if (who.person.empty()) who.person = who.account;
  who.reason = reason;
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
