// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "api/self_service.h"
#include "approval/approval_service.h"
#include "approval/self_readers.h"
#include "intake/gate.h"
#include "intake/ticket_context_builder.h"

namespace stayd {

// Answers a workload's questions about itself on self.sock. On the desk's thread; what it is given
// must outlive it.
class SelfAnswers final : public SelfKnowledge {
 public:
  struct Callbacks {
    std::function<TimePoint()> clock = wall_clock;
    // Adds what only /proc knows of the caller.
    std::function<void(Caller&)> describe_caller = [](Caller&) {};
    std::function<void()> replied = [] {};  // an AheadReply is there
  };

  SelfAnswers(Gate& gate, ApprovalService& approvals, TicketContextBuilder& contexts,
              Callbacks callbacks)
      : gate_(gate), approvals_(approvals), contexts_(contexts), callbacks_(std::move(callbacks)) {}

  std::optional<WorkloadId> workload_of(const Peer& peer) override;
  nlohmann::json holds(WorkloadId workload) override;
  std::uint64_t latest(WorkloadId workload) override;
  nlohmann::json events(WorkloadId workload, std::uint64_t after) override;
  nlohmann::json denials(WorkloadId workload, std::uint64_t after) override;
  nlohmann::json unread(WorkloadId workload, const std::string& reader) override;
  void ask_ahead(WorkloadId workload, const Peer& peer, AheadRequest request,
                 std::shared_ptr<AheadReply> reply) override;
  std::optional<nlohmann::json> request(WorkloadId workload, TicketId number) override;
  void declare_intent(WorkloadId workload, const Peer& peer, const std::string& text) override;

  void forget(WorkloadId workload) { readers_.forget(workload); }

 private:
  nlohmann::json reply(WorkloadId workload, std::uint64_t after, const char* name,
                       const std::function<bool(const SelfEvent&)>& wanted);
  nlohmann::json answer_ahead(Foreseen foreseen, const Peer& peer, const std::string& reason);
  nlohmann::json state_of(const Ticket& ticket);

  Gate& gate_;
  ApprovalService& approvals_;
  TicketContextBuilder& contexts_;
  const Callbacks callbacks_;
  SelfReaders readers_;
};

}  // namespace stayd
