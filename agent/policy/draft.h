// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "policy/learn.h"

namespace stayd {

struct DraftHead {
  std::string cgroup;  // of the workload
  std::string period;  // "2h", how long it was observed
};

struct Draft {
  std::string text;
  std::size_t allowing = 0;   // lines that allow something
  std::size_t questions = 0;  // that a person has to decide
};

// A policy in YAML for a person to read and correct. It uses the packs of the base, allows what
// else was seen, and holds the rest: directories rather than files, names rather than addresses.
// Each line that allows more than was seen says WIDER. What packs hold, and destinations that were
// reached once, after a secret was read, or with an upload, are not allowed: they are questions at
// its end, each with the lines that would allow it, commented out. Comments say what no rule can
// allow, and so would be held.
Draft draft(const Observations& seen, const DraftBase& base, const DraftHead& head);

}  // namespace stayd
