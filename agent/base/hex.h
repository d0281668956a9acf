// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace stayd {

// Two lower-case digits for each byte.
std::string hex(std::string_view bytes);

// The bytes; nothing for an odd number of digits, or anything but lower-case ones: what stands
// for the same bytes is written in one way.
std::optional<std::string> from_hex(std::string_view digits);

}  // namespace stayd
