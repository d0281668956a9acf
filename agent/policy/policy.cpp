// SPDX-License-Identifier: Apache-2.0
#include "policy/policy.h"

#include <algorithm>
#include <set>

#include "policy/glob.h"
#include "policy/values.h"

namespace stayd {
namespace {

std::string count(std::size_t number, const std::string& noun) {
  return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

// The last component and the one above it.
std::pair<std::string_view, std::string_view> last_two(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  const std::string_view last = path.substr(slash == path.npos ? 0 : slash + 1);
  const std::string_view above = path.substr(0, slash == path.npos ? 0 : slash);
  return {last, above.substr(above.rfind('/') + 1)};
}

}  // namespace

const char* to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::allow:
      return "allow";
    case Verdict::audit:
      return "audit";
    case Verdict::hold:
      return "hold";
    case Verdict::deny:
      return "deny";
  }
  return "?";
}

const char* to_string(RuleClass rule_class) {
  switch (rule_class) {
    case RuleClass::none:
      return "";
    case RuleClass::data_export:
      return "data-export";
    case RuleClass::model_change:
      return "model-change";
    case RuleClass::permission_change:
      return "permission-change";
    case RuleClass::code_change:
      return "code-change";
    case RuleClass::destructive:
      return "destructive";
    case RuleClass::secret:
      return "secret";
  }
  return "";
}

RuleWords words_of(const Rule& rule) { return {rule.text, rule.rule_class}; }

bool are_one(const Flow& a, const Flow& b) {
  const auto labels = [](const Flow& flow) {
    return std::set<std::size_t>(flow.labels.begin(), flow.labels.end());
  };
  return a.except_text == b.except_text && a.files == b.files && labels(a) == labels(b);
}

bool are_names_believed(const Policy& policy) {
  return policy.confirm_dns && !policy.resolvers.empty();
}

const Label& what_of(const Policy& policy, const PathRule& rule) {
  return rule.label ? policy.labels[*rule.label] : rule.what;
}

std::vector<std::string> paths_of(const Policy& policy) {
  std::vector<std::string> paths;
  const auto add = [&](const Label& label) {
    for (const Place& place : label.places) paths.push_back(place.path);
  };
  for (const Label& label : policy.labels) add(label);
  for (const PathRule& rule : policy.paths)
    if (!rule.label) add(rule.what);
  return paths;
}

const std::string& file_of(const Policy& policy, std::uint16_t source) {
  return source == 0 || source > policy.packs.size() ? policy.file : policy.packs[source - 1].file;
}

std::size_t count_rules(const Policy& policy) {
  return policy.network.size() + policy.hosts.size() + policy.paths.size() +
         policy.abstract_sockets.size() + policy.origins.size() + policy.contents.size() +
         policy.arguments.size() + policy.tools.size() + policy.flows.size();
}

bool fits(const ApprovalFor& entry, std::string_view rule_text, RuleClass rule_class) {
  return (entry.rule_class == RuleClass::none || entry.rule_class == rule_class) &&
         rule_text.find(entry.rule) != rule_text.npos;
}

const char* to_string(Scope scope) {
  switch (scope) {
    case Scope::once:
      return "once";
    case Scope::process:
      return "process";
    case Scope::workload:
      return "workload";
    case Scope::directory:
      return "directory";
    case Scope::host:
      return "host";
    case Scope::rule:
      return "rule";
  }
  return "unknown";
}

std::optional<Scope> parse_scope(std::string_view text) {
  for (const Scope scope : kEveryScope)
    if (text == to_string(scope)) return scope;
  return std::nullopt;
}

const Approval& approval_of(const Policy& policy, std::string_view rule_text,
                            RuleClass rule_class) {
  for (const ApprovalFor& entry : policy.approval_for)
    if (fits(entry, rule_text, rule_class)) return entry.approval;
  return policy.approval;
}

std::vector<std::string> groups_of(const Policy& policy) {
  std::set<std::string> groups;
  const auto add = [&groups](const Approval& approval) {
    groups.insert(approval.approvers.begin(), approval.approvers.end());
    for (const Escalation& each : approval.escalate) groups.insert(each.to.begin(), each.to.end());
  };
  add(policy.approval);
  for (const ApprovalFor& entry : policy.approval_for) add(entry.approval);
  return {groups.begin(), groups.end()};
}

bool applies_to(const AppliesTo& entry, const CgroupFacts& cgroup) {
  const auto [last, above] = last_two(cgroup.path);
  switch (entry.kind) {
    case AppliesTo::Kind::unit:
      return matches_text(entry.name, last);
    case AppliesTo::Kind::slice:
      return above == entry.name && !last.ends_with(".slice");
    case AppliesTo::Kind::cgroup:
      // "/**" is what is below, not the directory itself.
      return matches_path(entry.name, cgroup.path) &&
             !(entry.name.ends_with("/**") &&
               matches_path(entry.name.substr(0, entry.name.size() - 3), cgroup.path));
    case AppliesTo::Kind::user:
      return !cgroup.user.empty() && cgroup.user == entry.name;
    case AppliesTo::Kind::group:
      return std::find(cgroup.groups.begin(), cgroup.groups.end(), entry.name) !=
             cgroup.groups.end();
    case AppliesTo::Kind::label:
      return std::any_of(cgroup.labels.begin(), cgroup.labels.end(), [&](const auto& label) {
        return label.first + "=" + label.second == entry.name;
      });
  }
  return false;
}

const Policy* choose_policy(const std::vector<Policy>& policies, const CgroupFacts& cgroup) {
  if (!cgroup.named.empty())
    for (const Policy& policy : policies)
      if (policy.name == cgroup.named) return &policy;
  for (const Policy& policy : policies)
    if (std::any_of(policy.applies_to.begin(), policy.applies_to.end(),
                    [&](const AppliesTo& each) { return applies_to(each, cgroup); }))
      return &policy;
  return nullptr;
}

std::string describe(const Policy& policy) {
  std::string packs;
  for (const UsedPack& pack : policy.packs)
    if (pack.direct)
      packs +=
          (packs.empty() ? "; packs: " : ", ") + pack.name + (pack.trusted ? " (trusted)" : "");
  return policy.name + ": " + count(count_rules(policy), "rule") + ", " +
         count(policy.labels.size(), "label") + "; unless a rule says otherwise: network " +
         to_string(policy.network_default) + ", files " + to_string(policy.files_default) +
         ", exec " + to_string(policy.exec_default) +
         (policy.unix_default == Verdict::allow
              ? ""
              : std::string(", unix sockets ") + to_string(policy.unix_default)) +
         "; " +
         (policy.observe ? "observes only"
                         : "a ticket waits for " + to_text(policy.approval.timeout)) +
         packs;
}

}  // namespace stayd
