// SPDX-License-Identifier: Apache-2.0
#include "audit/tail.h"

#include <algorithm>

namespace stayd::audit {

std::optional<Tail> find_tail(std::string_view end, bool whole) {
  std::size_t after =
      end.size();  // the first byte after the candidate and its newline, if it has one
  while (after > 0) {
    const bool ended = end[after - 1] == '\n';
    const std::size_t line_end = ended ? after - 1 : after;
    const std::size_t newline = line_end == 0 ? end.npos : end.rfind('\n', line_end - 1);
    // Without the newline before it, its beginning may not be there.
    if (newline == end.npos && !whole) return std::nullopt;
    const std::size_t begin = newline == end.npos ? 0 : newline + 1;
    const std::string_view text = end.substr(begin, line_end - begin);
    if (const Result<Line> line = parse_line(text))
      return Tail{head_of(*line), ended, end.size() - after};
    after = begin;
  }
  if (!whole) return std::nullopt;
  return Tail{std::nullopt, true, end.size()};
}

std::optional<Line> first_line(std::string_view begin) {
  while (!begin.empty()) {
    const std::size_t size = std::min(begin.find('\n'), begin.size());
    if (const Result<Line> line = parse_line(begin.substr(0, size))) return *line;
    begin.remove_prefix(std::min(size + 1, begin.size()));
  }
  return std::nullopt;
}

}  // namespace stayd::audit
