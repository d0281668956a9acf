// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "policy/policy.h"

namespace stayd {

// Something that a policy says and may not mean.
struct Remark {
  Position at;
  std::string text;  // what is odd; what to do
};

// Things that are not errors and yet look like slips: rules that others leave nothing to decide,
// labels that no rule is about, approvals for rules that are not there. In the order of the file.
std::vector<Remark> review(const Policy& policy);

}  // namespace stayd
