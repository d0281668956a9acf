// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.h"

namespace stayd::teams {

// 128 random bits, in 22 characters that fit everywhere.
Result<std::string> new_nonce();

}  // namespace stayd::teams
