// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "redaction/span.h"

// Finds the secrets in command lines: by the name before a value (names.h), by what a program is
// known to take (programs.h), by the form of a token (known_forms.h), and by the service that a URL
// is for. Nothing here changes a text or knows what becomes of it. Pure and thread-safe; takes time
// in proportion to the text.
namespace stayd::redaction {

// Reads any text, also as a script of a shell, with what stands between quotes in it as texts of
// their own, six deep. Nothing: it has more secrets than are told apart, and all of it is to be
// taken as one.
std::optional<Spans> secrets_in_text(std::string_view text);

// Reads the arguments of a program; one list of places for each. Scripts among them are read as
// texts.
std::optional<std::vector<Spans>> secrets_in_arguments(std::span<const std::string> arguments);

}  // namespace stayd::redaction
