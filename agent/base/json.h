// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace stayd {

struct JsonLimits {
  std::size_t bytes = std::size_t{1} << 20;
  std::size_t depth = 32;  // nested arrays and objects
  // True if an object may have two members of one name, of which the last one counts. Readers
  // differ in that, so what is signed must not have any (RFC 7515, section 4).
  bool duplicate_members = true;
};

// One line, or indented by `indent` spaces. Never throws on bytes that are not UTF-8: they
// become U+FFFD.
std::string dump(const nlohmann::json& value, int indent = -1);

// Errors name line and column and repeat nothing of the text.
Result<nlohmann::json> parse_json(std::string_view text, const JsonLimits& limits = {});

// Members of a value that another program or another version wrote. `value` may be anything; a
// member that is missing or has another type is read as what the comment says.
const nlohmann::json& member_at(const nlohmann::json& value, const char* name);  // null
const nlohmann::json& list_at(const nlohmann::json& value, const char* name);    // an empty array
std::int64_t number_at(const nlohmann::json& value, const char* name);           // 0
std::uint64_t count_at(const nlohmann::json& value, const char* name);           // 0
bool flag_at(const nlohmann::json& value, const char* name);                     // false
// Also "" for a string of more than `max` bytes.
std::string text_at(const nlohmann::json& value, const char* name,
                    std::size_t max = std::string::npos);
// The strings of a list; its other elements are left out.
std::vector<std::string> texts_at(const nlohmann::json& value, const char* name);
// A string as it is, anything else as JSON; "" if the member is missing or null.
std::string any_text_at(const nlohmann::json& value, const char* name);

}  // namespace stayd
