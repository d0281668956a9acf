// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace stayd {

// Wall-clock time, for people and records; deadlines are computed from it, too,
// and time is always an argument.
using TimePoint = std::chrono::sys_time<std::chrono::milliseconds>;

// Now; for those who do input and output.
inline TimePoint wall_clock() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

}  // namespace stayd
