// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "commands/word.h"

namespace stayd {

// A program, or a builtin of a shell, with its words.
struct Invocation {
  // The base names by which it is known: of its file, and what it is called. Empty: not known.
  std::vector<std::string> names;
  std::vector<Word> words;  // after the name
  // It is not this program that carries it out, but one that is going to be started, and is judged
  // then, with its words as they are.
  bool later = false;
  // An interpreter may run something else than what it reads.
  Certainty runs_input = Certainty::yes;
};

// The commands `to` read what those of `from` write: as their input, or as code of theirs.
struct CommandPipe {
  CommandSpan from;
  CommandSpan to;
  bool as_code = false;
  bool later = false;  // a shell that is going to be started joins them
};

// A script that could not be taken apart as a whole.
struct UnclearScript {
  std::string text;  // as far as it is known
  std::string why;
  bool cut = false;  // its end is not known
  bool later = false;
};

// All that a program is told to do, as far as its words say so. The first command is the program
// itself.
struct Invocations {
  std::vector<Invocation> commands;
  std::vector<CommandPipe> pipes;
  std::vector<UnclearScript> unclear;
};

// Takes the arguments of an execve apart, and the commands in them: those of a shell's script, of a
// starter such as sudo, and of what carries out the work of another program (busybox, python -m).
// `path` is of the program's file. `cut`: of the last argument only the head is known, and there
// may be more. At most kMaxCommands commands, nested at most kMaxCommandDepth deep; what is beyond
// is an UnclearScript.
Invocations take_apart(std::string_view path, std::span<const std::string> arguments, bool cut);

inline constexpr std::size_t kMaxCommands = 4096;
inline constexpr std::size_t kMaxCommandDepth = 16;

}  // namespace stayd
