// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "context/operation.h"
#include "policy/amend.h"
#include "policy/attempt.h"

namespace stayd {

struct ProposedRules {
  std::vector<Allowance> allow;
  std::vector<std::string> wider;  // what else they would let through, in words
};

// The narrowest rules of the language that are about the operation. The error: no rule can name
// it.
Result<ProposedRules> rules_for(const Operation& operation);

// The operation as policies are explained and tested with it. Names of its address, and the
// content of its program, are not known.
Attempt attempt_of(const Operation& operation, PathTree& tree);

}  // namespace stayd
