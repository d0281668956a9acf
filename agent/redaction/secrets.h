// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "redaction/span.h"

// Where the secrets are in what programs are told: what the name before a value says (names.h),
// what a program is known to take (programs.h), what a token looks like (known_forms.h), and who a
// URL is for. Nothing here changes a text or knows what becomes of it. Pure and thread-safe; takes
// time in proportion to the text.
namespace stayd::redaction {

// Reads any text, also as a script of a shell, with what stands between quotes in it as texts of
// their own, six deep. Nothing: it has more secrets than are told apart, and all of it is to be
// taken as one.
std::optional<Spans> secrets_in_text(std::string_view text);

// Reads the arguments of a program; one list of places for each. Scripts among them are read as
// texts.
std::optional<std::vector<Spans>> secrets_in_arguments(std::span<const std::string> arguments);

}  // namespace stayd::redaction
