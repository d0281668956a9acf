// SPDX-License-Identifier: Apache-2.0
#include "redaction/joined.h"

#include <algorithm>

namespace stayd::redaction {

Joined::Joined(std::span<const std::string> arguments) {
  for (const std::string& each : arguments) {
    if (!begins_.empty()) text_ += ' ';
    begins_.push_back(text_.size());
    text_ += each;
  }
}

std::size_t Joined::argument_at(std::size_t place) const {
  const auto after = std::ranges::upper_bound(begins_, place);
  return static_cast<std::size_t>(after - begins_.begin()) - 1;
}

Span Joined::of(std::size_t argument) const {
  const std::size_t end = argument + 1 < begins_.size() ? begins_[argument + 1] - 1 : text_.size();
  return {begins_[argument], end};
}

void Joined::add(Span span, std::vector<Spans>& by_argument) const {
  for (std::size_t i = argument_at(span.begin); i < begins_.size(); ++i) {
    const Span argument = of(i);
    if (argument.begin >= span.end) return;
    const std::size_t begin = std::max(span.begin, argument.begin);
    const std::size_t end = std::min(span.end, argument.end);
    if (begin < end) by_argument[i].push_back({begin - argument.begin, end - argument.begin});
  }
}

}  // namespace stayd::redaction
