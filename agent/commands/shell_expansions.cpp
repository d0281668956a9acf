// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "commands/shell_reader.h"

namespace stayd {
namespace {

constexpr std::string_view kEndOfWord = " \t\n;&|()<>";
// A set, and braces, are read in one step only if they have none of these.
constexpr std::string_view kEndOfSet = " \t\n;&|()<>\"'`$\\";
constexpr std::string_view kEndOfBraces = " \t\n;&|()<>\"'`$\\*?[";

bool is_one_of(std::string_view list, char c) { return list.find(c) != list.npos; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_byte(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

}  // namespace

void ShellReader::expansion(Word& into, bool quoted) {
  const std::size_t begin = place_;
  const char next = at(1);
  if (next == '(') {
    ++place_;
    if (const std::size_t end = end_of_arithmetic(); end != text_.npos) {
      place_ = end;
    } else {
      ++place_;
      substitution(into.output_of);
    }
    return add_hole_since(into, begin, !quoted);
  }
  if (next == '{') return parameter(into, quoted);
  if (!quoted && next == '\'') return escaped_quoted(into);
  if (!quoted && next == '"') {
    ++place_;
    return double_quoted(into);
  }
  ++place_;
  if (is_one_of("@*#?$!-", next) || is_digit(next)) {
    ++place_;
    return add_hole_since(into, begin, !quoted || next == '@');
  }
  if (!is_name_byte(next)) return add_since(into, '$', begin);
  while (is_name_byte(at())) ++place_;
  add_hole_since(into, begin, !quoted);
}

// "${…}": only the commands in it matter.
void ShellReader::parameter(Word& into, bool quoted) {
  const std::size_t begin = place_;
  place_ += 2;
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
  if (!failed_ && !take("}")) fail("'}' is missing", begin);
  add_hole_since(into, begin, !quoted);
}

void ShellReader::backquoted(Word& into, bool quoted) {
  const std::size_t begin = place_++;
  std::string inner;
  ScriptText text;
  for (; place_ < text_.size() && at() != '`'; ++place_) {
    if (at() == '\\' && place_ + 1 < text_.size() && is_one_of("$`\\", at(1))) ++place_;
    inner += at();
    text.places.push_back(source_.place_of(place_));
  }
  if (!take("`")) fail("a quote is not closed", begin);
  if (failed_) return;
  if (depth_ + 1 > kMaxScriptDepth) return fail("nested more than 32 deep");
  text.bytes = inner;
  ShellReader reader(std::move(text), script_, goes_on_ ? AfterTrouble::go_on : AfterTrouble::stop,
                     depth_ + 1);
  into.output_of.push_back(reader.script());
  failed_ = failed_ || reader.failed_;
  add_hole_since(into, begin, !quoted);
}

// Reads the commands after "$(", "<(" or ">(".
void ShellReader::substitution(std::vector<CommandSpan>& into) {
  if (++depth_ > kMaxScriptDepth) return fail("nested more than 32 deep");
  into.push_back(list(Until::parenthesis));
  --depth_;
  if (!failed_ && !take(")")) fail("')' is missing");
}

// "[a-z]" matches file names; a '[' that is not closed is an ordinary byte.
void ShellReader::set(Word& into) {
  const std::size_t begin = place_;
  std::size_t end = place_ + 1;
  if (place_ >= no_set_until_)
    while (end < text_.size() && text_[end] != ']' && !is_one_of(kEndOfSet, text_[end])) ++end;
  if (place_ < no_set_until_ || end == text_.size() || text_[end] != ']') {
    no_set_until_ = std::max(no_set_until_, end);
    return add_next(into, '[');
  }
  place_ = end + 1;
  add_hole_since(into, begin, true);
}

// "{a,b}" and "{1..9}" become several words; other braces are ordinary bytes.
void ShellReader::braces(Word& into) {
  const std::size_t begin = place_;
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
    add_next(into, unclear ? kHole : '{');
    into.splits = into.splits || unclear;
    return;
  }
  if (!expands) {
    while (place_ <= end) add_next(into, at());
    return;
  }
  place_ = end + 1;
  add_hole_since(into, begin, true);
}

// "@(a|b)" matches file names.
void ShellReader::parenthesized(Word& into) {
  const std::size_t begin = place_;
  std::size_t depth = 0;
  for (; place_ < text_.size() && text_[place_] != '\n'; ++place_) {
    if (at() == '(') ++depth;
    if (at() == ')' && --depth == 0) break;
  }
  if (!take(")")) fail("')' is missing", begin);
  add_hole_since(into, begin, true);
}

// The place after "((…))" if that is what is next; npos: it is not, it is not closed, or it is
// long.
std::size_t ShellReader::end_of_arithmetic() const {
  constexpr std::size_t kMaxArithmetic = 1024;
  if (!starts("((")) return text_.npos;
  const std::string_view text = text_.substr(place_, kMaxArithmetic);
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      ++i;
    } else if (c == '\'' || c == '"') {
      i = text.find(c, i + 1);
      if (i == text.npos) return i;
    } else if (c == '(') {
      ++depth;
    } else if (c == ')' && --depth == 1) {
      return text.substr(i + 1).starts_with(')') ? place_ + i + 2 : text.npos;
    }
  }
  return text.npos;
}

}  // namespace stayd
