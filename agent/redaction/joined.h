// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "redaction/span.h"

namespace stayd::redaction {

// Arguments with a space between each two, and the way back to each.
class Joined {
 public:
  explicit Joined(std::span<const std::string> arguments);

  const std::string& text() const { return text_; }
  std::size_t argument_at(
      std::size_t place) const;         // the index; a space belongs to what precedes it
  Span of(std::size_t argument) const;  // its bytes in the text

  // Adds what of the span is in each argument to the list of that argument.
  void add(Span span, std::vector<Spans>& by_argument) const;

 private:
  std::string text_;
  std::vector<std::size_t> begins_;
};

}  // namespace stayd::redaction
