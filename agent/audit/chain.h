// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "audit/redactor.h"
#include "base/result.h"

// The chain of the record: each line has the number after that of the line before, and that
// line's hash. Pure. docs/operate/record.md is the format.
namespace stayd::audit {

inline constexpr int kFormat = 1;
inline constexpr std::size_t kMaxLine = std::size_t{1} << 20;  // without its newline
// Larger numbers would be rounded by what reads JSON numbers as doubles (RFC 8259, section 6).
inline constexpr std::uint64_t kMaxNumber = (std::uint64_t{1} << 53) - 1;

// The end of the chain, which the next line has to follow.
struct Head {
  std::uint64_t number = 0;  // 0: there is no line yet
  std::string hash = std::string(64, '0');
  bool operator==(const Head&) const = default;
};

// A line that is well formed, which says nothing of where it belongs. Views into its text.
struct Line {
  std::uint64_t number = 0;
  std::string_view previous{};  // hash of the line before
  std::string_view time{};      // RFC 3339
  std::string_view event{};
  std::string_view text{};  // all of it
};

// 64 hex digits: SHA-256 over "stayd record line 1\n" and the line's bytes without its newline.
std::string hash_of(std::string_view line);

inline Head head_of(const Line& line) { return {line.number, hash_of(line.text)}; }

// The line, without a newline, that records `event` after `head`: `seq`, `prev`, `time` and
// `event` in that order, then the other members. Error: the event has no time or name, has
// members of the chain's, or is larger than kMaxLine.
Result<std::string> line_text(const Head& head, const Redacted& event);

// The reverse: exact about the four members in front, and otherwise any JSON object. Errors
// say what is wrong with the line, and repeat nothing of it.
Result<Line> parse_line(std::string_view text);

}  // namespace stayd::audit
