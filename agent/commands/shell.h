// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "commands/word.h"

namespace stayd {

// One command of a script: the program or builtin and what follows it, without assignments and
// redirections.
struct ScriptCommand {
  std::vector<Word> words;    // none: the command only assigns or redirects
  std::optional<Word> input;  // its here-document or here-string
};

// What one command writes is what others read.
struct ScriptPipe {
  Span from;
  Span to;
  bool operator==(const ScriptPipe&) const = default;
};

// The commands of a script in the order in which they begin.
struct Script {
  std::vector<ScriptCommand> commands;
  std::vector<ScriptPipe> pipes;
  // What could not be taken apart, and where: "a quote is not closed, at byte 12". The commands
  // are then those before it, and perhaps the beginning of the one that it is in.
  std::optional<std::string> trouble;
};

inline constexpr std::size_t kMaxScriptCommands = 1024;
inline constexpr std::size_t kMaxScriptDepth = 32;

// Takes a script of a POSIX shell or bash apart: lists, pipelines, subshells, compound commands,
// quotes, expansions, redirections and here-documents. Runs nothing and expands nothing: each
// expansion is a kHole. It does not follow which branch is taken, what functions, aliases and
// variables stand for, and what is written to a file and read again. The time that it takes is in
// proportion to the size.
Script split_script(std::string_view text);

}  // namespace stayd
