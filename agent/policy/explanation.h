// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "policy/attempt.h"

namespace stayd {

// A rule that says something about the operation.
struct Match {
  Rule rule;
  std::string why;  // "names /srv/customers, 2 directories up"
  bool wins = false;
  std::string standing;  // why it wins, or does not: "the most specific", "less specific"
  std::string file{};    // that the rule is in
};

struct Explanation {
  RuleVerdict rule_verdict;
  std::string rule;  // its text
  RuleClass rule_class = RuleClass::none;
  std::vector<Match> matches;         // in the order of the policy's rules; none wins: the default
  Verdict otherwise = Verdict::deny;  // what the default says, where no rule does
};

// Compiles the policy, and then each of its rules alone to see whether it says something, with
// the files of `tree`. `touched`: names of labels.
Result<Explanation> explain(const Policy& policy, Attempt attempt, PathTree& tree,
                            const std::vector<std::string>& touched);

}  // namespace stayd
