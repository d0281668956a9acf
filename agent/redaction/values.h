// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "redaction/names.h"

namespace stayd::redaction {

// False for what is certainly not a secret: nothing, true, null, one digit, ****, a variable or a
// command of the shell ($TOKEN, ${TOKEN}, $(cat file)), a placeholder (<token>, {{ token }}), the
// place of a secret (env:NAME, file:/path, op://vault/item), and what was taken out before.
bool can_be_secret(std::string_view value);

// True for what a shell or a program takes as the path of a file.
bool is_path(std::string_view value);

// True for twenty characters and more in which letters, digits and both cases are mixed, or for 32
// hexadecimal digits.
bool is_random(std::string_view value);

// Some services want this as the password beside a token.
inline constexpr std::string_view kNoPassword = "x-oauth-basic";

// True if the token is the name of the user, as it is for services that want no password.
bool is_token_as_user(std::string_view user, std::string_view password);

// True if `value` is a secret under a name of this kind. `in_query` says that it stands in the
// query of a URL, or in a form.
bool is_secret(NameKind kind, std::string_view value, bool in_query);

}  // namespace stayd::redaction
