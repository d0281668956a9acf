// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "context/operation.h"
#include "policy/policy.h"

namespace stayd {

// The operation that a workload wants to do as it would be if it tried now: bound to the object
// that a grant would let through, and what the policy says of it.
struct Foreseen {
  Operation operation;  // disposition asked_ahead; without what only /proc knows of the caller
  Verdict verdict = Verdict::deny;  // allow, if the policy only observes
};

}  // namespace stayd
