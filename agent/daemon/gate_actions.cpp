// SPDX-License-Identifier: Apache-2.0
#include "daemon/gate_actions.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

namespace stayd {

std::uint64_t to_boot_ns(TimePoint time) {
  const std::int64_t ahead = std::chrono::nanoseconds(time - wall_clock()).count();
  const auto boot = static_cast<std::int64_t>(boot_time_ns());
  return static_cast<std::uint64_t>(std::max<std::int64_t>(boot + ahead, 1));
}

void GateActions::release(const Release& release) {
  const bool allow = release.answer == HoldAnswer::allow;
  gatekeeper_->answer(release.hold, release.answer, allow ? to_boot_ns(release.valid_until) : 0);
}

Result<> GateActions::grant(const Grant& grant) {
  return tables_.grant(subject_of(grant),
                       {.expires_ns = grant.expires ? to_boot_ns(*grant.expires) : UINT64_MAX,
                        .uses = grant.uses,
                        .last_use_ns = 0,
                        .last_socket = 0});
}

WorkloadPtr GateActions::facts_of(const Workload& workload) {
  if (const auto known = facts_.find(workload.id);
      known != facts_.end() && known->second->policy_id == workload.policy_id)
    return known->second;
  // Nobody asks for a workload that has ended.
  std::erase_if(facts_, [this](const auto& each) { return !workloads_.find(each.first); });
  auto facts = std::make_shared<WorkloadFacts>();
  facts->id = workload.id;
  facts->cgroup = workload.cgroup;
  facts->policy_id = workload.policy_id;
  facts->policy = workload.policy;
  facts->rules = workload.compiled->rules;
  facts->labels = workload.compiled->labels;
  facts->earlier_rules = workload.earlier_rules;
  for (const Unresolved& each : workload.compiled->unresolved)
    facts->not_labelled.push_back(each.path + ": " + each.reason);
  return facts_[workload.id] = std::move(facts);
}

WorkloadPtr GateActions::workload(WorkloadId id) {
  const Workload* workload = workloads_.find(id);
  return workload == nullptr ? nullptr : facts_of(*workload);
}

WorkloadPtr GateActions::workload_at(const std::string& cgroup) {
  const auto known = workloads_.all().find(normal_cgroup(cgroup));
  return known == workloads_.all().end() ? nullptr : facts_of(known->second);
}

std::vector<WorkloadPtr> GateActions::workloads() {
  std::vector<WorkloadPtr> all;
  for (const auto& [cgroup, workload] : workloads_.all()) all.push_back(facts_of(workload));
  return all;
}

Result<WorkloadPtr> GateActions::assign(const std::string& cgroup, const std::string& policy_file) {
  const Result<const Workload*> assigned = control_.assign(cgroup, policy_file);
  if (!assigned) return assigned.error();
  return facts_of(**assigned);
}

GateStatus GateActions::status() {
  const HostNames::Counts dns = evaluator_.dns_counts();
  GateStatus status;
  status.enforcement = to_string(programs_.attachment());
  status.load = gatekeeper_->load();
  status.unread = events_->unread();
  status.dns_seen = dns.seen;
  status.dns_confirmed = dns.confirmed;
  status.dns_unconfirmed = dns.unconfirmed;
  status.policy_faults = control_.faults();
  status.workloads_of_strays = workloads_.stray_count();
  for (const auto& [cgroup, refused] : workloads_.refused())
    status.refused_cgroups.push_back(cgroup);
  status.counters = tables_.counters();
  return status;
}

}  // namespace stayd
