// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "commands/word.h"

namespace stayd {

// One command of a script: the program or builtin and what follows it, without redirections.
struct ScriptCommand {
  std::vector<Word> assignments;  // "NAME=value" before the words
  std::vector<Word> words;        // none: the command only assigns or redirects
  std::optional<Word> input;      // its here-document or here-string; the last if it has several
};

// The output of one command, or of several, is the input of others.
struct ScriptPipe {
  CommandSpan from;
  CommandSpan to;
  bool operator==(const ScriptPipe&) const = default;
};

// A script, taken apart: its commands stand in the order in which they begin.
struct Script {
  std::vector<ScriptCommand> commands;
  std::vector<ScriptPipe> pipes;
  // Says why the script could not be taken apart, and where: "a quote is not closed, at byte 12".
  // If there are several reasons, this is the first.
  std::optional<std::string> trouble;
};

// Says how to go on after something that cannot be taken apart.
enum class AfterTrouble : std::uint8_t {
  // Nothing more is read: the commands are those before it, and perhaps the beginning of the one
  // that it is in.
  stop,
  // The rest is read as well as it can be. A quote that is not closed ends with the script, and
  // commands may be torn apart. This is for texts that may be no script, or half of one.
  go_on
};

inline constexpr std::size_t kMaxScriptCommands = 4096;  // nothing is read after more
inline constexpr std::size_t kMaxScriptDepth = 32;

// Takes a script of a POSIX shell or bash apart: lists, pipelines, subshells, compound commands,
// quotes, expansions, redirections and here-documents. Runs nothing and expands nothing: each
// expansion is a kHole. It does not follow which branch is taken, what functions, aliases and
// variables stand for, and what is written to a file and read again. Any bytes are fine. The time
// and the memory that it takes are in proportion to the size.
Script split_script(std::string_view text, AfterTrouble after = AfterTrouble::stop);

}  // namespace stayd
