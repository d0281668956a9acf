// SPDX-License-Identifier: Apache-2.0
#include "daemon/self_answers.h"

#include "audit/events.h"
#include "base/rfc3339.h"

namespace stayd {
namespace {

constexpr std::chrono::minutes kNews{2};  // to a reader that is new

}  // namespace

std::optional<WorkloadId> SelfAnswers::workload_of(const Peer& peer) {
  return peer.workload && gate_.is_live(*peer.workload) ? peer.workload : std::nullopt;
}

nlohmann::json SelfAnswers::holds(WorkloadId workload) {
  nlohmann::json holds = nlohmann::json::array();
  for (const Ticket* ticket : approvals_.open_tickets()) {
    if (ticket->operation.workload != workload || ticket->flood) continue;
    nlohmann::json hold = to_json(approvals_.told_of(*ticket));
    hold["since"] = rfc3339(ticket->opened);
    hold["threads"] = ticket->holds.size();
    if (ticket->operation.pending) hold["pending"] = true;
    holds.push_back(std::move(hold));
  }
  return {{"holds", std::move(holds)}, {"seq", latest(workload)}};
}

std::uint64_t SelfAnswers::latest(WorkloadId workload) {
  return approvals_.told().latest(workload);
}

nlohmann::json SelfAnswers::events(WorkloadId workload, std::uint64_t after) {
  return reply(workload, after, "events", [](const SelfEvent&) { return true; });
}

nlohmann::json SelfAnswers::denials(WorkloadId workload, std::uint64_t after) {
  return reply(workload, after, "denials", [](const SelfEvent& event) {
    return event.what == SelfEvent::What::denied ||
           (event.what == SelfEvent::What::approved && event.retry == Retry::now);
  });
}

// What happened before a session began is not the session's news; nobody says when that was.
nlohmann::json SelfAnswers::unread(WorkloadId workload, const std::string& reader) {
  const std::optional<std::uint64_t> before = readers_.read(workload, reader, latest(workload));
  const TimePoint oldest = before ? TimePoint{} : clock_() - kNews;
  return reply(workload, before.value_or(0), "events",
               [oldest](const SelfEvent& event) { return event.time >= oldest; });
}

nlohmann::json SelfAnswers::reply(WorkloadId workload, std::uint64_t after, const char* name,
                                  const std::function<bool(const SelfEvent&)>& wanted) {
  const SelfEvents::Since since = approvals_.told().since(workload, after);
  nlohmann::json list = nlohmann::json::array();
  for (const SelfEvent* event : since.events)
    if (wanted(*event)) list.push_back(to_json(*event));
  return {{name, std::move(list)}, {"seq", latest(workload)}, {"complete", since.complete}};
}

void SelfAnswers::declare_intent(WorkloadId workload, const Peer& peer, const std::string& text) {
  Intent intent{.text = text, .declared = clock_(), .process = peer.pid, .login_uid = {}};
  intent.login_uid = peer.login_uid ? peer.login_uid : std::optional<std::uint32_t>(peer.uid);
  if (const WorkloadPtr known = gate_.workload(workload))
    approvals_.note(audit::intent(known->cgroup, intent));
  contexts_.declare(workload, std::move(intent));
}

}  // namespace stayd
