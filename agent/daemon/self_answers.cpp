// SPDX-License-Identifier: Apache-2.0
#include "daemon/self_answers.h"

#include "audit/events.h"
#include "base/escape.h"
#include "base/rfc3339.h"
#include "context/operation_text.h"

namespace stayd {

std::optional<WorkloadId> SelfAnswers::workload_of(const Peer& peer) {
  return peer.workload && gate_.is_live(*peer.workload) ? peer.workload : std::nullopt;
}

nlohmann::json SelfAnswers::holds(WorkloadId workload) {
  nlohmann::json result = nlohmann::json::array();
  for (const Ticket* ticket : approvals_.open_tickets()) {
    const Operation& operation = ticket->operation;
    if (operation.workload != workload || ticket->flood) continue;
    result.push_back({{"ticket", ticket->id},
                      {"operation", to_string(operation.kind)},
                      {"object", escape(object_text(operation))},
                      {"since", rfc3339(ticket->opened)},
                      {"until", rfc3339(answerable_until(*ticket))},
                      {"threads", ticket->holds.size()},
                      {"retry", to_string(Retry::after_approval)}});
  }
  return result;
}

nlohmann::json SelfAnswers::denials(WorkloadId workload) {
  nlohmann::json result = nlohmann::json::array();
  for (const Denial& denial : approvals_.denials_of(workload)) result.push_back(to_json(denial));
  return result;
}

void SelfAnswers::declare_intent(WorkloadId workload, const Peer& peer, const std::string& text) {
  Intent intent{.text = text, .declared = callbacks_.clock(), .process = peer.pid, .login_uid = {}};
  intent.login_uid = peer.login_uid ? peer.login_uid : std::optional<std::uint32_t>(peer.uid);
  if (const WorkloadPtr known = gate_.workload(workload))
    approvals_.note(audit::intent(known->cgroup, intent));
  contexts_.declare(workload, std::move(intent));
}

}  // namespace stayd
