// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace stayd {

// "2026-01-31T09:05:07.042Z"; always UTC, always milliseconds.
std::string rfc3339(std::chrono::sys_time<std::chrono::milliseconds> time);

// The reverse, of exactly that form.
std::optional<std::chrono::sys_time<std::chrono::milliseconds>> parse_rfc3339(
    std::string_view text);

}  // namespace stayd
