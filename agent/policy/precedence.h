// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <vector>

#include "policy/explanation.h"

namespace stayd {

// A match, and what its standing among the others follows from; for explanation.cpp only.
struct RankedMatch {
  Match match;
  std::string part;            // of the operation: "reading"; one that has several parts
  bool only_stricter = false;  // a pattern, arguments, an origin or a flow
  std::array<int, 3> rank{};   // of the others: the smaller, the more specific
};

// Fills in every match's standing once it is known which one wins.
void settle(std::vector<RankedMatch>& claims, Verdict decided);

}  // namespace stayd
