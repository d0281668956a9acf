// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>

#include "stayd/wire.h"

namespace stayd {

// Every bound of the desk, and the only definition of each: whoever reads an answer from outside
// (agent/api) refuses by these, in words of its own.
struct DeskLimits {
  std::size_t open_per_workload = 64;
  std::size_t holds = STAYD_MAX_HOLDS;
  std::size_t closed_kept = 256;    // a ticket with its ancestry can take 40 KiB
  std::size_t reason_bytes = 1024;  // of the text that a person gives with an answer
  std::chrono::seconds longest_timeout = std::chrono::hours(24 * 30);
  std::chrono::seconds longest_grant = std::chrono::hours(24);
  std::chrono::seconds max_snooze = std::chrono::hours(24);
  // The time for which an approval that releases nobody waits at least for the next attempt.
  std::chrono::seconds retry_within = std::chrono::minutes(10);
  // The time that a released thread may take to come back to its system call.
  std::chrono::seconds return_within = std::chrono::minutes(1);
};

}  // namespace stayd
