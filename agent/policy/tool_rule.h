// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "commands/command_line.h"
#include "policy/policy.h"

namespace stayd {

// Says if a rule is about what a program is told to do, and by which of its commands.
struct ToolMatch {
  Certainty certainty = Certainty::no;
  std::size_t command = 0;     // index into Invocations::commands
  std::string_view unclear{};  // why the script could not be taken apart, if it was that
  bool later = false;          // only once a program is started that is judged then
};

// `ahead`: also by what the program is going to start. Of several matches the surest; of equals the
// first.
ToolMatch match(const ToolRule& rule, const Invocations& line, bool ahead);

// As it is written in a policy: "{tool: git, words: [push], options: [--force, -f]}".
std::string written_form(const ToolRule& rule);

// True if `wider` is about everything that `rule` is about.
bool covers(const ToolRule& wider, const ToolRule& rule);

}  // namespace stayd
