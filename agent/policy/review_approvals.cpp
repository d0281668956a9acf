// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "policy/review_parts.h"

namespace stayd {
namespace {

// Returns all that may hold: defaults, and rules.
std::vector<Rule> rules_of(const Policy& policy) {
  std::vector<Rule> rules{{.verdict = policy.network_default, .at = {}, .text = "network.default"},
                          {.verdict = policy.unix_default, .at = {}, .text = "network.unix"},
                          {.verdict = policy.files_default, .at = {}, .text = "files.default"},
                          {.verdict = policy.exec_default, .at = {}, .text = "exec.default"}};
  for_each_rule(policy, [&](const Rule& rule) { rules.push_back(rule); });
  return rules;
}

// Says what the entry is for, as a part of a sentence.
std::string subject_of(const ApprovalFor& entry) {
  if (entry.rule_class == RuleClass::none) return in_quotes(entry.rule) + " in its text";
  const std::string of_class = std::string("the class ") + to_string(entry.rule_class);
  return entry.rule.empty() ? of_class
                            : of_class + " and " + in_quotes(entry.rule) + " in its text";
}

// True if `entry` never counts after `earlier`.
bool is_taken(const ApprovalFor& entry, const ApprovalFor& earlier) {
  return fits(earlier, entry.rule, entry.rule_class);
}

}  // namespace

std::vector<Remark> review_approvals(const Policy& policy) {
  std::vector<Remark> remarks;
  const std::vector<Rule> rules = rules_of(policy);
  for (const ApprovalFor& entry : policy.approval_for) {
    std::size_t fitting = 0, holding = 0;
    for (const Rule& rule : rules) {
      if (!fits(entry, rule.text, rule.rule_class)) continue;
      ++fitting;
      holding += rule.verdict == Verdict::hold ? 1 : 0;
    }
    if (fitting == 0)
      remarks.push_back({entry.at, "no rule has " + subject_of(entry) +
                                       ", so this asks nobody; write a part of what 'policy "
                                       "explain' prints, or a class"});
    else if (holding == 0)
      remarks.push_back({entry.at, "no rule that has " + subject_of(entry) +
                                       " holds, so this asks nobody; remove it, or hold"});
    for (const ApprovalFor& earlier : policy.approval_for) {
      if (&earlier == &entry) break;
      if (!is_taken(entry, earlier)) continue;
      remarks.push_back({entry.at, "this never counts: the entry in line " +
                                       std::to_string(earlier.at.line) +
                                       " fits every rule that it fits, and the first counts; put "
                                       "this one before it"});
      break;
    }
  }
  return remarks;
}

}  // namespace stayd
