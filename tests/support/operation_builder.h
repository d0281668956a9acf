// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

#include "context/operation.h"

namespace stayd::test {

inline constexpr TimePoint kNoon{std::chrono::milliseconds{1'700'000'000'000}};
inline constexpr WorkloadId kWorkload{.slot = 3, .generation = 9};

// An open of the file with this inode number.
inline Operation an_operation(HoldId hold, std::uint64_t inode = 100,
                              WorkloadId workload = kWorkload) {
  Operation operation;
  operation.hold_id = hold;
  operation.kind = OperationKind::open;
  operation.disposition = hold == 0 ? Disposition::cannot_wait : Disposition::held;
  operation.read = true;
  operation.workload = workload;
  operation.time = kNoon;
  operation.path = "/srv/customers/list.csv";
  operation.syscall = 257;
  operation.caller.pid = 4242;
  operation.caller.thread = 4243;
  operation.caller.uid = 1000;
  operation.caller.comm = "python3";
  operation.caller.program = "/usr/bin/python3.11";
  operation.caller.cgroup = "/ai.slice/support-agent.service";
  operation.object.inode = inode;
  operation.object.operation = STAYD_OP_OPEN;
  operation.object.access = 1u << STAYD_ACCESS_READ;
  return operation;
}

}  // namespace stayd::test
