// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace stayd {

// A body as it is stored: 16 hexadecimal digits of its SHA-256, then the body. SQLite notices
// damage to its own structure, but not to what is in a row.
std::string seal(std::string_view body);
Result<std::string_view> unseal(std::string_view sealed);  // a view into it

}  // namespace stayd
