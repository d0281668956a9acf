// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "base/result.h"
#include "context/operation.h"
#include "store/statement.h"

// Our values are kept in columns as follows: ids as they are, times as ms of Unix time, JSON as
// text.
namespace stayd {

Value to_column(TimePoint time);
Value to_column(std::optional<TimePoint> time);
Value to_column(std::uint64_t id);
Value to_column(std::optional<std::uint64_t> id);

// An error if parse_json() would not take it back.
Result<std::string> json_column(const nlohmann::json& value);

TimePoint time_at(const Statement& row, int column);
std::uint64_t id_at(const Statement& row, int column);

}  // namespace stayd
