// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

namespace stayd {

// "2026-01-31T09:05:07.042Z"; always UTC, always milliseconds.
std::string rfc3339(std::chrono::sys_time<std::chrono::milliseconds> time);

}  // namespace stayd
