// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "redaction/span.h"

namespace stayd::redaction {

// A word of a shell's line, without its quotes and backslashes. What stands in $(…) or `…` without
// quotes is a command of its own, and is missing here between the brackets.
struct ShellWord {
  enum class Role : std::uint8_t {
    argument,
    input,  // the word after <<<
    target  // the file after > or <
  };
  std::string text;
  std::vector<std::uint32_t> places;  // where in the line each byte of it stands
  Role role = Role::argument;

  // The bytes of the line that these bytes of `text` came from. `span` is not empty.
  Span in_line(Span span) const;
};

struct ShellCommand {
  std::vector<ShellWord> words;
  std::vector<Span> documents;      // of <<WORD
  std::optional<std::size_t> pipe;  // the command whose output it reads
};

// Splits a line, or several, into simple commands as POSIX shells do, without expanding anything.
// Any bytes are fine: a quote that nobody closes ends with the text. Takes time and memory in
// proportion to the text, which must be shorter than 4 GiB.
std::vector<ShellCommand> split_shell(std::string_view text);

}  // namespace stayd::redaction
