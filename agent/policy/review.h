// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "policy/policy.h"

namespace stayd {

// Something that a policy says and may not mean, or does not cover.
struct Remark {
  Position at;
  std::string text;  // what is odd; what to do
};

// Things that are not errors and yet look like slips: rules that no operation can meet or that
// always lose, labels that no rule is about, approvals for rules that are not there, and habits of
// other tools. In the order of the file.
std::vector<Remark> review(const Policy& policy);

// Returns remarks on what the rules about programs do not see, each once, with its lines, for
// somebody who might take a rule for more than it is.
std::vector<Remark> coverage(const Policy& policy);

}  // namespace stayd
