// SPDX-License-Identifier: Apache-2.0
#include "redaction/written_word.h"

namespace stayd::redaction {
namespace {

bool is_command(std::string_view expansion) {
  return expansion.starts_with("$(") || expansion.starts_with('`') || expansion.starts_with("<(") ||
         expansion.starts_with(">(");
}

}  // namespace

WrittenWord::WrittenWord(const Word& word, std::string_view script) {
  for (std::size_t i = 0; i < word.text.size(); ++i) {
    const auto [begin, end] = word.written[i];
    if (word.text[i] != kHole) {
      text_ += word.text[i];
      places_.push_back({begin, end});
    } else if (end > begin + 2 && is_command(script.substr(begin, end - begin))) {
      text_ += "$()";
      places_.insert(places_.end(), {{begin, begin + 1}, {begin + 1, begin + 2}, {end - 1, end}});
    } else {
      add(script, begin, end);
    }
  }
}

void WrittenWord::add(std::string_view script, std::size_t begin, std::size_t end) {
  text_ += script.substr(begin, end - begin);
  for (std::size_t i = begin; i < end; ++i) places_.push_back({i, i + 1});
}

Span WrittenWord::in_script(Span span) const {
  return {places_[span.begin].begin, places_[span.end - 1].end};
}

}  // namespace stayd::redaction
