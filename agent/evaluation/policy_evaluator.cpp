// SPDX-License-Identifier: Apache-2.0
#include "evaluation/policy_evaluator.h"

#include <algorithm>
#include <utility>

namespace stayd {
namespace {

constexpr std::size_t kMaxWaiting = 4096;  // beyond it: decided by what is known
// Bytes of arguments that are compared with globs at once; more takes a while, and is deferred.
constexpr std::size_t kMaxAtOnce = 1 << 15;

DeferredVerdict::What what_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::allow:
      return DeferredVerdict::What::allow;
    case Verdict::audit:
      return DeferredVerdict::What::audit;
    case Verdict::hold:
      return DeferredVerdict::What::hold;
    case Verdict::deny:
      break;
  }
  return DeferredVerdict::What::deny;
}

RuleVerdict stricter_of(const RuleVerdict& a, const RuleVerdict& b) {
  return b.verdict > a.verdict ? b : a;
}

}  // namespace

PolicyEvaluator::PolicyEvaluator(const Programs& programs, Tables& tables, MountTable& mounts,
                                 Rule rule, Locate locate)
    : tables_(tables),
      mounts_(mounts),
      rule_(std::move(rule)),
      locate_(std::move(locate)),
      policies_(std::make_shared<const Policies>()),
      host_names_(
          [&tables](std::uint32_t policy, const Address& address,
                    const std::optional<stayd_resolved>& value) {
            tables.set_resolved(policy, address, value);
          },
          [this](WorkloadId workload) { names_settled(workload); },
          [] { return BootTime(boot_time_ns()); }),
      contents_(programs) {}

void PolicyEvaluator::set_policies(std::shared_ptr<const Policies> policies) {
  std::atomic_store(&policies_, std::move(policies));
  // What waits for names under a policy that is gone is judged by the one that is there.
  for (const Waiting& each :
       take_waiting([&](const Waiting& one) { return !find(one.operation.policy); }))
    rule_(each.operation.hold_id, {.what = DeferredVerdict::What::again});
}

template <class Which>
std::vector<PolicyEvaluator::Waiting> PolicyEvaluator::take_waiting(Which which) {
  std::vector<Waiting> taken;
  std::lock_guard lock(mutex_);
  const auto first = std::stable_partition(for_names_.begin(), for_names_.end(),
                                           [&](const Waiting& each) { return !which(each); });
  std::move(first, for_names_.end(), std::back_inserter(taken));
  for_names_.erase(first, for_names_.end());
  return taken;
}

PolicyEvaluator::PolicyPtr PolicyEvaluator::find(std::uint32_t policy_id) const {
  const std::shared_ptr<const Policies> policies = std::atomic_load(&policies_);
  const auto found = policies->by_id.find(policy_id);
  return found == policies->by_id.end() ? nullptr : found->second;
}

// The kernel side ends what its threads wait for.
void PolicyEvaluator::forget(WorkloadId workload) {
  host_names_.forget(workload);
  take_waiting([&](const Waiting& each) { return each.operation.workload == workload; });
}

void PolicyEvaluator::on(const DnsPacket& packet) {
  const Result<stayd_workload> workload = tables_.workload(packet.workload.slot);
  if (!workload || workload->generation != packet.workload.generation) return;
  host_names_.on(packet, find(workload->policy));
}

std::optional<DeferredVerdict> PolicyEvaluator::judge(const Operation& operation) {
  const PolicyPtr policy = find(operation.policy);
  // A version that has been replaced or is not published yet: the present one decides.
  if (!policy) return DeferredVerdict{.what = DeferredVerdict::What::again};
  if (operation.node.flags & STAYD_NODE_UNRESOLVED) {
    {
      std::lock_guard lock(mutex_);
      for_places_.emplace(operation.policy, operation.hold_id);
    }
    locate_(operation.policy);
    return std::nullopt;
  }
  if (!has_path(operation.kind)) return judge_destination(operation, policy);
  if (operation.kind == OperationKind::exec) return judge_program(operation, policy);
  return judge_file(operation, *policy);
}

void PolicyEvaluator::located(std::uint32_t policy_id) {
  std::vector<HoldId> holds;
  {
    std::lock_guard lock(mutex_);
    const auto [begin, end] = for_places_.equal_range(policy_id);
    for (auto each = begin; each != end; ++each) holds.push_back(each->second);
    for_places_.erase(begin, end);
  }
  for (HoldId hold : holds) rule_(hold, {.what = DeferredVerdict::What::again});
}

namespace {

DeferredVerdict deferred_verdict_of(const CompiledPolicy& policy, const RuleVerdict& rule_verdict) {
  return {.what = what_of(rule_verdict.verdict),
          .rule = rule_verdict.rule,
          .observed = (policy.settings.flags & STAYD_POLICY_OBSERVE) != 0};
}

}  // namespace

// The kernel's view of where it is, as the host reaches it.
std::string PolicyEvaluator::host_path(const Operation& operation, const std::string& path) {
  return mounts_.now()->host_path(operation.object.device, path);
}

DeferredVerdict PolicyEvaluator::judge_file(const Operation& operation,
                                            const CompiledPolicy& policy) {
  Attempt attempt;
  attempt.kind = attempt_kind(operation.kind);
  attempt.read = operation.read;
  attempt.write = operation.write;
  attempt.file.path = host_path(operation, operation.path);
  if (operation.kind == OperationKind::rename)
    attempt.target.path = host_path(operation, operation.new_path);
  if (is_link(operation)) {
    attempt.kind = Attempt::Kind::link;
    attempt.target.path =
        std::exchange(attempt.file.path, host_path(operation, operation.new_path));
  }
  attempt.replaces = operation.replaces;
  attempt.touched = tables_.labels_read(operation.workload.slot);

  const stayd_node node = with_globs(policy, operation.node, attempt.file.path);
  if (operation.node.flags & STAYD_NODE_KEEP && operation.kind == OperationKind::open) {
    stayd_judged found{.key = {.inode = operation.object.inode,
                               .device = operation.object.device,
                               .inode_generation = operation.object.inode_generation,
                               .policy = operation.policy,
                               .place = operation.place},
                       .generation = operation.generation,
                       .node = node};
    found.node.flags &= ~std::uint32_t{STAYD_NODE_DEFER};
    tables_.keep_judged(found);
  }
  DeferredVerdict verdict =
      deferred_verdict_of(policy, decide_file(policy, attempt, operation.node, operation.target));
  if (operation.read) verdict.labels = node.labels & ~operation.node.labels;
  return verdict;
}

std::optional<DeferredVerdict> PolicyEvaluator::judge_program(const Operation& operation,
                                                              const PolicyPtr& policy) {
  ProgramFacts program{.path = host_path(operation, operation.path),
                       .origins = operation.open_flags,
                       .sha256 = std::nullopt,
                       .arguments = {},
                       .arguments_cut = true};
  if (operation.judged_arguments) {
    program.arguments = operation.judged_arguments->words;
    program.arguments_cut = !operation.judged_arguments->whole;
  }
  // A rule may be about contents that cannot be read.
  const auto decide = [this, policy](const Operation& of, const ProgramFacts& facts) {
    RuleVerdict rule_verdict =
        stayd::judge_program(*policy, of.node, facts, tables_.labels_read(of.workload.slot));
    const auto suspect = [&](const auto& rules) {
      for (const auto& each : rules)
        rule_verdict = stricter_of(rule_verdict, {each.rule.verdict, each.rule.id});
    };
    if (!facts.sha256) suspect(policy->contents);
    return deferred_verdict_of(*policy, rule_verdict);
  };
  Operation kept = operation;
  kept.judged_arguments = nullptr;
  if (policy->contents.empty() || operation.hold_id == 0) {
    if (operation.argument_facts.size <= kMaxAtOnce || operation.hold_id == 0)
      return decide(operation, program);
    const auto work = [this, kept = std::move(kept), program, decide] {
      rule_(kept.hold_id, decide(kept, program));
    };
    // If the queue is full, it is decided by what is known: the operation may not wait here.
    if (contents_.later(work)) return std::nullopt;
    program.arguments.clear();
    program.arguments_cut = true;
    return decide(operation, program);
  }
  contents_.hash(program.path, operation.caller.pid, operation.object,
                 [this, kept = std::move(kept), program, decide](const Result<Sha256>& hashed) {
                   ProgramFacts facts = program;
                   if (hashed) facts.sha256 = *hashed;
                   rule_(kept.hold_id, decide(kept, facts));
                 });
  return std::nullopt;
}

std::optional<DeferredVerdict> PolicyEvaluator::judge_destination(const Operation& operation,
                                                                  const PolicyPtr& policy,
                                                                  std::uint64_t answers) {
  DestinationFacts destination{.address = operation.endpoint.address,
                               .port = operation.endpoint.port,
                               .protocol = operation.endpoint.protocol,
                               .hosts = {}};
  const auto look_up = [&](std::uint64_t last) {
    return host_names_.look_up(operation.workload, operation.policy, policy, destination.address,
                               last);
  };
  HostNames::Known known = look_up(answers);
  if (known.pending != 0 && operation.hold_id != 0 && wait({operation, policy, known.pending})) {
    // It may have been settled before it was known to wait.
    known = look_up(known.pending);
    const auto is_this = [&](const Waiting& each) {
      return each.operation.hold_id == operation.hold_id;
    };
    if (known.pending != 0 || take_waiting(is_this).empty()) return std::nullopt;
  }
  destination.hosts = known.names;
  const RuleVerdict rule_verdict =
      stayd::judge_destination(*policy, destination, tables_.labels_read(operation.workload.slot));
  return deferred_verdict_of(*policy, rule_verdict);
}

bool PolicyEvaluator::wait(Waiting waiting) {
  std::lock_guard lock(mutex_);
  if (for_names_.size() == kMaxWaiting) return false;
  for_names_.push_back(std::move(waiting));
  return true;
}

void PolicyEvaluator::names_settled(WorkloadId workload) {
  for (const Waiting& each :
       take_waiting([&](const Waiting& one) { return one.operation.workload == workload; }))
    if (std::optional<DeferredVerdict> verdict =
            judge_destination(each.operation, each.policy, each.answers))
      rule_(each.operation.hold_id, *verdict);
}

}  // namespace stayd
