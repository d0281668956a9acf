// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace stayd::redaction {

// The bytes of a text from `begin` up to `end`.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;

  std::string_view of(std::string_view text) const { return text.substr(begin, end - begin); }
  bool operator==(const Span&) const = default;
};

// In any order; they may meet and overlap.
using Spans = std::vector<Span>;

// The same places in order, those that meet made one, and no empty ones.
Spans merged(Spans spans);

}  // namespace stayd::redaction
