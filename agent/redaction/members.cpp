// SPDX-License-Identifier: Apache-2.0
#include "redaction/members.h"

#include <algorithm>
#include <optional>
#include <string>

#include "redaction/cursor.h"
#include "redaction/names.h"
#include "redaction/values.h"

namespace stayd::redaction {
namespace {

constexpr std::size_t kMaxName = 64;  // of the next one in a list

// A value without quotes goes this far, unless a list continues with the next name before that.
enum class Reach : std::uint8_t {
  argument,  // to the end
  item,      // of a list: to a space or a quote
  word       // of a shell or a program's source: to an operator or a closing bracket as well
};

class Finder : Cursor {
 public:
  Finder(std::string_view text, Unit unit, Spans& spans)
      : Cursor(text), unit_(unit), spans_(spans) {}

  void run() {
    while (at_ < text_.size()) {
      const std::size_t found = text_.find_first_of("=:>", at_);
      if (found == text_.npos) return;
      at_ = found;
      if (text_[at_] == '=')
        assignment();
      else if (text_[at_] == ':')
        colon();
      else
        element();
    }
  }

 private:
  NameKind kind_of(const Key& key) const {
    std::string_view name = key.name.of(text_);
    name.remove_prefix(std::min(name.find_first_not_of('-'), name.size()));
    return kind_of_name(name);
  }

  // True if what follows is the next name of a list, and its '='.
  bool is_name_at(std::size_t i, bool with_spaces) const {
    std::size_t end = skip_blanks(i);
    const std::size_t begin = end;
    while (end - begin < kMaxName && (is_name(get(end)) || (with_spaces && get(end) == ' '))) ++end;
    return end > begin && get(end) == '=' && is_letter_or_digit(get(begin));
  }

  bool ends_value(std::size_t i, Reach reach, bool in_query) const {
    const char c = text_[i];
    if (c == '&' && (in_query || reach == Reach::word)) return true;
    if (c == '#' && in_query) return true;
    if ((c == ';' || c == ',') && i + 1 == text_.size()) return true;
    if (c == ';' && is_name_at(i + 1, true)) return true;
    if (c == '\\' && get(i + 1) == 'n' && (i + 2 == text_.size() || is_name_at(i + 2, false)))
      return true;  // what printf makes a new line of
    if ((c == ',' || c == '&' || is_space(c)) && is_name_at(i + 1, false)) return true;
    if (reach == Reach::argument) return false;
    if (is_space(c) || is_quote(c)) return true;
    return reach == Reach::word && std::string_view(";|<>)]}").find(c) != std::string_view::npos;
  }

  // The end of a "$(…)" that begins at `i`; `i` if none does, or if it is long.
  std::size_t skip_command(std::size_t i) const {
    constexpr std::size_t kMaxCommand = 256;
    if (get(i) != '$' || get(i + 1) != '(') return i;
    std::size_t depth = 0;
    for (std::size_t end = i + 1; end < text_.size() && end - i < kMaxCommand; ++end) {
      if (text_[end] == '(') ++depth;
      if (text_[end] == ')' && --depth == 0) return end + 1;
    }
    return i;
  }

  // A value without quotes.
  Value plain_at(std::size_t i, Reach reach, bool in_query) const {
    std::size_t end = i;
    while (end < text_.size()) {
      const std::size_t after_command = skip_command(end);
      if (after_command == end && ends_value(end, reach, in_query)) break;
      end = std::max(after_command, end + 1);
    }
    return {{i, end}, end};
  }

  // "os.environ[", "getpass(": what a program computes.
  static bool is_code(std::string_view value) {
    std::size_t end = 0;
    while (end < value.size() && (is_name(value[end]) && value[end] != '-')) ++end;
    return end > 0 && is_letter(value[0]) && end < value.size() &&
           (value[end] == '(' || value[end] == '[');
  }

  void add(const Key& key, NameKind kind, Span value, bool in_query = false) {
    if (lower(key.name.of(text_)).ends_with("authorization")) value = without_scheme(value);
    // A string within the quotes of a shell.
    while (value.end - value.begin > 2 && is_quote(get(value.begin)) &&
           get(value.begin) == before(value.end))
      ++value.begin, --value.end;
    if (is_secret(kind, value.of(text_), in_query)) spans_.push_back(value);
  }

  void assignment() {
    const std::size_t sign = at_;
    ++at_;
    if (std::string_view("!<>").find(before(sign)) != std::string_view::npos && sign > 0) return;
    if (get(at_) == '=' || get(at_) == '~') {
      ++at_;
      return;
    }
    const bool is_arrow = get(at_) == '>';
    const char operation = before(sign);  // of "+=", ":=", "?="
    const bool is_double = operation == '+' || operation == ':' || operation == '?';
    const Key key = key_before(is_double ? sign - 1 : sign);
    const NameKind kind = kind_of(key);
    if (kind == NameKind::ordinary) return;
    // [ "$token" = "x" ] compares.
    if (key.quoted && before(key.name.begin) == '$') return;

    std::size_t begin = at_ + (is_arrow ? 1 : 0);
    if (key.spaced || is_arrow) begin = skip_blanks(begin);
    if (const std::optional<Value> value = string_at(begin)) {
      add(key, kind, value->span);
      at_ = value->next;
      return;
    }
    if (key.spaced && !begins_line(key.name.begin)) return;
    const bool in_query = before(key.name.begin) == '?' || before(key.name.begin) == '&';
    const Reach reach = reach_of(key.name.begin);
    const Value value = key.spaced ? line_at(begin) : plain_at(begin, reach, in_query);
    const bool in_form = in_query || get(value.span.end) == '&';
    if (reach != Reach::word || !is_code(text_.substr(value.span.begin)))
      add(key, kind, value.span, in_form);
    at_ = std::max(at_, value.next);
  }

  // The reach of the value whose name begins at `i`: the first of an argument, or the first after
  // an option (--set=NAME=…), has all of it.
  Reach reach_of(std::size_t i) const {
    if (unit_ == Unit::script) return Reach::word;
    const char previous = before(i);
    if (i == 0 || (previous == '=' && get(0) == '-')) return Reach::argument;
    if (i == 1 && !is_letter_or_digit(get(0))) return Reach::argument;
    return previous == ';' || previous == ',' ? Reach::item : Reach::word;
  }

  void colon() {
    const std::size_t sign = at_;
    ++at_;
    const char next = get(at_);
    if (next == ':' || next == '=') return;
    const Key key = key_before(sign);
    if (key.name.begin == key.name.end) return;
    const NameKind kind = kind_of(key);
    if (kind == NameKind::ordinary || kind == NameKind::signature) return;
    if (key.quoted)
      quoted_member(key, kind);
    else if (key.spaced)
      return;
    else if (is_space(next))
      spaced_member(key, kind);
    else
      glued_member(key, kind);
  }

  // "name": "value"
  void quoted_member(const Key& key, NameKind kind) {
    std::size_t begin = at_;
    while (is_space(get(begin))) ++begin;
    Value value;
    if (const std::optional<Value> string = string_at(begin)) {
      value = *string;
    } else if (get(begin) == '{') {
      return;
    } else {
      const bool is_list = get(begin) == '[';
      const std::size_t end = text_.find_first_of(is_list ? "]" : ",}] \t\r\n\"'", begin);
      value.span = {begin + (is_list ? 1 : 0), std::min(end, text_.size())};
      value.next = value.span.end;
      if (value.span.begin > value.span.end) return;
    }
    add(key, kind, value.span);
    at_ = std::max(at_, value.next);
  }

  static bool is_header(std::string_view name) {
    const std::string text = lower(name);
    return text.starts_with("x-") || text.ends_with("authorization") || text.ends_with("cookie") ||
           text == "private-token" || text == "job-token" || text == "deploy-token" ||
           text == "api-key" || text == "apikey";
  }

  // Name: value
  void spaced_member(const Key& key, NameKind kind) {
    const std::size_t begin = skip_blanks(at_);
    if (get(begin) == '\0' || is_space(get(begin))) return;
    if (const std::optional<Value> string = string_at(begin)) {
      add(key, kind, string->span);
      at_ = string->next;
      return;
    }
    const std::string_view name = key.name.of(text_);
    const bool is_header_name = is_header(name) || name.find('-') != name.npos;
    const char quote = before(key.name.begin);
    Span value{begin, begin};
    if (is_quote(quote)) {
      while (value.end < text_.size() && text_[value.end] != quote && text_[value.end] != '\n')
        ++value.end;
    } else if (begins_line(key.name.begin)) {
      value = line_at(begin).span;
    } else {
      if (!is_header_name) return;
      value = words_at(begin);
    }
    // Two words after one are prose.
    if (is_header_name || !has_space(value.of(text_))) add(key, kind, value);
    at_ = std::max(at_, value.end);
  }

  // pass:value of openssl, /password:value of Windows, X-Api-Key:value
  void glued_member(const Key& key, NameKind kind) {
    const std::string name = lower(key.name.of(text_));
    const bool is_password =
        name == "pass" || name == "password" || name == "passwd" || name == "passphrase";
    const bool is_glued_header = name.starts_with("-h") && is_header(name.substr(2));
    const std::size_t start = key.name.begin;
    const char previous = before(start);
    const bool is_slashed = previous == '/' && (start == 1 || is_space(before(start - 1))) &&
                            name.find("pass") != name.npos;
    const bool begins =
        is_slashed || start == 0 || is_space(previous) || is_quote(previous) || previous == '=';
    if (!begins || (!is_password && !is_slashed && !is_header(name) && !is_glued_header)) return;
    const bool is_whole = unit_ == Unit::argument && !is_space(previous) && !is_quote(previous);
    const Value value = is_whole ? line_at(at_) : Value{words_at(at_), at_};
    add(key, kind, value.span);
    at_ = std::max(at_, value.span.end);
  }

  // <name>value</name>
  void element() {
    const std::size_t sign = at_;
    ++at_;
    const Key key = key_before(sign);
    if (key.quoted || key.spaced || before(key.name.begin) != '<') return;
    const NameKind kind = kind_of(key);
    if (kind == NameKind::ordinary) return;
    const std::size_t end = text_.find('<', at_);
    if (end == text_.npos) return;
    add(key, kind, {at_, end});
    at_ = end;
  }

  Unit unit_;
  Spans& spans_;
  std::size_t at_ = 0;
};

}  // namespace

void find_members(std::string_view text, Unit unit, Spans& spans) {
  Finder(text, unit, spans).run();
}

}  // namespace stayd::redaction
