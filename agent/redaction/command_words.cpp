// SPDX-License-Identifier: Apache-2.0
#include "redaction/command_words.h"

#include <algorithm>
#include <array>

#include "redaction/ascii.h"

namespace stayd::redaction {
namespace {

constexpr auto kScripted = std::to_array<std::string_view>({"eval", "ssh", "watch", "wsl"});

bool takes_script(std::string_view word) {
  return std::ranges::find(kScripted, base_name(word)) != kScripted.end();
}

// "-c", "-lc"
bool is_script_option(std::string_view word) {
  constexpr std::size_t kLongest = 5;
  if (word == "--command" || word == "-Command" || word == "/c") return true;
  return is_option(word) && word.size() <= kLongest && word.back() == 'c' &&
         std::ranges::all_of(word.substr(1), is_letter);
}

}  // namespace

std::string_view take_word(std::string_view& words) {
  const std::size_t end = std::min(words.find(' '), words.size());
  const std::string_view word = words.substr(0, end);
  words.remove_prefix(std::min(end + 1, words.size()));
  return word;
}

bool is_option(std::string_view word) { return word.size() > 1 && word[0] == '-'; }

bool is_short_option(std::string_view word) { return word.size() == 2 && word[0] == '-'; }

bool looks_like_option(std::string_view word) {
  if (!is_option(word)) return false;
  word = word.substr(0, word.find('='));
  return std::ranges::all_of(word, [](char c) { return is_letter(c) || c == '-'; });
}

bool is_assignment(std::string_view word) {
  const std::size_t end = word.find('=');
  return end != word.npos && end > 0 && std::ranges::all_of(word.substr(0, end), is_name);
}

bool is_script(std::span<const std::string_view> words, std::size_t index) {
  constexpr std::size_t kSearched = 8;
  if (index == 0) return false;
  return is_script_option(words[index - 1]) ||
         std::ranges::any_of(words.first(std::min(index, kSearched)), takes_script);
}

}  // namespace stayd::redaction
