// SPDX-License-Identifier: Apache-2.0
#include "store/columns.h"

#include <nlohmann/json.hpp>

#include "base/json.h"

namespace stayd {

Value to_column(TimePoint time) { return std::int64_t{time.time_since_epoch().count()}; }

Value to_column(std::optional<TimePoint> time) { return time ? to_column(*time) : Value(nullptr); }

Value to_column(std::uint64_t id) { return static_cast<std::int64_t>(id); }

Value to_column(std::optional<std::uint64_t> id) { return id ? to_column(*id) : Value(nullptr); }

Result<std::string> json_column(const nlohmann::json& value) {
  std::string text = dump(value);
  if (const Result<nlohmann::json> parsed = parse_json(text); !parsed) return parsed.error();
  return {boost::system::in_place_value, std::move(text)};
}

TimePoint time_at(const Statement& row, int column) {
  return TimePoint(std::chrono::milliseconds(row.integer(column)));
}

std::uint64_t id_at(const Statement& row, int column) {
  return static_cast<std::uint64_t>(row.integer(column));
}

}  // namespace stayd
