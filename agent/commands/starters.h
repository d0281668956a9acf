// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "commands/word.h"

namespace stayd {

// The command that a program starts whose purpose is to start another: "sudo -u x git push".
struct Started {
  std::vector<Word>
      words;  // the program that is started, and its words; empty if there is a script
  const Word* script = nullptr;  // what it has a shell run, or splits as a shell does
  std::size_t script_at = 0;     // where in that word it begins
};

// Nothing: the program does not exist to start others, or it cannot be told what it starts. `words`
// are those after its name.
std::optional<Started> started_by(std::string_view program, std::span<const Word> words);

}  // namespace stayd
