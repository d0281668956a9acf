// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "commands/word.h"

namespace stayd {

bool is_shell(std::string_view program);
// True also for a shell.
bool is_interpreter(std::string_view program);

// From where an interpreter takes what it runs.
struct ProgramSource {
  enum class Kind {
    input,    // what it reads
    code,     // a word: "-c CODE"
    file,     // "x.py"
    module,   // "-m MODULE" of Python
    unclear,  // its words are not known
  };
  Kind kind = Kind::input;
  const Word* word = nullptr;  // with the code, the file or the module; nullptr: Kind::input
  std::size_t value_at = 0;    // where in it
  std::size_t rest = 0;        // the first word after it
};
// `words` are those after the interpreter's name.
ProgramSource source_of(std::string_view interpreter, std::span<const Word> words);

// The program that a module of Python is: "aws" of "awscli"; the module itself if it has no other
// name.
std::string_view program_of_module(std::string_view module);

// True if a shell carries it out itself, without starting a program.
bool is_builtin(std::string_view program);

}  // namespace stayd
