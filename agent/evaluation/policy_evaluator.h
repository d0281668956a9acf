// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "context/mount_table.h"
#include "evaluation/contents.h"
#include "evaluation/host_names.h"
#include "gate/evaluator.h"
#include "kernel/tables.h"
#include "policy/decision.h"

namespace stayd {

// Decides what the kernel's tables cannot, with the same functions that explain and test
// policies: patterns, arguments, contents, host names. Keeps what cannot change in the kernel's
// tables, so that it is asked once.
class PolicyEvaluator final : public Evaluator {
 public:
  struct Policies {
    // By the policy's id; each workload has its own.
    std::map<std::uint32_t, std::shared_ptr<const CompiledPolicy>> by_id;
  };
  // Says later what judge() did not.
  using Rule = std::function<void(HoldId, DeferredVerdict)>;
  // On the gatekeeper's thread: a path of the policy has to be located anew.
  using Locate = std::function<void(std::uint32_t policy_id)>;

  // All but the functions must outlive it.
  PolicyEvaluator(const Programs& programs, Tables& tables, MountTable& mounts, Rule rule,
                  Locate locate);

  // From the desk's thread: what is in force now.
  void set_policies(std::shared_ptr<const Policies> policies);
  // The policy has been located, whatever came of it.
  void located(std::uint32_t policy_id);
  void forget(WorkloadId workload);
  std::vector<std::string> names_of(WorkloadId workload, const Address& address) const {
    return host_names_.names_of(workload, address);
  }
  std::vector<Address> addresses_of(WorkloadId workload, const std::string& name) const {
    return host_names_.addresses_of(workload, name);
  }
  HostNames::Counts dns_counts() const { return host_names_.counts(); }

  std::optional<DeferredVerdict> judge(const Operation& operation) override;
  void on(const DnsPacket& packet) override;

 private:
  using PolicyPtr = std::shared_ptr<const CompiledPolicy>;
  struct Waiting {
    Operation operation;
    PolicyPtr policy;
    std::uint64_t answers;  // see HostNames::Known::pending
  };

  PolicyPtr find(std::uint32_t policy_id) const;
  std::optional<DeferredVerdict> judge_destination(
      const Operation& operation, const PolicyPtr& policy,
      std::uint64_t answers = std::numeric_limits<std::uint64_t>::max());
  std::optional<DeferredVerdict> judge_program(const Operation& operation, const PolicyPtr& policy);
  DeferredVerdict judge_file(const Operation& operation, const CompiledPolicy& policy);
  std::string host_path(const Operation& operation, const std::string& path);
  void names_settled(WorkloadId workload);
  // True if there was room for it; then names_settled() or set_policies() takes it up again.
  bool wait(Waiting waiting);
  template <class Which>
  std::vector<Waiting> take_waiting(Which which);

  Tables& tables_;
  MountTable& mounts_;
  Rule rule_;
  Locate locate_;
  std::shared_ptr<const Policies> policies_;  // std::atomic_load and _store
  std::mutex mutex_;
  std::vector<Waiting> for_names_;
  std::multimap<std::uint32_t, HoldId> for_places_;  // by policy id

  HostNames host_names_;
  Contents contents_;  // last: its thread ends first
};

}  // namespace stayd
