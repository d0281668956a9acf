// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "redaction/programs.h"
#include "redaction/span.h"

namespace stayd::redaction {

// A secret in one of a command's words.
struct WordSecret {
  std::size_t word = 0;
  Span span;
};

struct CommandSecrets {
  std::vector<WordSecret> found;
  std::vector<std::size_t> harmless;  // words whose option has a name like that of a secret
  std::optional<Shape> input;         // if standard input is a secret, what of it
};

// Finds the secrets that the words of one command give away by standing where they stand: after an
// option that is named like a secret, after the name of a setting, or where the program is known to
// take one (programs.h). The program may stand after others (sudo, env, docker exec). Pure;
// takes time in proportion to the words.
CommandSecrets secrets_of_command(std::span<const std::string_view> words);

}  // namespace stayd::redaction
