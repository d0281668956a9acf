// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "context/operation.h"

// What the kernel side reports besides an Operation. Plain values.
namespace stayd {

// The hold ended without an answer.
struct HoldGone {
  HoldId hold = 0;
  HoldEnd why = HoldEnd::caller_gone;
};

struct CgroupMade {};

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

}  // namespace stayd
