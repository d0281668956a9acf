// SPDX-License-Identifier: Apache-2.0
#include "briefing.h"

#include <unistd.h>

#include <array>

#include "base/users.h"
#include "context/container.h"
#include "store/fingerprint.h"

namespace stayd {
namespace {

constexpr std::size_t kMostLogins = 1024;

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

// The nearest unit above or at the cgroup: "support-agent.service".
std::string unit_of(const std::string& cgroup) {
  std::string rest = cgroup;
  while (!rest.empty()) {
    const std::string last = rest.substr(rest.rfind('/') + 1);
    if (last.ends_with(".service") || last.ends_with(".scope")) return last;
    rest.erase(rest.rfind('/') == std::string::npos ? 0 : rest.rfind('/'));
  }
  return {};
}

std::string container_text(const std::string& cgroup) {
  const std::optional<ContainerId> container = container_of(cgroup);
  return container ? container->runtime + " " + container->id.substr(0, 12) : "";
}

const char* default_rule(OperationKind kind) {
  switch (kind) {
    case OperationKind::open:
    case OperationKind::create:
    case OperationKind::remove:
    case OperationKind::rename:
      return "files.default";
    case OperationKind::unix_socket:
    case OperationKind::connect:
    case OperationKind::send:
      return "network.default";
    case OperationKind::exec:
      return "exec.default";
  }
  return "default";
}

// Of the version that judged; the kernel side may have used one that has been replaced.
const std::vector<std::string>* rules_of(const Workload& workload, std::uint32_t policy_id) {
  if (policy_id == workload.policy_id) return &workload.compiled->rules;
  for (const auto& [id, rules] : workload.earlier_rules)
    if (id == policy_id) return &rules;
  return nullptr;
}

}  // namespace

std::string rule_text(const Workload& workload, const Operation& operation) {
  const std::vector<std::string>* rules = rules_of(workload, operation.policy);
  if (!rules) return "a rule of an earlier version of the policy";
  if (operation.rule != 0 && operation.rule < rules->size()) return (*rules)[operation.rule];
  return default_rule(operation.kind);
}

std::vector<std::string> label_names(const Workload& workload, std::uint64_t labels) {
  std::vector<std::string> names;
  for (std::size_t bit = 0; bit < workload.compiled->labels.size(); ++bit)
    if (labels >> bit & 1) names.push_back(workload.compiled->labels[bit]);
  return names;
}

Briefing::Briefing(const Tables& tables, DeskStore& store)
    : tables_(tables), store_(store), host_(host_name()) {}

TicketContext Briefing::prepare(const Operation& operation, const Workload& workload,
                                const People& people, TimePoint now) {
  TicketContext context;
  context.workload = workload.cgroup;
  context.policy = workload.policy.name;
  context.rule = rule_text(workload, operation);
  context.approval = approval_of(workload.policy, context.rule);
  context.excluded = excluded(operation, workload, people);
  Circumstances& facts = context.circumstances;
  const std::string& cgroup =
      operation.caller.cgroup.empty() ? workload.cgroup : operation.caller.cgroup;
  facts.host = host_;
  facts.unit = unit_of(cgroup);
  facts.container = container_text(cgroup);
  facts.user = login(operation.caller.uid, now);
  if (operation.caller.login_uid) facts.login_user = login(*operation.caller.login_uid, now);
  facts.touched = label_names(workload, tables_.touched(workload.id.slot));
  if (const auto known = workloads_.find(workload.id); known != workloads_.end()) {
    facts.intent = known->second.intent;
    facts.files_read = known->second.files_read;
    facts.files_read_count = known->second.files_read_count;
  }
  // A question that cannot be told how the like was answered is asked all the same.
  if (Result<Precedent> known = store_.precedent(fingerprint_of(operation, workload.policy.name)))
    facts.precedent = *known;
  return context;
}

// Nobody answers for what is theirs, through whichever account.
std::vector<Excluded> Briefing::excluded(const Operation& operation, const Workload& workload,
                                         const People& people) const {
  std::vector<Excluded> result;
  const auto add = [&result](const PersonId& person, const char* why) {
    for (const Excluded& each : result)
      if (each.person == person) return;
    result.push_back({person, why});
  };
  for (const PersonId& owner : people.owners(workload.policy.owner, uid_of_login))
    add(owner, "owns the workload");
  const auto add_uid = [&](std::optional<std::uint32_t> uid, const char* why) {
    if (uid && *uid != 0) add(people.person_behind(*uid), why);
  };
  add_uid(operation.caller.login_uid, "started the session that the workload runs in");
  add_uid(operation.caller.uid, "is the user that the workload runs as");
  const auto known = workloads_.find(workload.id);
  if (known != workloads_.end() && known->second.intent)
    add_uid(known->second.intent->login_uid, "declared the workload's intent");
  return result;
}

std::string Briefing::login(uid_t uid, TimePoint now) {
  if (const auto known = logins_.find(uid); known != logins_.end() && now < known->second.until)
    return known->second.name;
  if (logins_.size() >= kMostLogins) logins_.clear();
  const std::string name = login_of(uid);
  logins_.insert_or_assign(uid, Login{name, now + std::chrono::minutes(1)});
  return name;
}

void Briefing::declare(WorkloadId workload, Intent intent) {
  workloads_[workload].intent = std::move(intent);
}

const Intent* Briefing::intent_of(WorkloadId workload) const {
  const auto known = workloads_.find(workload);
  return known != workloads_.end() && known->second.intent ? &*known->second.intent : nullptr;
}

void Briefing::note_read(WorkloadId workload, const std::string& path) {
  Knowledge& known = workloads_[workload];
  ++known.files_read_count;
  known.files_read.push_back(path);
  if (known.files_read.size() > Circumstances::kMostFiles)
    known.files_read.erase(known.files_read.begin());
}

void Briefing::forget(WorkloadId workload) { workloads_.erase(workload); }

}  // namespace stayd
