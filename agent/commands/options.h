// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "commands/tool_table.h"
#include "commands/word.h"

namespace stayd {

inline constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);

// An option as the program that it is given to reads it.
struct GivenOption {
  std::string name{};           // "--force", "-f"; its head, if the rest is not known
  const Word* value = nullptr;  // the word that has it; nullptr: none was given
  std::size_t value_at = 0;     // where in that word it begins
  std::size_t place = 0;        // of that word
  bool known = true;            // false: part of `name` or whether it is an option is not known
  bool one_of_several = false;  // a letter of a bundle, of a program that may not know bundles
};

// A word that is not an option.
struct GivenWord {
  const Word* word = nullptr;
  std::size_t place = kNowhere;  // kNowhere: it stands for what a word before it may become
  bool perhaps_value = false;    // of the option before it, about which nothing is known
};

// The words of a command, told apart as its program does it. Pointers and places are of what was
// given.
struct Given {
  std::vector<GivenOption> options;
  std::vector<GivenWord> words;
};

// The one name of an option that may be written with one '-' and with two.
std::string option_name(const ToolFacts* tool, std::string_view option);

inline constexpr std::size_t kAllWords = static_cast<std::size_t>(-1);

// `tool` is nullptr if it is not known; `with_value` names further options that take a value. Ends
// after the word that is the `most`th.
Given read_options(const ToolFacts* tool, std::span<const Word> words,
                   std::span<const std::string> with_value = {}, std::size_t most = kAllWords);

}  // namespace stayd
