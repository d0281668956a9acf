// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ctl/command.h"

namespace stayd {

// Reads a command line against a table of commands. This is our own because its errors are what
// people meet first: CLI11 2.1.2, the library in Debian 12, exits with 104 or 106, answers a
// misspelt subcommand with "A subcommand is required", and suggests nothing.

// The options that every command takes.
struct GlobalOptions {
  std::string socket_path;
  bool json = false;
  bool help = false;
  bool version = false;

  std::vector<Option> options();  // which set these members
};

// A command line that makes sense.
struct CommandLine {
  GlobalOptions global;
  std::optional<Command> command;  // with its values set; nothing for --help and --version alone
  std::string group;               // --help for the commands that begin with this word
};

// Reads the words after the program's name. Options may stand anywhere, as "--name value" or
// "--name=value"; after "--" every word is an operand. With --help the rest may be incomplete.
// An option that several commands have must take a value in all of them or in none.
Result<CommandLine> parse_command_line(std::span<const std::string> words,
                                       const std::vector<Command>& commands);

// "deny ID --reason TEXT": what must be given, or everything, with the rest in brackets.
enum class Usage { required, everything };
std::string usage(const Command& command, Usage how);

}  // namespace stayd
