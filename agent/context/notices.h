// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "context/operation.h"

// The gate reports these besides an Operation. They are plain values.
namespace stayd {

// The hold ended without an answer.
struct HoldGone {
  HoldId hold = 0;
  HoldEnd why = HoldEnd::caller_gone;
  // When the kernel side said so, CLOCK_BOOTTIME; 0: it did not.
  std::uint64_t time_ns = 0;
  std::uint32_t slot = 0;  // of its workload
};

struct CgroupMade {};

// It was a cgroup of this workload, which ends with its last one.
struct CgroupGone {
  WorkloadId workload;
};

// The workload has read from labels that it had not read from before.
struct LabelsRead {
  WorkloadId workload;
  std::uint64_t labels = 0;
  std::int32_t process = 0;
};

// A name that the policy watches stands for something new.
struct EntryChanged {
  std::uint32_t policy = 0;
};

// A program was killed before it ran: its arguments were not those that were judged.
struct ArgumentsChanged {
  std::int32_t process = 0;
};

// How much the gatekeeper has to do.
struct GateLoad {
  std::uint64_t waiting = 0;   // holds without an answer
  std::uint64_t parked = 0;    // of them, those whose threads the gatekeeper has stopped
  std::uint64_t deferred = 0;  // of them, those that wait for the evaluator
  std::uint64_t pending = 0;   // of them, those whose connections are pending
  bool real_time = false;      // whether its thread runs with a real-time priority
};

}  // namespace stayd
