// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "redaction/span.h"

namespace stayd::redaction {

// Adds the secrets in the user information of each URL of the text: the password of
// postgres://app:X@host and https://bob:X@host, and all of https://TOKEN@host. Takes time in
// proportion to the text.
void find_user_info(std::string_view text, Spans& spans);

}  // namespace stayd::redaction
