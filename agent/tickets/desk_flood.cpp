// SPDX-License-Identifier: Apache-2.0
// What keeps one workload from asking so much that people cannot follow.
#include "context/operation_text.h"
#include "tickets/desk.h"

namespace stayd {

bool Desk::has_room(const Operation& operation, bool needs_ticket, Effects& effects) {
  using Why = DeniedUnasked::Why;
  const auto refuse = [&operation, &effects](bool& said, const char* reason, Why why) {
    if (!said) effects.emplace_back(Refused{operation.hold_id, operation.workload, reason});
    said = true;
    effects.emplace_back(DeniedUnasked{.why = why,
                                       .workload = operation.workload,
                                       .kind = operation.kind,
                                       .process = operation.caller.pid,
                                       .object = object_text(operation)});
    return false;
  };
  if (operation.disposition == Disposition::held && holds_.size() >= limits_.holds) {
    return refuse(holds_full_, "too many holds", Why::too_many_holds);
  }
  const auto state = workloads_.find(operation.workload);
  if (needs_ticket && state != workloads_.end() &&
      state->second.open >= limits_.open_per_workload + state->second.extra) {
    return refuse(state->second.flooding, "flooding", Why::flooding);
  }
  return true;
}

// One question for the whole of a flood: whether more of it may be asked.
void Desk::ask_about_flood(const Operation& operation, const TicketContext& context, TimePoint now,
                           Effects& effects) {
  const auto state = workloads_.find(operation.workload);
  if (state == workloads_.end() || !state->second.flooding || state->second.flood != 0 ||
      now < state->second.no_flood_until || !context.reachable)
    return;
  Ticket ticket = make_ticket(operation, context, now);
  ticket.flood = true;
  ticket.asked_ahead = false;
  ticket.stated_reason.clear();
  ticket.scopes.clear();
  ticket.names.clear();
  ticket.called.clear();
  ticket.sets_off.clear();
  ticket.operation.hold_id = 0;
  ticket.rule_class = RuleClass::none;
  ticket.rule = "more than " + std::to_string(state->second.open) + " tickets are open";
  open_ticket(std::move(ticket), effects);
}

void Desk::settle_flood(const Ticket& ticket) {
  const auto found = workloads_.find(ticket.operation.workload);
  if (found == workloads_.end()) return;
  WorkloadState& state = found->second;
  state.flood = 0;
  if (ticket.outcome == Outcome::approved) {
    state.extra += limits_.open_per_workload;
    state.flooding = false;
  } else {
    state.no_flood_until = ticket.deadline;
  }
}

}  // namespace stayd
