// SPDX-License-Identifier: Apache-2.0
#include "commands/shell.h"

#include <algorithm>

#include "commands/shell_reader.h"

namespace stayd {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A reserved word is one only where a command can begin, and if nothing in it is quoted.
constexpr std::string_view kReserved[] = {
    "if",     "then", "elif", "else", "fi", "while", "until", "do",   "done",     "for",
    "select", "case", "esac", "{",    "}",  "!",     "[[",    "time", "function", "coproc"};
constexpr std::string_view kEndingList = "then elif else fi do done esac }";

}  // namespace

Script split_script(std::string_view text) {
  Script script;
  ShellReader(text, script, 0).list(ShellReader::Until::end);
  return script;
}

void ShellReader::fail(std::string_view what, std::size_t where) {
  if (!failed_ && !script_.trouble)
    script_.trouble = std::string(what) + ", at byte " + std::to_string(where + 1);
  failed_ = true;
}

void ShellReader::fail_at_byte() {
  const char c = at();
  fail(c > ' ' && c <= '~' ? "an unexpected '" + std::string(1, c) + "'" : "an unexpected byte",
       place_);
}

// The reserved word that is next; empty if there is none.
std::string_view ShellReader::reserved() const {
  const std::string_view rest = text_.substr(place_);
  const std::string_view next = rest.substr(0, rest.find_first_of(" \t\n;&|()<>"));
  const auto found = std::ranges::find(kReserved, next);
  return found == std::end(kReserved) ? std::string_view() : *found;
}

bool ShellReader::take_reserved(std::string_view word) {
  if (reserved() != word) return false;
  place_ += word.size();
  return true;
}

void ShellReader::expect(std::string_view word) {
  if (!take_reserved(word)) fail("'" + std::string(word) + "' is missing");
}

bool ShellReader::ends_list(Until until) const {
  if (is_over()) return true;
  switch (until) {
    case Until::end:
      return false;
    case Until::parenthesis:
      return at() == ')';
    case Until::next_case:
      return starts(";;") || starts(";&") || reserved() == "esac";
    case Until::word:
      return has_word(kEndingList, reserved());
  }
  return true;
}

// Takes the separator after a pipeline: the next one may begin on a later line.
void ShellReader::separator() {
  if (take("&&") || take("||"))
    newlines();
  else if (at() == '&' || at() == ';')
    ++place_;
  else
    newline();
}

Span ShellReader::list(Until until) {
  const std::size_t first = count();
  for (newlines(); !ends_list(until); newlines()) {
    pipeline();
    blank();
    if (ends_list(until)) break;
    const std::size_t before = place_;
    separator();
    if (place_ == before) fail_at_byte();
  }
  if (!failed_ && until != Until::end && place_ >= text_.size()) fail("the script ends too early");
  return {first, count()};
}

// Whatever an earlier command of a pipeline writes may come through the ones between.
Span ShellReader::pipeline() {
  const std::size_t first = count();
  while (take_reserved("!") || take_reserved("time") || take_reserved("coproc")) {
    blank();
    if (starts("-p ")) place_ += 3;
  }
  command();
  for (blank(); !is_over() && at() == '|' && at(1) != '|'; blank()) {
    if (!take("|&")) ++place_;
    newlines();
    const std::size_t reader = count();
    command();
    if (first < reader && reader < count())
      script_.pipes.push_back({{first, reader}, {reader, count()}});
  }
  return {first, count()};
}

void ShellReader::command() {
  const std::size_t first = count();
  if (++depth_ > kMaxScriptDepth) fail("nested more than 32 deep");
  if (!is_over()) {
    if (!compound())
      simple();
    else
      for (blank(); !is_over() && redirection({{first, count()}, std::nullopt}); blank()) {
      }
  }
  --depth_;
}

// Reads a command that has others in it. Returns false if the next one is not of that kind.
bool ShellReader::compound() {
  if (at() == '(') {
    if (const std::size_t end = end_of_arithmetic(); end != text_.npos) {
      place_ = end;
      return true;
    }
    ++place_;
    list(Until::parenthesis);
    if (!take(")")) fail("')' is missing");
    return true;
  }
  const std::string_view word = reserved();
  if (word.empty()) return false;
  const std::size_t before = place_;
  place_ += word.size();
  if (word == "{") {
    list(Until::word);
    expect("}");
  } else if (word == "if") {
    condition_and_bodies();
  } else if (word == "while" || word == "until") {
    list(Until::word);
    loop();
  } else if (word == "for" || word == "select") {
    iteration();
  } else if (word == "case") {
    cases();
  } else if (word == "[[") {
    tests();
  } else if (word == "function") {
    blank();
    this->word();
    blank();
    if (take("(")) blank(), take(")");
    newlines();
    command();
  } else {
    fail("an unexpected '" + std::string(word) + "'", before);
  }
  return true;
}

void ShellReader::condition_and_bodies() {
  do {
    list(Until::word);
    expect("then");
    list(Until::word);
  } while (!failed_ && take_reserved("elif"));
  if (take_reserved("else")) list(Until::word);
  expect("fi");
}

void ShellReader::loop() {
  expect("do");
  list(Until::word);
  expect("done");
}

// "for NAME in WORDS; do …", and "for ((…))" of bash.
void ShellReader::iteration() {
  blank();
  if (const std::size_t end = at() == '(' ? end_of_arithmetic() : text_.npos; end != text_.npos) {
    place_ = end;
  } else {
    word();
    newlines();
    while (!is_over() && at() != ';' && reserved() != "do") {
      const std::size_t before = place_;
      word();
      blank();
      if (newline()) break;
      if (place_ == before) return fail_at_byte();
    }
  }
  blank();
  take(";");
  newlines();
  loop();
}

void ShellReader::cases() {
  blank();
  word();
  newlines();
  if (!starts("in")) return fail("'in' is missing");
  place_ += 2;
  for (newlines(); !is_over() && reserved() != "esac"; newlines()) one_case();
  expect("esac");
}

void ShellReader::one_case() {
  take("(");
  for (blank(); !is_over() && at() != ')'; blank()) {
    const std::size_t before = place_;
    if (!take("|")) word();
    if (place_ == before) return fail_at_byte();
  }
  if (!take(")")) return fail("')' is missing");
  list(Until::next_case);
  if (!take(";;&") && !take(";;")) take(";&");
}

// "[[ … ]]": operators in it are words.
void ShellReader::tests() {
  for (newlines(); !is_over(); newlines()) {
    if (starts("]]")) {
      place_ += 2;
      return;
    }
    const std::size_t before = place_;
    if (std::string_view("()<>&|").find(at()) != std::string_view::npos && at(1) != '(')
      ++place_;
    else
      word();
    if (place_ == before) ++place_;
  }
  fail("']]' is missing");
}

// "NAME=", "NAME+=", "NAME[…]="
bool ShellReader::is_assignment() const {
  std::size_t end = 0;
  if (!is_letter(at())) return false;
  while (is_letter(at(end)) || is_digit(at(end))) ++end;
  if (at(end) == '[') {
    while (std::string_view("] \t\n;").find(at(end)) == std::string_view::npos) ++end;
    if (at(end) == ']') ++end;
  }
  if (at(end) == '+') ++end;
  return at(end) == '=';
}

void ShellReader::assignment() {
  place_ = text_.find('=', place_) + 1;
  if (!take("(")) {
    word();
    return;
  }
  for (newlines(); !is_over() && at() != ')'; newlines()) {
    const std::size_t before = place_;
    word();
    if (place_ == before) return fail_at_byte();
  }
  if (!take(")")) fail("')' is missing");
}

void ShellReader::simple() {
  const std::size_t self = count();
  if (self >= kMaxScriptCommands) return fail("more than 1024 commands");
  script_.commands.emplace_back();
  const Owner owner{{self, self + 1}, self};
  const auto words = [&]() -> std::vector<Word>& { return script_.commands[self].words; };
  for (blank(); !is_over(); blank()) {
    if (redirection(owner)) continue;
    if (words().empty() && is_assignment()) {
      assignment();
      continue;
    }
    if (std::string_view(";&|()\n").find(at()) != std::string_view::npos) break;
    const bool plain = is_letter(at());
    Word next = word();
    if (failed_) return;
    for (const Span& readers : next.input_of) script_.pipes.push_back({owner.span, readers});
    words().push_back(std::move(next));
    if (words().size() > 1 || !plain) continue;
    blank();
    if (at() != '(' || is_over()) continue;
    // A function: what it does is among the commands, as if it were called once.
    ++place_;
    blank();
    if (!take(")")) return fail_at_byte();
    words().clear();
    newlines();
    return command();
  }
  if (at() == '(' && !is_over()) fail_at_byte();
}

// Reads "2>FILE", "<<EOF" and their kind. Returns false if the next word is none of them.
bool ShellReader::redirection(const Owner& owner) {
  std::size_t digits = 0;
  while (is_digit(at(digits))) ++digits;
  const std::string_view rest = text_.substr(std::min(place_ + digits, text_.size()));
  const bool both = digits == 0 && (rest.starts_with("&>"));
  if (!both && !rest.starts_with('<') && !rest.starts_with('>')) return false;
  if (rest.starts_with("<(") || rest.starts_with(">(")) return false;
  place_ += digits;
  if (take("<<<")) {
    blank();
    Word input = word();
    if (owner.command) script_.commands[*owner.command].input = std::move(input);
    return true;
  }
  if (starts("<<")) {
    here_document(owner);
    return true;
  }
  static constexpr std::string_view kOperators[] = {"&>>", "&>", ">>", ">|", ">&",
                                                    "<&",  "<>", "<",  ">"};
  for (const std::string_view each : kOperators)
    if (take(each)) break;
  blank();
  const std::size_t before = place_;
  const Word target = word();
  if (!failed_ && place_ == before) fail("a redirection to nothing");
  for (const Span& writers : target.output_of) script_.pipes.push_back({writers, owner.span});
  for (const Span& readers : target.input_of) script_.pipes.push_back({owner.span, readers});
  return true;
}

void ShellReader::here_document(const Owner& owner) {
  place_ += 2;
  HereDocument document;
  document.strip_tabs = take("-");
  document.command = owner.command;
  blank();
  const std::size_t before = place_;
  document.delimiter = word().text;
  const std::string_view written = text_.substr(before, place_ - before);
  document.expands = written.find_first_of("\"'\\") == written.npos;
  if (written.empty()) return fail("a here-document without an end", before);
  awaited_.push_back(std::move(document));
}

}  // namespace stayd
