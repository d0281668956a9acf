// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "redaction/span.h"

namespace stayd::redaction {

// Adds the secrets that are known by their form: tokens of well-known services, JSON Web Tokens,
// PEM private keys, passwords in SQL. False: there are more than Patterns::kMaxMatches of one form.
bool find_known_forms(std::string_view text, Spans& spans);

}  // namespace stayd::redaction
