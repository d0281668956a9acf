// SPDX-License-Identifier: Apache-2.0
#include "approval/approval_service.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "audit/events.h"
#include "base/log.h"
#include "tickets/approvers.h"

namespace stayd {
namespace {

// Saved at once when so many wait: the desk forgets tickets that ended long ago.
constexpr std::size_t kMaxUnsaved = 64;

}  // namespace

ApprovalService::ApprovalService(DeskStore& store, Record& record, KernelActions& gate,
                                 People people, Callbacks callbacks)
    : store_(store),
      record_(record),
      gate_(gate),
      people_(std::move(people)),
      callbacks_(std::move(callbacks)),
      told_([this] { callbacks_.told(); }) {}

bool ApprovalService::has_enough_reachable_approvers(const Approval& approval,
                                                     const std::vector<Excluded>& excluded,
                                                     TicketId ticket) const {
  if (!people_.has_file()) return true;  // whoever may use the socket
  std::size_t heard = 0;
  for (const Person* person : who_may_answer(approval, excluded, people_))
    heard += std::ranges::any_of(channels_, [&](const Channel* channel) {
      return ticket == 0 ? channel->reaches(*person) : channel->reaches_with(*person, ticket);
    });
  return heard >= approval.quorum;
}

void ApprovalService::raise(Operation operation, TicketContext context, TimePoint now) {
  context.reachable = has_enough_reachable_approvers(context.approval, context.excluded);
  const Effects effects = desk_.hold_raised(std::move(operation), context, now);
  if (!context.approval.wait_if_unreachable)
    for (const Effect& effect : effects)
      if (const auto* changed = std::get_if<Changed>(&effect))
        need_reachable_approvers_.insert(changed->ticket);
  for (const Effect& effect : effects)
    if (const auto* changed = std::get_if<Changed>(&effect))
      tell_opened(*desk_.find(changed->ticket), context.reference);
  carry_out(effects, now);
}

Result<TicketId> ApprovalService::ask_ahead(Operation operation, TicketContext context,
                                            TimePoint now) {
  const TicketId before = desk_.newest();
  const Surroundings around = context.surroundings();
  if (const TicketId open = desk_.open_about(operation, around);
      open != 0 && would_join(operation, around)) {
    join(operation, now, around);
    return open;
  }
  raise(std::move(operation), std::move(context), now);
  const Ticket* opened = desk_.newest() != before ? desk_.find(desk_.newest()) : nullptr;
  if (opened == nullptr || opened->flood)
    return Error{"this workload has as many open questions as it may; wait for answers"};
  return opened->id;
}

void ApprovalService::join(const Operation& operation, TimePoint now, const Surroundings& around) {
  const Effects effects = desk_.hold_joined(operation, now, around);
  for (const Effect& effect : effects)
    if (const auto* changed = std::get_if<Changed>(&effect))
      if (const Ticket* ticket = desk_.find(changed->ticket); ticket->outcome == Outcome::open)
        note(audit::joined(*ticket, operation.hold_id, now));
  carry_out(effects, now);
  if (operation.disposition != Disposition::cannot_wait) return;
  for (const Effect& effect : effects)
    if (const auto* changed = std::get_if<Changed>(&effect))
      tell_joined(changed->ticket, operation);
}

// Once for each ticket, before it changes for the first time.
void ApprovalService::tell_opened(const Ticket& ticket, const RuleReference& rule) {
  if (ticket.flood || told_tickets_.contains(ticket.id)) return;
  Told& told = told_tickets_[ticket.id] = {.seq = 0, .rule = rule, .lingers = false};
  if (ticket.outcome == Outcome::open) tell_open(ticket, told);
}

void ApprovalService::tell_open(const Ticket& ticket, Told& told) {
  told.lingers = ticket.caller_left.has_value();
  told.seq = told_.add(ticket.operation.workload, open_event(ticket, told.rule));
}

// One more that could not wait, and was denied at once.
void ApprovalService::tell_joined(TicketId id, const Operation& operation) {
  const auto told = told_tickets_.find(id);
  if (told == told_tickets_.end()) return;
  SelfEvent event = denied_event(operation, DenialReason::cannot_wait, told->second.rule);
  event.ticket = id;
  told_.add(operation.workload, std::move(event));
}

// Nothing of a ticket that was open when the host was started anew: its workload is gone, and
// another one may have its number.
void ApprovalService::tell_changed(const Ticket& ticket, HoldEnd left, TimePoint now) {
  const auto found = told_tickets_.find(ticket.id);
  if (found == told_tickets_.end()) return;
  const WorkloadId workload = ticket.operation.workload;
  Told& told = found->second;
  if (ticket.outcome != Outcome::open) {
    told_.add(workload, ended_event(ticket, told.rule, left));
    told_tickets_.erase(found);
  } else if (left == HoldEnd::traced || left == HoldEnd::unattended) {
    told.lingers = ticket.caller_left.has_value();
    told.seq = told_.add(workload, thread_denied_event(ticket, told.rule, left, now));
  } else if (told.lingers != ticket.caller_left.has_value()) {
    tell_open(ticket, told);
  }
}

SelfEvent ApprovalService::told_of(const Ticket& ticket) const {
  const Told& told = told_tickets_.at(ticket.id);
  SelfEvent event = open_event(ticket, told.rule);
  event.seq = told.seq;
  return event;
}

bool ApprovalService::settle(const Operation& operation, const Surroundings& around,
                             const RuleReference& reference, TimePoint now) {
  const Refusal* refusal = desk_.refusal_of(operation);
  if (refusal != nullptr)
    told_.add(operation.workload, denied_event(operation, *refusal, reference));
  const std::optional<Desk::Settled> settled = desk_.settle(operation, around, now);
  if (!settled) return false;
  note(audit::answered(operation, around.rule, around.rule_class, settled->ticket, settled->grant));
  if (settled->grant != 0 && operation.disposition == Disposition::cannot_wait)
    told_.add(operation.workload, approved_event(operation, settled->ticket, reference));
  carry_out(settled->effects, now);
  return true;
}

void ApprovalService::gone(HoldId hold, HoldEnd why, TimePoint now) {
  carry_out(desk_.hold_gone(hold, now, why), now);
}

void ApprovalService::release_workload(WorkloadId workload, TimePoint now) {
  carry_out(desk_.workload_released(workload, now), now);
  told_.forget(workload);
}

void ApprovalService::change_policy(WorkloadId workload, TimePoint now) {
  carry_out(desk_.policy_changed(workload, now), now);
}

void ApprovalService::change_places(WorkloadId workload, TimePoint now) {
  carry_out(desk_.places_changed(workload, now), now);
}

// Also for those whom no channel reaches any more.
void ApprovalService::tick(TimePoint now) { carry_out(desk_.tick(now), now); }

void ApprovalService::carry_out(const Effects& effects, TimePoint now) {
  if (effects.empty()) return;
  for (const Effect& effect : effects)
    std::visit([&](const auto& each) { carry_out(each, now); }, effect);
  save_then_record(now);
  callbacks_.changed();
}

// A ticket that begins or ends is saved before the record says so, or the next agent could go on
// with a ticket that has ended, or give its number to another.
void ApprovalService::save_then_record(TimePoint now) {
  const bool any_unrecorded = std::ranges::any_of(
      pending_tickets_, [](const auto& each) { return each.second.stage == Stage::unrecorded; });
  if (any_unrecorded || pending_tickets_.size() >= kMaxUnsaved) flush(now);
  for (auto& [id, pending] : pending_tickets_) {
    if (pending.stage == Stage::recorded) continue;
    record(pending.ticket, now);
    pending.stage = Stage::recorded;
  }
  callbacks_.flush_soon();
}

void ApprovalService::carry_out(const Changed& changed, TimePoint now) {
  const Ticket* ticket = desk_.find(changed.ticket);
  if (ticket == nullptr) return;
  const bool over = ticket->outcome != Outcome::open;
  if (over) need_reachable_approvers_.erase(ticket->id);
  tell_changed(*ticket, changed.left, now);
  const bool wants_rule = std::ranges::any_of(ticket->decisions, &Decision::propose_rule);
  if (ticket->outcome == Outcome::approved && wants_rule && callbacks_.propose)
    callbacks_.propose(*ticket);
  const bool begins_or_ends = over || !recorded_events_.contains(ticket->id);
  if (!begins_or_ends) record(*ticket, now);
  pending_tickets_.insert_or_assign(
      ticket->id, PendingTicket{*ticket, begins_or_ends ? Stage::unrecorded : Stage::recorded});
  for (Channel* channel : channels_) channel->show(*ticket);
}

// The record has of a ticket that it opened, what happened to it, and how it ended.
void ApprovalService::record(const Ticket& ticket, TimePoint now) {
  const auto [events, is_new] = recorded_events_.try_emplace(ticket.id, 1);  // "opened"
  if (is_new) note(audit::opened(ticket));
  const bool over = ticket.outcome != Outcome::open;
  // The last event of one that is over is its outcome.
  const std::size_t happened = ticket.history.size() - (over && !ticket.history.empty() ? 1 : 0);
  for (; events->second < happened; ++events->second)
    note(audit::happened(ticket, ticket.history[events->second], now));
  if (!over) return;
  note(audit::closed(ticket));
  recorded_events_.erase(ticket.id);
}

void ApprovalService::carry_out(const Refused& refused, TimePoint now) {
  note(audit::refused(refused, now));
}

void ApprovalService::carry_out(const DeniedUnasked& denied, TimePoint now) {
  told_.add(denied.workload, denied_event(denied, now));
}

void ApprovalService::carry_out(const Granted& granted, TimePoint now) {
  const Result<> given = is_for_kernel(granted.grant) ? gate_.grant(granted.grant) : Result<>();
  if (!given)
    log_error("grant {}: {}; what it allows is asked about", granted.grant.id,
              given.error().message);
  note(audit::granted(granted.grant, now));
  pending_grants_.insert_or_assign(granted.grant.id, granted.grant);
}

void ApprovalService::carry_out(const GrantEnded& ended, TimePoint now) {
  if (is_for_kernel(ended.grant)) gate_.revoke(ended.grant);
  note(audit::grant_ended(ended, now));
  pending_grants_.insert_or_assign(ended.grant.id, ended.grant);
}

void ApprovalService::carry_out(const GrantUsed& used, TimePoint) {
  pending_grants_.insert_or_assign(used.grant.id, used.grant);
}

std::int64_t ApprovalService::uses_left(const Grant& grant) {
  return is_for_kernel(grant) ? gate_.uses_left(grant).value_or(0) : grant.uses;
}

void ApprovalService::carry_out(const Release& release, TimePoint now) {
  note(audit::released(release, now));
  gate_.release(release);
}

std::vector<Grant> ApprovalService::grants() {
  std::vector<Grant> grants;
  for (const Grant* grant : desk_.grants().live()) {
    grants.push_back(*grant);
    grants.back().uses = uses_left(*grant);
  }
  return grants;
}

std::vector<Grant> ApprovalService::grants_for(const Operation& operation,
                                               const Surroundings& around) {
  std::vector<Grant> all = grants();
  std::erase_if(all, [&](const Grant& each) {
    const bool fits = is_for_kernel(each)
                          ? key_of(each.workload, each.object) == key_of(operation)
                          : covers(each, operation, around, desk_.grants().in_place(each.id));
    return each.uses == 0 || each.process != ProcessInstance{} || !fits;
  });
  return all;
}

bool ApprovalService::has_directories(WorkloadId workload) const {
  return std::ranges::any_of(desk_.grants().wide_of(workload),
                             [](const Grant* each) { return each->scope == Scope::directory; });
}

std::vector<Grant> ApprovalService::grants_of(TicketId ticket) {
  std::vector<Grant> all = grants();
  std::erase_if(all, [&](const Grant& each) { return each.uses == 0 || each.ticket != ticket; });
  return all;
}

void ApprovalService::look_after_grants(TimePoint now) {
  std::vector<std::pair<GrantId, GrantEnd>> over;
  for (const Grant* grant : desk_.grants().live()) {
    if (uses_left(*grant) == 0)
      over.emplace_back(grant->id, GrantEnd::used_up);
    else if (grant->process != ProcessInstance{} && !gate_.lives(grant->process))
      over.emplace_back(grant->id, GrantEnd::process_ended);
  }
  for (const auto& [id, why] : over) carry_out(desk_.grant_ended(id, why), now);
}

bool ApprovalService::has_enough_reachable_approvers(const Ticket& ticket) const {
  Approval approval;
  approval.approvers = ticket.asked;
  approval.escalate = ticket.escalations;
  approval.quorum = ticket.quorum;
  return has_enough_reachable_approvers(approval, ticket.excluded, ticket.id);
}

void ApprovalService::look_after_channels(TimePoint now) {
  std::vector<TicketId> unheard;
  for (const TicketId id : need_reachable_approvers_)
    if (const Ticket* ticket = desk_.find(id);
        ticket != nullptr && !has_enough_reachable_approvers(*ticket))
      unheard.push_back(id);
  for (const TicketId id : unheard) carry_out(desk_.no_approver(id, now), now);
}

Result<> ApprovalService::keep_channels() {
  for (Channel* channel : channels_)
    if (Result<> kept = channel->keep(); !kept) return in_context(channel->name(), kept.error());
  return {};
}

Result<> ApprovalService::write(const nlohmann::json& event, Durable durable) {
  Result<> written = record_.append(event, durable);
  const std::string error = written ? "" : written.error().message;
  if (error != record_error_ && !error.empty())
    log_error("record: {}; approvals are refused until it can be written", error);
  if (error != record_error_ && error.empty()) log_info("record: can be written again");
  record_error_ = error;
  return written;
}

void ApprovalService::note(const nlohmann::json& event) { (void)write(event, Durable::no); }

// Valid until a pending ticket or grant changes.
Batch ApprovalService::pending_batch() {
  Batch batch;
  for (const auto& [id, pending] : pending_tickets_) {
    batch.tickets.push_back(&pending.ticket);
    if (pending.stage == Stage::unrecorded) batch.unrecorded.insert(id);
  }
  for (const auto& [id, grant] : pending_grants_) batch.grants.push_back(&grant);
  for (const PendingDecision& each : pending_decisions_)
    if (each.applied) batch.applied.push_back(each.stored.id);
  batch.also = [this] { return keep_channels(); };
  return batch;
}

void ApprovalService::forget_saved() {
  std::erase_if(pending_tickets_,
                [](const auto& each) { return each.second.stage == Stage::recorded; });
  pending_grants_.clear();
  std::erase_if(pending_decisions_, [](const PendingDecision& each) { return each.applied; });
}

void ApprovalService::flush(TimePoint now) {
  const Batch batch = pending_batch();
  if (batch.tickets.empty() && batch.grants.empty() && batch.applied.empty()) return;
  const Result<> saved = store_.save(batch, now);
  const std::string error = saved ? "" : saved.error().message;
  if (error != store_error_ && !error.empty())
    log_error("store: {}; approvals are refused until it can be written", error);
  if (error != store_error_ && error.empty()) log_info("store: can be written again");
  store_error_ = error;
  if (!saved) return;
  forget_saved();
  for (Channel* channel : channels_) channel->kept();
}

std::string ApprovalService::trouble() const {
  return record_error_.empty() ? store_error_ : "record: " + record_error_;
}

}  // namespace stayd
