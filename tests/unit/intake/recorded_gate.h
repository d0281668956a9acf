// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "intake/gate.h"
#include "support/operation_builder.h"

namespace stayd::test {

inline std::string to_text(HoldAnswer answer) {
  switch (answer) {
    case HoldAnswer::allow:
      return "allow";
    case HoldAnswer::deny:
      return "deny";
    case HoldAnswer::judge_again:
      return "judge again";
  }
  return "?";
}

// A gate without a kernel: it answers from what a test has put in, and writes down each call that
// changes something, a line each, in order.
class RecordedGate : public Gate {
 public:
  void release(const Release& release) override {
    calls.push_back("release " + std::to_string(release.hold) + ": " + to_text(release.answer));
  }
  Result<> grant(const Grant& grant) override {
    calls.push_back("grant " + std::to_string(grant.id) + ": " + grant.what);
    granted[grant.id] = grant;
    return {};
  }
  void revoke(const Grant& grant) override {
    calls.push_back("revoke " + std::to_string(grant.id));
    granted.erase(grant.id);
  }
  std::optional<std::int64_t> uses_left(const Grant& grant) override {
    const auto known = granted.find(grant.id);
    return known == granted.end() ? std::nullopt : std::optional(known->second.uses);
  }
  bool lives(const ProcessInstance& process) override { return !ended.contains(process); }

  WorkloadPtr workload(WorkloadId id) override {
    const auto known = known_workloads.find(id);
    return known == known_workloads.end() ? nullptr : known->second;
  }
  WorkloadPtr workload_at(const std::string& cgroup) override {
    for (const auto& [id, workload] : known_workloads)
      if (workload->cgroup == cgroup) return workload;
    return nullptr;
  }
  std::vector<WorkloadPtr> workloads() override {
    std::vector<WorkloadPtr> all;
    for (const auto& [id, workload] : known_workloads) all.push_back(workload);
    return all;
  }
  bool is_live(WorkloadId workload) override { return known_workloads.contains(workload); }
  Result<std::optional<WorkloadId>> workload_of(const ProcessInstance& process) override {
    if (ended.contains(process)) return Error{"there is no such process"};
    const auto tagged = tags.find(process);
    return tagged == tags.end() ? std::optional<WorkloadId>() : tagged->second;
  }

  std::uint64_t labels_read(WorkloadId) override { return labels; }
  FilesRead files_read(WorkloadId) override { return files; }
  Sent sent(WorkloadId) override { return data_sent; }
  std::vector<std::string> names_of(WorkloadId, const Address&) override { return names; }

  void foresee(WorkloadId, const ProcessInstance&, std::uint32_t, std::uint32_t, Wanted wanted,
               TakeForeseen done) override {
    wanted_before.push_back(std::move(wanted));
    done(foreseen);
  }

  Result<WorkloadPtr> assign(const std::string& cgroup, const std::string& policy_file) override {
    calls.push_back("assign " + cgroup + " " + policy_file);
    if (!refusal.empty()) return Error{refusal};
    return workload_at(cgroup);
  }
  Result<std::string> release_workload(const std::string& cgroup) override {
    calls.push_back("release workload " + cgroup);
    if (!refusal.empty()) return Error{refusal};
    return {boost::system::in_place_value, cgroup};
  }
  Result<> put_under(const std::string& cgroup, const Policy& policy) override {
    calls.push_back("put " + cgroup + " under " + policy.name);
    if (!refusal.empty()) return Error{refusal};
    return {};
  }
  Result<> put_back(const std::string& cgroup, const std::optional<Policy>& before) override {
    calls.push_back("put " + cgroup + " back under " + (before ? before->name : "nothing"));
    return {};
  }
  Result<std::size_t> reload(const People& people) override {
    calls.push_back("reload with " + std::to_string(people.size()) + " people");
    if (!refusal.empty()) return Error{refusal};
    return known_workloads.size();
  }
  GateStatus status() override { return shown; }

  // A workload under a policy whose rules are "files.default" and "hold /srv/customers".
  WorkloadFacts& add_workload(WorkloadId id = kWorkload,
                              const std::string& cgroup = "/ai.slice/support-agent.service") {
    auto facts = std::make_shared<WorkloadFacts>();
    facts->id = id;
    facts->cgroup = cgroup;
    facts->policy_id = kPolicy;
    facts->policy.name = "support-agent";
    facts->policy.file = "/etc/stayd/policies/support.yaml";
    facts->policy.resolvers = {Address{}};  // so that names are believed
    facts->rules = {{.text = "files.default"}, {.text = "files.read: hold [customer-data]"}};
    facts->labels = {"customer-data", "secrets"};
    WorkloadFacts& added = *facts;
    known_workloads[id] = std::move(facts);
    return added;
  }

  static constexpr std::uint32_t kPolicy = 7;

  std::vector<std::string> calls;
  std::map<GrantId, Grant> granted;
  std::set<ProcessInstance> ended;
  std::map<ProcessInstance, WorkloadId> tags;
  std::map<WorkloadId, WorkloadPtr> known_workloads;
  std::uint64_t labels = 0;
  FilesRead files;
  Sent data_sent;
  std::vector<std::string> names;
  std::string refusal;  // of the next calls that can fail
  std::vector<Wanted> wanted_before;
  Result<Foreseen> foreseen = Error{"nothing is foreseen here"};
  GateStatus shown;
};

// As the gate reports it: judged by rule 1 of RecordedGate's policy.
inline Operation a_reported(HoldId hold, std::uint64_t inode = 100) {
  Operation operation = an_operation(hold, inode);
  operation.policy = RecordedGate::kPolicy;
  operation.rule = 1;
  operation.caller.cgroup.clear();
  return operation;
}

}  // namespace stayd::test
