// SPDX-License-Identifier: Apache-2.0
#include "commands/shell.h"

#include <algorithm>
#include <utility>

#include "commands/shell_reader.h"

namespace stayd {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool ends_command(char c) { return std::string_view(";&|()\n").find(c) != std::string_view::npos; }

}  // namespace

Script split_script(std::string_view text, AfterTrouble after) {
  Script script;
  ShellReader({text}, script, after, 0).script();
  return script;
}

ScriptText ScriptText::part(std::size_t from, std::size_t to) const {
  ScriptText result{bytes.substr(from, to - from), place_of(from)};
  if (!places.empty())
    result.places.assign(places.begin() + static_cast<std::ptrdiff_t>(from),
                         places.begin() + static_cast<std::ptrdiff_t>(to));
  return result;
}

void ShellReader::fail(std::string_view what, std::size_t where) {
  if (!script_.trouble)
    script_.trouble =
        std::string(what) + ", at byte " + std::to_string(source_.place_of(where) + 1);
  failed_ = failed_ || !goes_on_ || place_ < text_.size();
}

void ShellReader::fail_at_byte() {
  const char c = at();
  fail(c > ' ' && c <= '~' ? "an unexpected '" + std::string(1, c) + "'" : "an unexpected byte");
}

// Reads on where trouble stopped it, and at least a byte after `begin`, so that it comes to an end.
void ShellReader::resume(std::size_t begin) {
  if (!failed_ || !goes_on_ || count() >= kMaxScriptCommands) return;
  failed_ = false;
  depth_ = outer_depth_;
  place_ = std::max(place_, begin + 1);
}

CommandSpan ShellReader::script() {
  const std::size_t first = count();
  while (!is_over()) {
    const std::size_t begin = place_;
    list(Until::end);
    resume(begin);
  }
  return {first, count()};
}

// Reads commands up to what ends them, which it leaves in place.
CommandSpan ShellReader::list(Until until) {
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

bool ShellReader::ends_list(Until until) const {
  constexpr std::string_view kEnding = "then elif else fi do done esac }";
  if (is_over()) return true;
  switch (until) {
    case Until::end:
      return false;
    case Until::parenthesis:
      return at() == ')';
    case Until::next_case:
      return starts(";;") || starts(";&") || reserved() == "esac";
    case Until::word:
      return has_word(kEnding, reserved());
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

// Whatever an earlier command of a pipeline writes may come through the ones between.
CommandSpan ShellReader::pipeline() {
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

void ShellReader::simple() {
  const std::size_t self = count();
  if (self >= kMaxScriptCommands) return fail("more than 4096 commands");
  const auto words = [&]() -> std::vector<Word>& { return script_.commands[self].words; };
  script_.commands.emplace_back();
  const Owner owner{{self, self + 1}, self};
  blank();
  const std::size_t begin = place_;
  for (; !is_over(); blank()) {
    if (redirection(owner)) continue;
    if (const std::size_t name = words().empty() ? assigned_name() : 0; name > 0) {
      assignment(self, name);
      continue;
    }
    if (ends_command(at())) break;
    const bool may_name_function = words().empty() && is_letter(at());
    Word next = word();
    if (failed_ && (!goes_on_ || next.text.empty())) return;
    for (const CommandSpan& readers : next.input_of) script_.pipes.push_back({owner.span, readers});
    words().push_back(std::move(next));
    if (failed_) return;
    if (!may_name_function || !function()) continue;
    // The commands of its body are kept, as if it were called once.
    words().clear();
    newlines();
    return command();
  }
  if (place_ == begin && count() == self + 1) script_.commands.pop_back();
  if (at() == '(' && !is_over()) fail_at_byte();
}

// Takes the "()" after the name of a function. Returns false if there is none.
bool ShellReader::function() {
  blank();
  if (at() != '(' || is_over()) return false;
  ++place_;
  blank();
  if (take(")")) return true;
  fail_at_byte();
  return false;
}

// The size of "NAME=", "NAME+=" or "NAME[…]="; 0: none of them is next.
std::size_t ShellReader::assigned_name() const {
  std::size_t end = 0;
  if (!is_letter(at())) return 0;
  while (is_letter(at(end)) || is_digit(at(end))) ++end;
  if (at(end) == '[') {
    while (std::string_view("] \t\n;").find(at(end)) == std::string_view::npos) ++end;
    if (at(end) == ']') ++end;
  }
  if (at(end) == '+') ++end;
  return at(end) == '=' ? end + 1 : 0;
}

// Only the commands in what is assigned to an array matter.
void ShellReader::assignment(std::size_t command, std::size_t name) {
  Word result;
  for (; name > 0; --name) add_next(result, at());
  if (take("(")) {
    for (newlines(); !is_over() && at() != ')'; newlines()) {
      const std::size_t before = place_;
      word();
      if (place_ == before) return fail_at_byte();
    }
    if (!take(")")) fail("')' is missing");
  } else {
    Word value = word();
    result.text += value.text;
    result.written.insert(result.written.end(), value.written.begin(), value.written.end());
    result.output_of = std::move(value.output_of);
    result.input_of = std::move(value.input_of);
  }
  script_.commands[command].assignments.push_back(std::move(result));
}

// Reads "2>FILE", "<<EOF" and their kind. Returns false if the next word is none of them.
bool ShellReader::redirection(const Owner& owner) {
  std::size_t digits = 0;
  while (is_digit(at(digits))) ++digits;
  const std::string_view rest = text_.substr(std::min(place_ + digits, text_.size()));
  const bool both = digits == 0 && rest.starts_with("&>");
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
  for (const CommandSpan& writers : target.output_of)
    script_.pipes.push_back({writers, owner.span});
  for (const CommandSpan& readers : target.input_of) script_.pipes.push_back({owner.span, readers});
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

// Takes the lines that follow, up to the delimiter of each document that began on the line before.
void ShellReader::read_here_documents() {
  for (const HereDocument& each : std::exchange(awaited_, {})) {
    const std::size_t begin = place_;
    std::size_t end = text_.size();
    while (place_ < text_.size()) {
      const std::size_t start = place_;
      const std::size_t stop = std::min(text_.find('\n', start), text_.size());
      place_ = std::min(stop + 1, text_.size());
      std::string_view line = text_.substr(start, stop - start);
      while (each.strip_tabs && line.starts_with('\t')) line.remove_prefix(1);
      if (line != each.delimiter) continue;
      end = start;
      break;
    }
    ShellReader reader(source_.part(begin, end), script_,
                       goes_on_ ? AfterTrouble::go_on : AfterTrouble::stop, depth_);
    Word input = reader.document(each);
    failed_ = failed_ || reader.failed_;
    if (each.command) script_.commands[*each.command].input = std::move(input);
  }
}

// Reads all of the text as a document.
Word ShellReader::document(const HereDocument& kind) {
  Word result;
  while (!is_over()) {
    const std::size_t begin = place_;
    const bool begins_line = begin == 0 || text_[begin - 1] == '\n';
    if (kind.strip_tabs && begins_line && at() == '\t')
      place_ = std::min(text_.find_first_not_of('\t', place_), text_.size());
    else if (kind.expands)
      quoted_byte(result);
    else
      add_next(result, at());
    resume(begin);
  }
  return result;
}

}  // namespace stayd
