// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "approval/kernel_actions.h"
#include "context/evidence.h"
#include "context/notices.h"
#include "context/wanted.h"
#include "identity/people.h"
#include "policy/foreseen.h"
#include "policy/policy.h"

// The line between the gate (the kernel side, the gatekeeper, the evaluator and the workloads: what
// needs privileges) and the desk (intake, approvals, channels, store, record and the API). All that
// crosses it is a value of this header or of tickets/effects.h: the desk is told DeskNotices, and
// calls Gate. Neither side keeps a pointer into the other. docs/design/architecture.md lists the
// calls and their bounds.
namespace stayd {

// Raised when a type that crosses, or what it means, changes; also one of gate/messages.h.
inline constexpr std::uint32_t kDeskGateVersion = 2;

// A workload as the desk knows it. A copy, which a change of the policy replaces as a whole; its
// size is that of the policy file.
struct WorkloadFacts {
  WorkloadId id;
  std::string cgroup;           // below the cgroup root, with a leading slash
  std::uint32_t policy_id = 0;  // of the compiled policy that judges now
  Policy policy;
  std::vector<RuleWords> rules;     // by Operation::rule; 0 is the default
  std::vector<std::string> labels;  // the name of each bit of what was read; at most 64
  // The rules of the last few versions of the policy, newest first: an operation may have been
  // judged by one of them. At most three.
  std::vector<std::pair<std::uint32_t, std::vector<RuleWords>>> earlier_rules;
  std::vector<std::string> not_labelled;  // "PATH: why", for a person
};
using WorkloadPtr = std::shared_ptr<const WorkloadFacts>;  // nullptr: there is no such workload

// The cgroup came under the policy, also in place of another one. What was asked before is to be
// judged anew.
struct WorkloadAssigned {
  WorkloadId id;
  std::string cgroup;
  std::string policy;       // its name
  std::string policy_file;  // as the policy names it
};
// The workload's files are elsewhere: what was asked before is to be judged anew.
struct PlacesChanged {
  WorkloadId id;
};
// Its tasks are under no policy any more.
struct WorkloadEnded {
  WorkloadId id;
  std::string cgroup;
};
// So many operations were refused, or went on, faster than the desk could be told.
struct OperationsLeftOut {
  std::uint64_t count = 0;
};

// From the gate to the desk, of each workload in the order in which things happened. An Operation
// with a hold waits until Gate::release() answers it, or HoldGone says that it ended without an
// answer.
using DeskNotice = std::variant<Operation, HoldGone, LabelsRead, ArgumentsChanged, WorkloadAssigned,
                                PlacesChanged, WorkloadEnded, OperationsLeftOut>;

// For `stayctl status`: numbers that nothing is decided by.
struct GateStatus {
  std::string enforcement;  // "lsm", "fmod_ret"
  GateLoad load;
  std::uint64_t unread = 0;  // notices that the desk has not taken yet
  std::uint64_t dns_seen = 0;
  std::uint64_t dns_confirmed = 0;
  std::uint64_t dns_unconfirmed = 0;
  std::uint64_t policy_faults = 0;  // policies and assignments that are not in force
  // Workloads whose cgroup is gone, and of which some tasks still run.
  std::uint64_t workloads_of_strays = 0;
  // A policy claims these cgroups and there is no slot: everything is refused to their tasks.
  std::vector<std::string> refused_cgroups;
  std::vector<std::pair<std::string, std::uint64_t>> counters;  // of include/stayd/counters.h
};

// Everything that the desk asks of the gate, besides what approvals do (KernelActions: answers,
// grants). On the desk's thread. Each call returns at once, or within the time that a policy takes
// to be compiled and applied.
class Gate : public KernelActions {
 public:
  // Also one whose cgroup is gone while some of its tasks still run.
  virtual WorkloadPtr workload(WorkloadId id) = 0;
  // Those that have a cgroup: by that, in any form; and all of them, in the order of their cgroups.
  virtual WorkloadPtr workload_at(const std::string& cgroup) = 0;
  virtual std::vector<WorkloadPtr> workloads() = 0;
  // False once the workload has been released.
  virtual bool is_live(WorkloadId workload) = 0;
  // The workload whose tag the process carries now, if any, also one that has ended without it.
  // The error: the process has ended.
  virtual Result<std::optional<WorkloadId>> workload_of(const ProcessInstance& process) = 0;

  // Returns what the kernel side has noted of the workload's data, for people: nothing is decided
  // by it.
  virtual std::uint64_t labels_read(WorkloadId workload) = 0;
  virtual FilesRead files_read(WorkloadId workload) = 0;
  virtual Sent sent(WorkloadId workload) = 0;
  // The names by which the workload was told of the address.
  virtual std::vector<std::string> names_of(WorkloadId workload, const Address& address) = 0;

  // Finds out what the operation would be if that process, of user `uid` and group `gid`, tried it
  // now: paths are those of its mount namespace, and are looked up with its rights. `done` is
  // called once, at once or later; the error says why it cannot be told exactly, so that only the
  // attempt can be asked about.
  using TakeForeseen = std::function<void(Result<Foreseen>)>;
  virtual void foresee(WorkloadId workload, const ProcessInstance& process, std::uint32_t uid,
                       std::uint32_t gid, Wanted wanted, TakeForeseen done) = 0;

  // `cgroup` in any form, `policy_file` absolute. Notices follow.
  virtual Result<WorkloadPtr> assign(const std::string& cgroup, const std::string& policy_file) = 0;
  // Returns the cgroup as it is called here.
  virtual Result<std::string> release_workload(const std::string& cgroup) = 0;
  // Puts the cgroup under a policy of no file, without a trace in what is kept of assignments.
  virtual Result<> put_under(const std::string& cgroup, const Policy& policy) = 0;
  // Ends put_under(): back to the policy that applies now, or to `before` if none does.
  virtual Result<> put_back(const std::string& cgroup, const std::optional<Policy>& before) = 0;
  // Reads the policies anew; a broken one, or one that asks people whom there are not, leaves in
  // force what was there before. How many workloads have another policy now, or all that is wrong,
  // a line each.
  virtual Result<std::size_t> reload(const People& people) = 0;

  virtual GateStatus status() = 0;
};

}  // namespace stayd
