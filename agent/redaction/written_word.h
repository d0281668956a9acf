// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "commands/word.h"
#include "redaction/span.h"

namespace stayd::redaction {

// A word as it was written, but for its quotes and backslashes: what the shell would put in stands
// there as it is ("$TOKEN", "*"), and commands are missing between their brackets ("a$()").
class WrittenWord {
 public:
  // `word` is of `script`.
  WrittenWord(const Word& word, std::string_view script);

  const std::string& text() const { return text_; }
  // The bytes of the script that these bytes of the text came from. `span` is not empty.
  Span in_script(Span span) const;

 private:
  void add(std::string_view script, std::size_t begin, std::size_t end);

  std::string text_;
  std::vector<WrittenAt> places_;  // of each byte
};

}  // namespace stayd::redaction
