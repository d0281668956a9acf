// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace stayd {

// Wall-clock time, for people and records; deadlines are computed from it, too,
// and time is always an argument.
using TimePoint = std::chrono::sys_time<std::chrono::milliseconds>;

}  // namespace stayd
