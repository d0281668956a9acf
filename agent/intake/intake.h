// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "approval/approval_service.h"
#include "context/mount_table.h"
#include "intake/gate.h"
#include "intake/ticket_context_builder.h"

namespace stayd {

// Takes what the gate tells the desk: records it, and puts to people what waits for one of them.
// On the desk's thread. Everything it is given must outlive it.
class Intake {
 public:
  struct Callbacks {
    std::function<TimePoint()> clock = wall_clock;
    std::uint64_t began_ns = 0;  // when this stayd began, CLOCK_BOOTTIME
    // Adds what only /proc knows of the caller: as costly as all the rest together.
    std::function<void(Caller&)> describe_caller;
    // For whoever learns what the workload at `cgroup` does.
    std::function<void(const std::string& cgroup, const Operation& operation)> observed =
        [](const std::string&, const Operation&) {};
    // The workload is none any more, and what is known of it can go.
    std::function<void(WorkloadId workload)> ended = [](WorkloadId) {};
  };

  // `self_test`: the workload that enforcement was proven with, whose operations are expected.
  Intake(Gate& gate, ApprovalService& approvals, TicketContextBuilder& contexts, MountTable& mounts,
         WorkloadId self_test, Callbacks callbacks);

  void take(DeskNotice notice);

 private:
  void on(Operation operation);
  void on(const HoldGone& gone);
  void on(const LabelsRead& read);
  void on(const ArgumentsChanged& changed);
  void on(const WorkloadAssigned& assigned);
  void on(const PlacesChanged& changed);
  void on(const WorkloadEnded& ended);
  void on(const OperationsLeftOut& left_out);

  // The steps of on(Operation).
  void resolve_paths(Operation& operation);
  void refuse_unknown(const Operation& operation);
  bool is_stale(const Operation& operation, const WorkloadFacts& workload) const;
  void describe(Operation& operation, const WorkloadFacts& workload, bool is_known);
  void record(const Operation& operation, const WorkloadFacts& workload);
  void raise(Operation operation, const WorkloadFacts& workload);

  Gate& gate_;
  ApprovalService& approvals_;
  TicketContextBuilder& contexts_;
  MountTable& mounts_;
  const WorkloadId self_test_;
  const Callbacks callbacks_;
};

}  // namespace stayd
