// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "commands/shell_reader.h"

namespace stayd {
namespace {

constexpr std::string_view kEndOfWord = " \t\n;&|()<>";
// What a set or braces that are read in one step do not have.
constexpr std::string_view kEndOfSet = " \t\n;&|()<>\"'`$\\";
constexpr std::string_view kEndOfBraces = " \t\n;&|()<>\"'`$\\*?[";

bool is_one_of(std::string_view list, char c) { return list.find(c) != list.npos; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_byte(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

void add_hole(Word& word, bool splits) {
  word.text += kHole;
  word.splits = word.splits || splits;
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

}  // namespace

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
    while (!is_one_of(kEndOfWord, at()) && at() != '/') ++place_;
    add_hole(result, false);
  }
  while (!is_over()) {
    const char c = at();
    if ((c == '<' || c == '>') && at(1) == '(') {
      place_ += 2;
      substitution(c == '<' ? result.output_of : result.input_of);
      add_hole(result, false);
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
      backquoted(into);
      into.splits = true;
      return;
    case '*':
    case '?':
      ++place_;
      return add_hole(into, true);
    case '[':
      return set(into);
    case '{':
      return braces(into);
    case kHole:
      ++place_;
      return add_hole(into, true);
    case '\\':
      ++place_;
      if (place_ == text_.size()) return fail("a backslash at the end");
      if (at() != '\n') into.text += at();
      ++place_;
      return;
    default:
      into.text += at();
      ++place_;
  }
}

void ShellReader::single_quoted(Word& into) {
  const std::size_t end = text_.find('\'', place_ + 1);
  if (end == text_.npos) return fail("a quote is not closed");
  into.text += text_.substr(place_ + 1, end - place_ - 1);
  place_ = end + 1;
}

// "$'…'"
void ShellReader::escaped_quoted(Word& into) {
  const std::size_t begin = place_;
  for (place_ += 2; !is_over() && at() != '\'';) {
    if (at() == '\\') {
      escape_sequence(into);
    } else {
      into.text += at();
      ++place_;
    }
  }
  if (!take("'")) fail("a quote is not closed", begin);
}

// "\n", "\x41", "\101"; what a number of Unicode becomes depends on the locale.
void ShellReader::escape_sequence(Word& into) {
  constexpr std::string_view kNames = "abefnrtvE", kBytes = "\a\b\033\f\n\r\t\v\033";
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
    into.text += known == kNames.npos ? name : kBytes[known];
    return;
  }
  int value = 0;
  for (; most > 0 && hex_value(at()) >= 0 && hex_value(at()) < base; --most, ++place_)
    value = (value * base + hex_value(at())) & 0xff;
  into.text += name == 'u' || name == 'U' ? kHole : static_cast<char>(value);
}

void ShellReader::double_quoted(Word& into) {
  const std::size_t begin = place_++;
  while (!is_over() && at() != '"')
    if (!quoted_byte(into)) return;
  if (!take("\"")) fail("a quote is not closed", begin);
}

// Reads the next byte in double quotes, or the expansion that it begins.
bool ShellReader::quoted_byte(Word& into) {
  if (at() == '$') {
    expansion(into, true);
  } else if (at() == '`') {
    backquoted(into);
  } else if (at() == '\\' && is_one_of("$`\"\\\n", at(1)) && place_ + 1 < text_.size()) {
    if (at(1) != '\n') into.text += at(1);
    place_ += 2;
  } else {
    into.text += at();
    ++place_;
  }
  return !failed_;
}

void ShellReader::expansion(Word& into, bool quoted) {
  const char next = at(1);
  if (next == '(') {
    ++place_;
    if (const std::size_t end = end_of_arithmetic(); end != text_.npos) {
      place_ = end;
    } else {
      ++place_;
      substitution(into.output_of);
    }
    return add_hole(into, !quoted);
  }
  if (next == '{') {
    place_ += 2;
    parameter(into);
    return add_hole(into, !quoted);
  }
  if (!quoted && next == '\'') return escaped_quoted(into);
  if (!quoted && next == '"') {
    ++place_;
    return double_quoted(into);
  }
  ++place_;
  if (is_one_of("@*#?$!-", next) || is_digit(next)) {
    ++place_;
    return add_hole(into, !quoted || next == '@');
  }
  if (!is_name_byte(next)) {
    into.text += '$';
    return;
  }
  while (is_name_byte(at())) ++place_;
  add_hole(into, !quoted);
}

// What follows "${". Only the commands in it matter.
void ShellReader::parameter(Word& into) {
  const std::size_t begin = place_ - 2;
  Word ignored;
  if (++depth_ > kMaxScriptDepth) return fail("nested more than 32 deep");
  while (!is_over() && at() != '}') {
    if (at() == '\'')
      single_quoted(ignored);
    else if (at() == '"')
      double_quoted(ignored);
    else
      quoted_byte(ignored);
  }
  --depth_;
  into.output_of.insert(into.output_of.end(), ignored.output_of.begin(), ignored.output_of.end());
  if (!take("}")) fail("'}' is missing", begin);
}

void ShellReader::backquoted(Word& into) {
  std::string inner;
  std::size_t end = place_ + 1;
  for (; end < text_.size() && text_[end] != '`'; ++end) {
    if (text_[end] == '\\' && end + 1 < text_.size() && is_one_of("$`\\", text_[end + 1])) ++end;
    inner += text_[end];
  }
  if (end >= text_.size()) return fail("a quote is not closed");
  if (depth_ + 1 > kMaxScriptDepth) return fail("nested more than 32 deep");
  ShellReader reader(inner, script_, depth_ + 1);
  into.output_of.push_back(reader.list(Until::end));
  failed_ = failed_ || reader.failed_;
  place_ = end + 1;
  add_hole(into, false);
}

// What follows "$(", "<(" or ">(".
void ShellReader::substitution(std::vector<Span>& into) {
  if (++depth_ > kMaxScriptDepth) return fail("nested more than 32 deep");
  into.push_back(list(Until::parenthesis));
  --depth_;
  if (!take(")")) fail("')' is missing");
}

// "[a-z]" matches file names; a '[' that is not closed is an ordinary byte.
void ShellReader::set(Word& into) {
  std::size_t end = place_ + 1;
  if (place_ >= no_set_until_)
    while (end < text_.size() && text_[end] != ']' && !is_one_of(kEndOfSet, text_[end])) ++end;
  if (place_ < no_set_until_ || end == text_.size() || text_[end] != ']') {
    no_set_until_ = std::max(no_set_until_, end);
    into.text += '[';
    ++place_;
    return;
  }
  place_ = end + 1;
  add_hole(into, true);
}

// "{a,b}" and "{1..9}" become several words; other braces are ordinary bytes.
void ShellReader::braces(Word& into) {
  std::size_t end = place_, depth = 0;
  bool expands = false;
  if (place_ >= no_braces_until_) {
    for (; end < text_.size() && !is_one_of(kEndOfBraces, text_[end]); ++end) {
      if (text_[end] == '{') ++depth;
      if (text_[end] == '}' && --depth == 0) break;
      expands = expands || text_[end] == ',' || text_.substr(end, 2) == "..";
    }
    no_braces_until_ = std::max(no_braces_until_, end);
  }
  if (end == place_ || end >= text_.size() || text_[end] != '}') {
    // Something in it is quoted or expanded: it may well be closed later.
    const bool unclear =
        end > place_ && (expands || (end < text_.size() && !is_one_of(kEndOfWord, text_[end])));
    ++place_;
    if (unclear) return add_hole(into, true);
    into.text += '{';
    return;
  }
  if (expands)
    add_hole(into, true);
  else
    into.text += text_.substr(place_, end + 1 - place_);
  place_ = end + 1;
}

// "@(a|b)" matches file names.
void ShellReader::parenthesized(Word& into) {
  const std::size_t begin = place_;
  std::size_t depth = 0;
  for (; place_ < text_.size() && text_[place_] != '\n'; ++place_) {
    if (at() == '(') ++depth;
    if (at() == ')' && --depth == 0) break;
  }
  if (!take(")")) return fail("')' is missing", begin);
  add_hole(into, true);
}

// The place after "((…))" if that is what is next; npos: it is not, or not closed.
std::size_t ShellReader::end_of_arithmetic() const {
  if (!starts("((")) return text_.npos;
  std::size_t depth = 0;
  for (std::size_t i = place_; i < text_.size(); ++i) {
    const char c = text_[i];
    if (c == '\\') {
      ++i;
    } else if (c == '\'' || c == '"') {
      i = text_.find(c, i + 1);
      if (i == text_.npos) return i;
    } else if (c == '(') {
      ++depth;
    } else if (c == ')' && --depth == 1) {
      return i + 1 < text_.size() && text_[i + 1] == ')' ? i + 2 : text_.npos;
    }
  }
  return text_.npos;
}

// Takes the lines that follow, up to the delimiter of each document that began on the line before.
void ShellReader::read_here_documents() {
  for (const HereDocument& each : std::exchange(awaited_, {})) {
    std::string body;
    while (place_ < text_.size()) {
      const std::size_t end = std::min(text_.find('\n', place_), text_.size());
      std::string_view line = text_.substr(place_, end - place_);
      place_ = std::min(end + 1, text_.size());
      while (each.strip_tabs && line.starts_with('\t')) line.remove_prefix(1);
      if (line == each.delimiter) break;
      body.append(line).append("\n");
    }
    Word input;
    if (each.expands) {
      ShellReader reader(body, script_, depth_);
      while (!reader.is_over()) reader.quoted_byte(input);
      failed_ = failed_ || reader.failed_;
    } else {
      input.text = std::move(body);
    }
    if (each.command) script_.commands[*each.command].input = std::move(input);
  }
}

}  // namespace stayd
