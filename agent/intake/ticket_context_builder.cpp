// SPDX-License-Identifier: Apache-2.0
#include "intake/ticket_context_builder.h"

#include <unistd.h>

#include <array>

#include "base/users.h"
#include "context/container.h"
#include "intake/sets_off.h"
#include "policy/decision.h"
#include "stayd/counters.h"
#include "store/fingerprint.h"

namespace stayd {
namespace {

constexpr std::size_t kMaxLogins = 1024;

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

// The rules of the version that judged; the kernel side may have used one that has been replaced.
const std::vector<RuleWords>* rules_of(const WorkloadFacts& workload, std::uint32_t policy_id) {
  if (policy_id == workload.policy_id) return &workload.rules;
  for (const auto& [id, rules] : workload.earlier_rules)
    if (id == policy_id) return &rules;
  return nullptr;
}

// include/stayd/counters.h says "denied: why".
std::string failure_text(std::uint32_t counter) {
  static constexpr std::string_view kMeanings[] = {
#define STAYD_MEANING(name, meaning) meaning,
      STAYD_COUNTERS(STAYD_MEANING)
#undef STAYD_MEANING
  };
  const std::string_view text = kMeanings[counter];
  return std::string(text.substr(text.starts_with("denied: ") ? 8 : 0));
}

}  // namespace

RuleWords rule_words(const WorkloadFacts& workload, const Operation& operation) {
  const auto only = [](const std::string& text) { return RuleWords{.text = text}; };
  if (operation.failure != 0) return only(failure_text(operation.failure));
  const std::vector<RuleWords>* rules = rules_of(workload, operation.policy);
  if (!rules) return only("a rule of an earlier version of the policy");
  if (operation.rule != 0 && operation.rule < rules->size()) return (*rules)[operation.rule];
  return only(default_rule_text(attempt_kind(operation.kind)));
}

RuleReference reference_of(const WorkloadFacts& workload, const Operation& operation) {
  if (operation.failure != 0) return {};
  RuleReference reference;
  if (operation.policy == workload.policy_id) {
    const std::array<std::string, 2> paths{operation.path, operation.new_path};
    reference =
        rule_reference(workload.policy, operation.rule, attempt_kind(operation.kind), paths);
  }
  if (reference.text.empty()) reference = reference_by_text(rule_words(workload, operation).text);
  return reference;
}

std::vector<std::string> label_names(const WorkloadFacts& workload, std::uint64_t labels) {
  std::vector<std::string> names;
  for (std::size_t bit = 0; bit < workload.labels.size(); ++bit)
    if (labels >> bit & 1) names.push_back(workload.labels[bit]);
  return names;
}

TicketContextBuilder::TicketContextBuilder(Gate& gate, MountTable& mounts, DeskStore& store,
                                           FindSteps find_steps)
    : gate_(gate),
      mounts_(mounts),
      store_(store),
      find_steps_(std::move(find_steps)),
      host_(host_name()) {}

Surroundings TicketContextBuilder::surroundings(const Operation& operation,
                                                const WorkloadFacts& workload, bool with_steps) {
  Surroundings around;
  RuleWords rule = rule_words(workload, operation);
  around.rule = std::move(rule.text);
  around.rule_class = rule.rule_class;
  around.touched = label_names(workload, gate_.labels_read(workload.id));
  // Names that only the workload vouches for join nothing and let nothing go.
  if (are_names_believed(workload.policy)) around.names = names_of(operation, workload);
  if (const std::string path = with_steps ? placed_at(operation) : ""; !path.empty())
    around.steps = find_steps_(*mounts_.now(), operation.object.device, path);
  return around;
}

std::vector<std::string> TicketContextBuilder::names_of(const Operation& operation,
                                                        const WorkloadFacts& workload) const {
  if (has_path(operation.kind)) return {};
  std::vector<std::string> names = gate_.names_of(workload.id, operation.endpoint.address);
  if (names.size() > Surroundings::kMaxNames) names.resize(Surroundings::kMaxNames);
  return names;
}

TicketContext TicketContextBuilder::prepare(const Operation& operation,
                                            const WorkloadFacts& workload, const People& people,
                                            TimePoint now) {
  TicketContext context;
  context.workload = workload.cgroup;
  context.policy = workload.policy.name;
  Surroundings around = surroundings(operation, workload, true);
  context.directory = directory_inode(operation, around.steps);
  context.rule = std::move(around.rule);
  context.rule_class = around.rule_class;
  context.names = std::move(around.names);
  if (!are_names_believed(workload.policy)) context.called = names_of(operation, workload);
  context.sets_off = set_off_by(workload, operation, gate_.labels_read(workload.id));
  context.reference = reference_of(workload, operation);
  context.approval = approval_of(workload.policy, context.rule, context.rule_class);
  context.excluded = excluded(operation, workload, people);
  Evidence& facts = context.evidence;
  const std::string& cgroup =
      operation.caller.cgroup.empty() ? workload.cgroup : operation.caller.cgroup;
  facts.host = host_;
  facts.unit = unit_of(cgroup);
  facts.container = container_text(cgroup);
  facts.user = login(operation.caller.uid, now);
  if (operation.caller.login_uid) facts.login_user = login(*operation.caller.login_uid, now);
  facts.touched = std::move(around.touched);
  if (const auto known = workloads_.find(workload.id); known != workloads_.end()) {
    facts.intent = known->second.intent;
  }
  add_data(workload.id, facts);
  // Missing precedent is not an error: the ticket is opened without it.
  if (Result<Precedent> known = store_.precedent(fingerprint_of(operation, workload.policy.name)))
    facts.precedent = *known;
  return context;
}

void TicketContextBuilder::add_data(WorkloadId workload, Evidence& facts) const {
  const FilesRead files = gate_.files_read(workload);
  const std::shared_ptr<const Mounts> mounts = mounts_.now();
  facts.files_read_count = files.count;
  static_assert(STAYD_FILES_READ <= Evidence::kMaxFiles);
  for (const FilesRead::File& each : files.latest)
    facts.files_read.push_back(
        each.path.starts_with('/') ? mounts->host_path(each.device, each.path) : each.path);
  Sent sent = gate_.sent(workload);
  facts.bytes_sent = sent.bytes;
  if (sent.to.size() > Evidence::kMaxDestinations) sent.to.resize(Evidence::kMaxDestinations);
  facts.sent = std::move(sent.to);
  for (SentTo& each : facts.sent) each.names = gate_.names_of(workload, each.endpoint.address);
}

// Nobody answers for what is theirs, through whichever account.
std::vector<Excluded> TicketContextBuilder::excluded(const Operation& operation,
                                                     const WorkloadFacts& workload,
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

std::string TicketContextBuilder::login(uid_t uid, TimePoint now) {
  if (const auto known = logins_.find(uid); known != logins_.end() && now < known->second.until)
    return known->second.name;
  if (logins_.size() >= kMaxLogins) logins_.clear();
  const std::string name = login_of(uid);
  logins_.insert_or_assign(uid, Login{name, now + std::chrono::minutes(1)});
  return name;
}

void TicketContextBuilder::declare(WorkloadId workload, Intent intent) {
  workloads_[workload].intent = std::move(intent);
}

const Intent* TicketContextBuilder::intent_of(WorkloadId workload) const {
  const auto known = workloads_.find(workload);
  return known != workloads_.end() && known->second.intent ? &*known->second.intent : nullptr;
}

void TicketContextBuilder::forget(WorkloadId workload) { workloads_.erase(workload); }

}  // namespace stayd
