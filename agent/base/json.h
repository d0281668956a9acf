// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

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

}  // namespace stayd
