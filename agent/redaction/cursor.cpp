// SPDX-License-Identifier: Apache-2.0
#include "redaction/cursor.h"

#include <algorithm>
#include <array>
#include <string>

namespace stayd::redaction {
namespace {

constexpr std::size_t kMaxName = 128;
constexpr std::size_t kMaxBlanks = 8;  // between a name and its sign
constexpr std::size_t kMaxIndent = 32;

constexpr auto kSchemes = std::to_array<std::string_view>(
    {"apikey", "aws4-hmac-sha256", "basic", "bearer", "bot", "digest", "dpop", "genie-key", "hawk",
     "key", "negotiate", "ntlm", "sso-key", "ssws", "token"});

bool is_scheme(std::string_view word) {
  return std::ranges::find(kSchemes, lower(word)) != kSchemes.end();
}

}  // namespace

std::size_t Cursor::skip_blanks(std::size_t i) const {
  while (is_blank(get(i))) ++i;
  return i;
}

bool Cursor::begins_line(std::size_t i) const {
  for (std::size_t count = 0; (is_blank(before(i)) || before(i) == '-') && count < kMaxIndent;
       ++count)
    --i;
  return i == 0 || before(i) == '\n';
}

Key Cursor::key_before(std::size_t end) const {
  Key key;
  const std::size_t sign = end;
  while (is_blank(before(end)) && sign - end < kMaxBlanks) --end;
  key.spaced = end != sign;
  const std::size_t closing = end;
  while (closing - end < kMaxBlanks &&
         (is_quote(before(end)) || before(end) == ']' || before(end) == '\\')) {
    key.quoted |= is_quote(before(end));
    --end;
  }
  std::size_t begin = end;
  while (is_name(before(begin)) && end - begin < kMaxName) --begin;
  key.name = {begin, end};
  return key;
}

std::optional<Value> Cursor::string_at(std::size_t i) const {
  constexpr std::string_view kPrefixes = "bBrRfFuU$";  // of Python and of shells
  if (i < text_.size() && kPrefixes.find(get(i)) != kPrefixes.npos && is_quote(get(i + 1))) ++i;
  std::size_t escapes = 0;
  while (get(i) == '\\' && escapes < kMaxBlanks) ++i, ++escapes;
  const char quote = get(i);
  if (!is_quote(quote)) return std::nullopt;
  std::size_t backslashes = 0;  // directly before `end`
  for (std::size_t end = i + 1; end < text_.size(); ++end) {
    if (text_[end] == '\\') {
      ++backslashes;
      continue;
    }
    const bool closes = escapes > 0 ? backslashes <= escapes : backslashes % 2 == 0;
    if (text_[end] == quote && closes)
      return Value{{i + 1, end - std::min(backslashes, escapes)}, end + 1};
    backslashes = 0;
  }
  return Value{{i + 1, text_.size()}, text_.size()};
}

Value Cursor::line_at(std::size_t i) const {
  std::size_t end = std::min(text_.find_first_of("\r\n", i), text_.size());
  const std::size_t next = end;
  while (end > i && is_blank(before(end))) --end;
  return {{i, end}, next};
}

Span Cursor::words_at(std::size_t i) const {
  const auto word_end = [this](std::size_t end) {
    while (end < text_.size() && !is_space(text_[end]) && !is_quote(text_[end])) ++end;
    return end;
  };
  std::size_t end = word_end(i);
  if (is_scheme(text_.substr(i, end - i))) end = word_end(skip_blanks(end));
  while (before(end) == ';' && is_blank(get(end))) end = word_end(skip_blanks(end));
  // A quote within quotes has a backslash, which is no part of the value either.
  while (is_quote(get(end)) && end > i && before(end) == '\\') --end;
  return {i, end};
}

Span Cursor::without_scheme(Span value) const {
  const std::size_t size = value.of(text_).find(' ');
  if (size == std::string_view::npos || !is_scheme(text_.substr(value.begin, size))) return value;
  value.begin = std::min(skip_blanks(value.begin + size), value.end);
  return value;
}

}  // namespace stayd::redaction
