// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace stayd {

// 64 lower-case hex digits. Ends the process if the library cannot hash: a digest that is
// missing must not compare equal to anything.
std::string sha256_hex(std::string_view bytes);

}  // namespace stayd
