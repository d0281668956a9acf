// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "evaluation/policy_evaluator.h"
#include "identity/people.h"
#include "intake/gate.h"
#include "kernel/programs.h"
#include "kernel/tables.h"
#include "workloads/assignments.h"
#include "workloads/workloads.h"

namespace stayd {

// The gate's side of workloads: puts cgroups under policies, keeps the evaluator at what is in
// force, and tells the desk what changed. On the desk's thread. Everything it is given must
// outlive it.
class WorkloadControl {
 public:
  struct Callbacks {
    std::function<void(DeskNotice)> tell_desk;
    std::function<void()> apply_soon;   // apply_policies() is to be called, once for all
    std::function<void()> apply_again;  // as soon as cgroups that were reported can be seen
  };

  struct Files {
    std::string policy_dir;   // *.yaml
    PackSource packs;         // that the policies may use
    std::string assignments;  // see AssignmentFile
  };

  // `people`: those whom policies may ask.
  WorkloadControl(Programs& programs, Tables& tables, Workloads& workloads,
                  PolicyEvaluator& evaluator, Files files, People people, Callbacks callbacks);

  // Assignments of an earlier agent and the policies of the directory come into force. What cannot
  // is logged.
  void start();
  // Ends the workloads that are over, and puts every cgroup that a policy applies to under it.
  void apply_policies();
  // Looks for slots that came free, which nothing reports. To be called every now and then.
  void look_after();
  // The files of the policy, or of all policies, may be elsewhere.
  void locate_again(std::uint32_t policy_id);
  void locate_all_again();
  // Cgroups come in groups: one scan for all that have been made until it begins.
  void cgroups_changed() { callbacks_.apply_soon(); }
  void on(const EntryChanged& changed) { locate_again(changed.policy); }

  // Returns how many policies and assignments are not in force.
  std::size_t faults() const { return faults_at_start_ + policy_errors_.size(); }

  // As Gate says.
  Result<const Workload*> assign(const std::string& cgroup, const std::string& policy_file);
  Result<std::string> release(const std::string& cgroup);
  Result<> put_under(const std::string& cgroup, const Policy& policy);
  Result<> put_back(const std::string& cgroup, const std::optional<Policy>& before);
  Result<std::size_t> reload(const People& people);

 private:
  void end_workloads();
  void tell_ended(const Workload& workload);
  void publish();
  void tell_assigned(const Workload& workload);

  Programs& programs_;
  Tables& tables_;
  Workloads& workloads_;
  PolicyEvaluator& evaluator_;
  const std::string policy_dir_;
  People people_;
  Assignments assignments_;
  const Callbacks callbacks_;
  std::set<std::string> policy_errors_;  // logged already
  std::size_t faults_at_start_ = 0;      // policies and assignments that could not be read
};

}  // namespace stayd
