// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stayd {

// The certainty of a statement; std::min of two means "both", std::max "either".
enum class Certainty : std::uint8_t { no, perhaps, yes };

// The commands [first, last) of a list.
struct CommandSpan {
  std::size_t first = 0;
  std::size_t last = 0;
  bool operator==(const CommandSpan&) const = default;
};

// The bytes [begin, end) of a script.
struct WrittenAt {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool operator==(const WrittenAt&) const = default;
};

// Stands in a word for what is not known before it runs: an expansion of the shell, or the end of
// an argument that could not be read. No argument has this byte.
inline constexpr char kHole = '\0';

// A word of a command, without the quotes that it was written with.
struct Word {
  std::string text;
  bool splits = false;                      // it may become several words, or none
  std::vector<CommandSpan> output_of = {};  // the commands whose output is in it
  std::vector<CommandSpan> input_of = {};   // the commands that read what is written to it: ">(sh)"
  std::vector<WrittenAt> written = {};      // each byte of the text; empty: it is of no script

  bool known() const { return !splits && text.find(kHole) == std::string::npos; }
  bool operator==(const Word&) const = default;
};

// Returns what follows the last slash, also of a word whose beginning is not known.
inline std::string_view base_name(std::string_view text) {
  return text.substr(text.rfind('/') + 1);
}

// True if `list`, words with a space between them, has `word`.
inline bool has_word(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(' '), list.size());
    if (list.substr(0, end) == word) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

}  // namespace stayd
