// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "context/process.h"
#include "daemon/kernel_event_reader.h"
#include "daemon/workload_control.h"
#include "evaluation/foresight.h"
#include "evaluation/lookout.h"
#include "evaluation/policy_evaluator.h"
#include "gate/gatekeeper.h"
#include "intake/gate.h"
#include "kernel/file_ids.h"
#include "kernel/tables.h"
#include "workloads/workloads.h"

namespace stayd {

// Wall-clock time as the kernel side counts it. The clock being set between the two reads moves one
// expiry by as much, and never makes a closed one open.
std::uint64_t to_boot_ns(TimePoint time);

// The gate of this process: each call of the desk goes to the kernel's tables, the gatekeeper, the
// evaluator or whoever keeps the workloads, and nothing is decided here. Everything it is given
// must outlive it.
class GateActions final : public Gate {
 public:
  // `post` runs a function on the desk's thread, soon.
  GateActions(const Programs& programs, Tables& tables, MountTable& mounts, Workloads& workloads,
              WorkloadControl& control, PolicyEvaluator& evaluator, Lookout::Post post)
      : programs_(programs),
        tables_(tables),
        workloads_(workloads),
        control_(control),
        evaluator_(evaluator),
        foresight_([&programs] { return identify_all(programs); }, programs.hash_key(), mounts),
        lookout_(std::move(post)) {}
  // Before release() or status().
  void set_gatekeeper(Gatekeeper& gatekeeper, const KernelEventReader& events) {
    gatekeeper_ = &gatekeeper;
    events_ = &events;
  }

  void release(const Release& release) override;
  Result<> grant(const Grant& grant) override;
  void revoke(const Grant& grant) override { tables_.revoke(subject_of(grant)); }
  std::optional<std::int64_t> uses_left(const Grant& grant) override {
    return tables_.uses_left(subject_of(grant));
  }
  bool lives(const ProcessInstance& process) override { return stayd::lives(process); }

  WorkloadPtr workload(WorkloadId id) override;
  WorkloadPtr workload_at(const std::string& cgroup) override;
  std::vector<WorkloadPtr> workloads() override;
  bool is_live(WorkloadId workload) override { return tables_.is_live(workload); }
  Result<std::optional<WorkloadId>> workload_of(const ProcessInstance& process) override {
    return tables_.workload_of(process);
  }

  std::uint64_t labels_read(WorkloadId workload) override {
    return tables_.labels_read(workload.slot);
  }
  FilesRead files_read(WorkloadId workload) override {
    return workloads_.trail().files_read(workload.slot);
  }
  Sent sent(WorkloadId workload) override { return workloads_.trail().sent(workload.slot); }
  std::vector<std::string> names_of(WorkloadId workload, const Address& address) override {
    return evaluator_.names_of(workload, address);
  }

  void foresee(WorkloadId workload, const ProcessInstance& process, std::uint32_t uid,
               std::uint32_t gid, Wanted wanted, TakeForeseen done) override;

  Result<WorkloadPtr> assign(const std::string& cgroup, const std::string& policy_file) override;
  Result<std::string> release_workload(const std::string& cgroup) override {
    return control_.release(cgroup);
  }
  Result<> put_under(const std::string& cgroup, const Policy& policy) override {
    return control_.put_under(cgroup, policy);
  }
  Result<> put_back(const std::string& cgroup, const std::optional<Policy>& before) override {
    return control_.put_back(cgroup, before);
  }
  Result<std::size_t> reload(const People& people) override { return control_.reload(people); }

  GateStatus status() override;

 private:
  static Tables::GrantSubject subject_of(const Grant& grant) {
    return {grant.workload, grant.process, grant.object};
  }
  WorkloadPtr facts_of(const Workload& workload);
  Result<Foreseen> judged(WorkloadId workload, const Wanted& wanted, const Result<FoundFor>& found);
  Result<Foreseen> judged(const Workload& workload, const Wanted& wanted);

  const Programs& programs_;
  Tables& tables_;
  Workloads& workloads_;
  WorkloadControl& control_;
  PolicyEvaluator& evaluator_;
  Foresight foresight_;
  Lookout lookout_;
  Gatekeeper* gatekeeper_ = nullptr;
  const KernelEventReader* events_ = nullptr;
  // The facts last given of each workload, until its policy is another.
  std::map<WorkloadId, WorkloadPtr> facts_;
};

}  // namespace stayd
