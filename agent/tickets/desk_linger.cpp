// SPDX-License-Identifier: Apache-2.0
// Questions that outlive whoever asked them.
#include "tickets/desk.h"

namespace stayd {
namespace {

constexpr const char* kCallerLeft = "nobody waits for it any more";

}  // namespace

void Desk::linger(OpenTickets::iterator entry, TimePoint now, Effects& effects) {
  Ticket& ticket = entry->second;
  if (ticket.linger == std::chrono::seconds(0))
    return close(entry, Outcome::cancelled, now, effects);
  set_caller_left(ticket, now);
  note_once(ticket, now, kCallerLeft);
  changed(ticket.id, effects);
}

void Desk::set_caller_left(Ticket& ticket, std::optional<TimePoint> when) {
  WorkloadState& state = workloads_.at(ticket.operation.workload);
  if (ticket.caller_left) --state.lingering;
  if (when) ++state.lingering;
  due_.erase({due_at(ticket), ticket.id});
  ticket.caller_left = when;
  due_.emplace(due_at(ticket), ticket.id);
}

// Of a workload that has as many tickets as it may: the question that has lingered longest goes,
// because somebody waits for the new one.
void Desk::make_room(WorkloadId workload, TimePoint now, Effects& effects) {
  const auto state = workloads_.find(workload);
  if (state == workloads_.end() || state->second.lingering == 0 ||
      state->second.open < limits_.open_per_workload + state->second.extra)
    return;
  auto oldest = open_.end();
  for (auto each = open_.begin(); each != open_.end(); ++each) {
    const Ticket& ticket = each->second;
    if (ticket.operation.workload != workload || !ticket.caller_left) continue;
    if (oldest == open_.end() || ticket.caller_left < oldest->second.caller_left) oldest = each;
  }
  if (oldest == open_.end()) return;
  note(oldest->second, now, "made room for another question of the workload");
  close(oldest, Outcome::cancelled, now, effects);
}

const Refusal* Desk::refusal_of(const Operation& operation) const {
  if (is_glass_broken(operation.workload, operation.time)) return nullptr;
  return refusals_.find(operation, operation.time);
}

void Desk::restore_refusals() {
  for (const TicketId id : closed_order_) refusals_.add(closed_.at(id));
}

}  // namespace stayd
