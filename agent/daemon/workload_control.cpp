// SPDX-License-Identifier: Apache-2.0
#include "daemon/workload_control.h"

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "base/escape.h"
#include "base/log.h"
#include "base/users.h"
#include "tickets/approvers.h"

namespace stayd {
namespace {

constexpr std::chrono::milliseconds kExtendEvery{250};

}  // namespace

WorkloadControl::WorkloadControl(Programs& programs, Tables& tables, Workloads& workloads,
                                 PolicyEvaluator& evaluator, Files files, People people,
                                 Callbacks callbacks)
    : programs_(programs),
      tables_(tables),
      workloads_(workloads),
      evaluator_(evaluator),
      policy_dir_(std::move(files.policy_dir)),
      people_(std::move(people)),
      assignments_(workloads, std::move(files.assignments), std::move(files.packs),
                   [this](const Policy& policy) {
                     return check_people(policy, people_,
                                         people_.owners(policy.owner, uid_of_login));
                   }),
      callbacks_(std::move(callbacks)) {}

void WorkloadControl::start() {
  for (const Error& error : assignments_.restore()) {
    log_error("restore: {}", error.message);
    ++faults_at_start_;
  }
  for (const Error& error : assignments_.load_policies(policy_dir_)) {
    log_error("policy: {}", error.message);
    ++faults_at_start_;
  }
  programs_.report_cgroups(assignments_.any_policy());
  apply_policies();
}

void WorkloadControl::apply_policies() {
  end_workloads();
  auto cgroups = tables_.tagged_cgroups();
  std::set<std::string> errors;
  std::set<std::uint64_t> looked_at;
  // A hold in a cgroup further down the list must not run out of time.
  auto extended = std::chrono::steady_clock::now();
  const auto extend = [&] {
    const auto now = std::chrono::steady_clock::now();
    if (now - extended < kExtendEvery) return;
    extended = now;
    tables_.extend_undecided(cgroups);
  };
  for (const Error& error : assignments_.apply_policies(looked_at, extend))
    errors.insert(error.message);
  // Each new cgroup brings the same ones again.
  for (const std::string& error : errors)
    if (!policy_errors_.contains(error)) log_error("apply policy: {}", escape(error));
  policy_errors_ = std::move(errors);
  publish();
  if (tables_.settle_cgroups(cgroups, looked_at)) callbacks_.apply_again();
}

// No event reports the end of a stray, and another cgroup may be waiting for its slot.
void WorkloadControl::look_after() {
  if (workloads_.stray_count() > 0 || !workloads_.refused().empty()) apply_policies();
}

// Forgets workloads whose cgroup is gone once their last task has ended.
void WorkloadControl::end_workloads() {
  const Result<std::vector<Workload>> ended = workloads_.collect();
  if (!ended) return log_error("{}", escape(ended.error().message));
  for (const Workload& workload : *ended) tell_ended(workload);
}

void WorkloadControl::tell_ended(const Workload& workload) {
  evaluator_.forget(workload.id);
  callbacks_.tell_desk(WorkloadEnded{workload.id, workload.cgroup});
}

// The gatekeeper's thread decides by what is in force; the kernel side has it already.
void WorkloadControl::publish() {
  auto policies = std::make_shared<PolicyEvaluator::Policies>();
  workloads_.for_each([&](const Workload& workload) {
    policies->by_id.emplace(workload.policy_id, workload.compiled);
  });
  evaluator_.set_policies(std::move(policies));
}

void WorkloadControl::tell_assigned(const Workload& workload) {
  callbacks_.tell_desk(
      WorkloadAssigned{workload.id, workload.cgroup, workload.policy.name, workload.policy.file});
}

void WorkloadControl::locate_again(std::uint32_t policy_id) {
  if (const Workload* workload = workloads_.find_policy(policy_id)) {
    const WorkloadId id = workload->id;
    const std::string cgroup = workload->cgroup;
    const Result<bool> changed = workloads_.locate_again(cgroup);
    if (!changed) log_error("{}", escape(changed.error().message));
    if (changed && *changed) {
      publish();
      callbacks_.tell_desk(PlacesChanged{id});
    }
    programs_.forget_judged();
  }
  evaluator_.located(policy_id);
}

void WorkloadControl::locate_all_again() {
  std::vector<std::uint32_t> policies;
  for (const auto& [cgroup, workload] : workloads_.all()) policies.push_back(workload.policy_id);
  for (const std::uint32_t policy : policies) locate_again(policy);
}

Result<const Workload*> WorkloadControl::assign(const std::string& cgroup,
                                                const std::string& policy_file) {
  end_workloads();
  Result<const Workload*> assigned = assignments_.assign(cgroup, policy_file);
  if (!assigned) return assigned;
  publish();
  tell_assigned(**assigned);
  return assigned;
}

Result<std::string> WorkloadControl::release(const std::string& cgroup) {
  const Result<Workload> released = assignments_.release(cgroup);
  if (!released) return released.error();
  publish();
  tell_ended(*released);
  // A refused cgroup may be waiting for the slot.
  if (!workloads_.refused().empty()) apply_policies();
  return {boost::system::in_place_value, released->cgroup};
}

Result<> WorkloadControl::put_under(const std::string& cgroup, const Policy& policy) {
  const Result<const Workload*> assigned = workloads_.assign(cgroup, policy);
  if (!assigned) return assigned.error();
  publish();
  tell_assigned(**assigned);
  return {};
}

// The policy to return to may have been replaced since put_under(), and so may the present one.
Result<> WorkloadControl::put_back(const std::string& cgroup, const std::optional<Policy>& before) {
  const auto known = workloads_.all().find(cgroup);
  if (known == workloads_.all().end() || !known->second.policy.report_once) return {};
  std::optional<Policy> policy = assignments_.applies_now(cgroup);
  if (!policy) policy = before;
  if (policy) return put_under(cgroup, *policy);
  const Result<std::string> released = release(cgroup);
  return released ? Result<>() : released.error();
}

Result<std::size_t> WorkloadControl::reload(const People& people) {
  people_ = people;
  std::vector<WorkloadId> changed;
  std::string complaints;
  for (const Error& error : assignments_.reload(policy_dir_, changed))
    complaints += (complaints.empty() ? "" : "\n") + error.message;
  programs_.report_cgroups(assignments_.any_policy());
  apply_policies();
  for (const WorkloadId id : changed)
    if (const Workload* workload = workloads_.find(id)) tell_assigned(*workload);
  if (!complaints.empty()) return Error{complaints};
  return changed.size();
}

}  // namespace stayd
