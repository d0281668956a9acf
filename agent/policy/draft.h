// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "policy/learn.h"

namespace stayd {

struct DraftHead {
  std::string cgroup;              // of the workload
  std::string period;              // "2h", how long it was observed
  std::vector<Address> resolvers;  // that were believed about names
};

// A policy that allows what was seen and holds the rest, in YAML, for a person to read and
// correct: directories rather than files, names rather than addresses. Each line that allows
// more than was seen says WIDER. Comments say what no rule can allow, and so would be held.
std::string draft(const Observations& seen, const DraftHead& head);

}  // namespace stayd
