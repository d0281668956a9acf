// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "commands/shell_reader.h"

namespace stayd {
namespace {

// A reserved word is one only where a command can begin, and if nothing in it is quoted.
constexpr std::string_view kReserved[] = {
    "if",     "then", "elif", "else", "fi", "while", "until", "do",   "done",     "for",
    "select", "case", "esac", "{",    "}",  "!",     "[[",    "time", "function", "coproc"};

}  // namespace

// The reserved word that is next; empty if there is none.
std::string_view ShellReader::reserved() const {
  constexpr std::size_t kLongest = 8;
  const std::string_view rest = text_.substr(place_, kLongest + 1);
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
  if (!failed_ && !take_reserved(word)) fail("'" + std::string(word) + "' is missing");
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
    if (!failed_ && !take(")")) fail("')' is missing");
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
  if (!failed_ && take_reserved("else")) list(Until::word);
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
  const std::size_t begin = place_;
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
  if (goes_on_ && !failed_ && reserved() != "do") {
    // Prose may begin with "for"; what follows is read as a command.
    const std::size_t missing = std::exchange(place_, begin);
    return fail("'do' is missing", missing);
  }
  loop();
}

void ShellReader::cases() {
  blank();
  word();
  newlines();
  if (failed_) return;
  if (!take("in")) return fail("'in' is missing");
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
  if (failed_) return;
  if (!take(")")) return fail("')' is missing");
  list(Until::next_case);
  if (!take(";;&") && !take(";;")) take(";&");
}

// "[[ … ]]": operators in it are words.
void ShellReader::tests() {
  for (newlines(); !is_over(); newlines()) {
    if (take("]]")) return;
    const std::size_t before = place_;
    if (std::string_view("()<>&|").find(at()) != std::string_view::npos && at(1) != '(')
      ++place_;
    else
      word();
    if (place_ == before) ++place_;
  }
  if (!failed_) fail("']]' is missing");
}

}  // namespace stayd
