// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "kernel/programs.h"
#include "kernel/tables.h"

namespace stayd {

// Proves that the attached programs refuse: a child in a cgroup of its own, under a policy
// that denies everything, must fail to open, create, connect, send and exec, and a child
// outside must not. Without `bpf` in the lsm= list LSM programs load, attach, and refuse
// nothing, so no success before this may be believed. The error says what was not refused.
// Returns the workload of that cgroup, whose refusals will be reported like all others.
Result<WorkloadId> self_test(Programs& programs, Tables& tables);

}  // namespace stayd
