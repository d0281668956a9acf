// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "api/self_service.h"
#include "approval/approval_service.h"
#include "approval/self_readers.h"
#include "intake/gate.h"
#include "intake/ticket_context_builder.h"

namespace stayd {

// What a workload is told about itself on self.sock. On the desk's thread; what it is given must
// outlive it.
class SelfAnswers final : public SelfKnowledge {
 public:
  SelfAnswers(Gate& gate, ApprovalService& approvals, TicketContextBuilder& contexts,
              std::function<TimePoint()> clock = wall_clock)
      : gate_(gate), approvals_(approvals), contexts_(contexts), clock_(std::move(clock)) {}

  std::optional<WorkloadId> workload_of(const Peer& peer) override;
  nlohmann::json holds(WorkloadId workload) override;
  std::uint64_t latest(WorkloadId workload) override;
  nlohmann::json events(WorkloadId workload, std::uint64_t after) override;
  nlohmann::json denials(WorkloadId workload, std::uint64_t after) override;
  nlohmann::json unread(WorkloadId workload, const std::string& reader) override;
  void declare_intent(WorkloadId workload, const Peer& peer, const std::string& text) override;

  void forget(WorkloadId workload) { readers_.forget(workload); }

 private:
  nlohmann::json reply(WorkloadId workload, std::uint64_t after, const char* name,
                       const std::function<bool(const SelfEvent&)>& wanted);

  Gate& gate_;
  ApprovalService& approvals_;
  TicketContextBuilder& contexts_;
  const std::function<TimePoint()> clock_;
  SelfReaders readers_;
};

}  // namespace stayd
