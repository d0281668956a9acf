// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "commands/shell_reader.h"

namespace stayd {
namespace {

constexpr std::string_view kEndOfWord = " \t\n;&|()<>";

bool is_one_of(std::string_view list, char c) { return list.find(c) != list.npos; }

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

}  // namespace

void ShellReader::add_next(Word& into, char c, std::size_t count) {
  const std::size_t begin = place_;
  place_ += count;
  add_since(into, c, begin);
}

void ShellReader::add_since(Word& into, char c, std::size_t begin) const {
  into.text += c;
  into.written.push_back(source_.written_at(begin, place_));
}

void ShellReader::add_hole_since(Word& into, std::size_t begin, bool splits) const {
  add_since(into, kHole, begin);
  into.splits = into.splits || splits;
}

bool ShellReader::take(std::string_view with) {
  if (!starts(with)) return false;
  place_ += with.size();
  return true;
}

// Skips what separates words, comments included.
void ShellReader::blank() {
  while (place_ < text_.size()) {
    if (at() == ' ' || at() == '\t')
      ++place_;
    else if (starts("\\\n"))
      place_ += 2;
    else if (at() == '#')
      place_ = std::min(text_.find('\n', place_), text_.size());
    else
      return;
  }
}

bool ShellReader::newline() {
  if (is_over() || at() != '\n') return false;
  ++place_;
  read_here_documents();
  return true;
}

void ShellReader::newlines() {
  do blank();
  while (newline());
}

Word ShellReader::word() {
  Word result;
  if (!is_over() && at() == '~') {
    const std::size_t begin = place_;
    while (!is_one_of(kEndOfWord, at()) && at() != '/') ++place_;
    add_hole_since(result, begin, false);
  }
  while (!is_over()) {
    const char c = at();
    if ((c == '<' || c == '>') && at(1) == '(') {
      const std::size_t begin = place_;
      place_ += 2;
      substitution(c == '<' ? result.output_of : result.input_of);
      add_hole_since(result, begin, false);
    } else if (c == '(' && !result.text.empty() && is_one_of("@!+*?", text_[place_ - 1])) {
      parenthesized(result);
    } else if (is_one_of(kEndOfWord, c)) {
      break;
    } else {
      unquoted(result);
    }
  }
  return result;
}

// Reads the next byte of a word, or all that belongs to it.
void ShellReader::unquoted(Word& into) {
  switch (at()) {
    case '\'':
      return single_quoted(into);
    case '"':
      return double_quoted(into);
    case '$':
      return expansion(into, false);
    case '`':
      return backquoted(into, false);
    case '*':
    case '?':
    case kHole:
      add_next(into, kHole);
      into.splits = true;
      return;
    case '[':
      return set(into);
    case '{':
      return braces(into);
    case '\\':
      if (place_ + 1 == text_.size()) {
        ++place_;
        return fail("a backslash at the end");
      }
      if (at(1) == '\n')
        place_ += 2;
      else
        add_next(into, at(1), 2);
      return;
    default:
      add_next(into, at());
  }
}

void ShellReader::single_quoted(Word& into) {
  const std::size_t begin = place_++;
  const std::size_t end = std::min(text_.find('\'', place_), text_.size());
  while (place_ < end) add_next(into, at());
  if (!take("'")) fail("a quote is not closed", begin);
}

// "$'…'"
void ShellReader::escaped_quoted(Word& into) {
  const std::size_t begin = place_;
  for (place_ += 2; !is_over() && at() != '\'';) {
    if (at() == '\\' && place_ + 1 < text_.size())
      escape_sequence(into);
    else
      add_next(into, at());
  }
  if (!take("'")) fail("a quote is not closed", begin);
}

// "\n", "\x41", "\101"; what a number of Unicode becomes depends on the locale.
void ShellReader::escape_sequence(Word& into) {
  constexpr std::string_view kNames = "abefnrtvE", kBytes = "\a\b\033\f\n\r\t\v\033";
  const std::size_t begin = place_;
  const char name = at(1);
  place_ += 2;
  int base = 16;
  std::size_t most = name == 'x' ? 2 : name == 'u' ? 4 : name == 'U' ? 8 : 0;
  if (name >= '0' && name <= '7') {
    most = 3;
    base = 8;
    --place_;
  }
  if (most == 0) {
    const std::size_t known = kNames.find(name);
    return add_since(into, known == kNames.npos ? name : kBytes[known], begin);
  }
  int value = 0;
  for (; most > 0 && hex_value(at()) >= 0 && hex_value(at()) < base; --most, ++place_)
    value = (value * base + hex_value(at())) & 0xff;
  add_since(into, name == 'u' || name == 'U' ? kHole : static_cast<char>(value), begin);
}

void ShellReader::double_quoted(Word& into) {
  const std::size_t begin = place_++;
  while (!is_over() && at() != '"')
    if (!quoted_byte(into)) return;
  if (!failed_ && !take("\"")) fail("a quote is not closed", begin);
}

// Reads the next byte in double quotes, or the expansion that it begins. Returns false if there is
// trouble.
bool ShellReader::quoted_byte(Word& into) {
  if (at() == '$') {
    expansion(into, true);
  } else if (at() == '`') {
    backquoted(into, true);
  } else if (at() == '\\' && is_one_of("$`\"\\\n", at(1)) && place_ + 1 < text_.size()) {
    if (at(1) == '\n')
      place_ += 2;
    else
      add_next(into, at(1), 2);
  } else {
    add_next(into, at());
  }
  return !failed_;
}

}  // namespace stayd
