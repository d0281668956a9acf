// SPDX-License-Identifier: Apache-2.0
#include "redaction/secrets.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "redaction/ascii.h"
#include "redaction/command.h"
#include "redaction/command_words.h"
#include "redaction/joined.h"
#include "redaction/known_forms.h"
#include "redaction/members.h"
#include "redaction/shell.h"
#include "redaction/user_info.h"

namespace stayd::redaction {
namespace {

constexpr int kMaxDepth = 6;  // of quotes within quotes

struct Findings {
  Spans members;   // by name
  Spans others;    // by program, form or URL
  Spans harmless;  // what only a name made look like a secret

  Spans all() &&;
};

// True if one of the spans, which are in order and apart, has all of `span`.
bool is_within(const Spans& spans, const Span& span) {
  const auto after = std::ranges::upper_bound(spans, span.begin, {}, &Span::begin);
  return after != spans.begin() && std::prev(after)->end >= span.end;
}

Spans Findings::all() && {
  std::ranges::sort(harmless, {}, &Span::begin);
  std::erase_if(members, [this](const Span& span) { return is_within(harmless, span); });
  others.insert(others.end(), members.begin(), members.end());
  std::erase_if(others, [](const Span& span) { return span.begin >= span.end; });
  return std::move(others);
}

void find_in_script(std::string_view text, int depth, Findings& findings);

// What the context of a word does not tell.
void find_in_word(std::string_view text, Unit unit, int depth, Findings& findings) {
  find_members(text, unit, findings.members);
  find_user_info(text, findings.others);
  if (depth >= kMaxDepth || !has_space(text)) return;
  find_in_script(text, depth, findings);
  if (!find_known_forms(text, findings.others)) findings.others.push_back({0, text.size()});
}

std::vector<std::string_view> arguments_of(const ShellCommand& command,
                                           std::vector<std::size_t>& places) {
  std::vector<std::string_view> words;
  for (std::size_t i = 0; i < command.words.size(); ++i) {
    if (command.words[i].role != ShellWord::Role::argument) continue;
    words.push_back(command.words[i].text);
    places.push_back(i);
  }
  return words;
}

class Script {
 public:
  Script(std::string_view text, int depth, Findings& findings)
      : text_(text), depth_(depth), findings_(findings), commands_(split_shell(text)) {}

  void run() {
    for (const ShellCommand& command : commands_) find_in(command);
  }

 private:
  static void add(const ShellWord& word, const Spans& found, Spans& into) {
    for (const Span& span : found)
      if (span.begin < span.end) into.push_back(word.in_line(span));
  }
  static void add(std::size_t begin, const Spans& found, Spans& into) {
    for (const Span& span : found) into.push_back({begin + span.begin, begin + span.end});
  }
  template <typename Place>
  void add_all(const Place& place, const Findings& found) {
    add(place, found.members, findings_.members);
    add(place, found.others, findings_.others);
    add(place, found.harmless, findings_.harmless);
  }

  void find_in(const ShellCommand& command) {
    std::vector<std::size_t> places;
    const std::vector<std::string_view> words = arguments_of(command, places);
    const CommandSecrets secrets = secrets_of_command(words, asked_);
    asked_ = secrets.asks;
    for (const WordSecret& secret : secrets.found)
      add(command.words[places[secret.word]], {secret.span}, findings_.others);
    for (const std::size_t index : secrets.harmless) {
      const ShellWord& word = command.words[places[index]];
      add(word, {{0, word.text.size()}}, findings_.harmless);
    }
    std::size_t argument = 0;
    for (const ShellWord& word : command.words) {
      const bool is_argument = word.role == ShellWord::Role::argument;
      Findings found;
      find_in_word(word.text,
                   is_argument && is_script(words, argument) ? Unit::script : Unit::argument,
                   depth_ + 1, found);
      add_all(word, found);
      argument += is_argument ? 1 : 0;
    }
    for (const Span& document : command.documents) {
      Findings found;
      find_in_word(document.of(text_), Unit::script, depth_ + 1, found);
      add_all(document.begin, found);
    }
    if (secrets.input) read_input(command, *secrets.input);
  }

  // What is given to a command whose input is a secret.
  void read_input(const ShellCommand& command, Shape shape) {
    for (const ShellWord& word : command.words)
      if (word.role == ShellWord::Role::input)
        add(word, secret_in(shape, word.text, 0), findings_.others);
    for (const Span& document : command.documents) add_document(document, shape);
    // Each command of a pipe is looked at once for each later one that reads a secret.
    std::optional<std::size_t> from = command.pipe;
    for (int steps = 0; from && steps < kMaxPipe; ++steps) {
      add_output(commands_[*from], shape);
      from = commands_[*from].pipe;
    }
  }

  void add_document(const Span& document, Shape shape) {
    std::string_view content = document.of(text_);
    while (content.ends_with('\n')) content.remove_suffix(1);
    add(document.begin, secret_in(shape, content, 0), findings_.others);
  }

  // What echo and printf write; what cat reads here.
  void add_output(const ShellCommand& command, Shape shape) {
    for (const Span& document : command.documents) add_document(document, shape);
    bool writes = false;
    bool is_first = true;
    for (const ShellWord& word : command.words) {
      if (word.role == ShellWord::Role::input)
        add(word, secret_in(shape, word.text, 0), findings_.others);
      if (word.role != ShellWord::Role::argument) continue;
      if (std::exchange(is_first, false)) {
        const std::string_view name = std::string_view(word.text).substr(word.text.rfind('/') + 1);
        writes = name == "echo" || name == "printf" || name == "yes";
        continue;
      }
      const bool is_option = word.text == "-n" || word.text == "-e" || word.text == "-en" ||
                             word.text == "-ne" || word.text == "--";
      const bool is_format = word.text == "%s" || word.text == "%s\\n" || word.text == "%s\n";
      if (writes && !is_option && !is_format)
        add(word, secret_in(shape, word.text, 0), findings_.others);
    }
  }

  static constexpr int kMaxPipe = 8;

  std::string_view text_;
  int depth_;
  Findings& findings_;
  std::vector<ShellCommand> commands_;
  bool asked_ = false;  // the command before waits for somebody to ask for a password
};

void find_in_script(std::string_view text, int depth, Findings& findings) {
  Script(text, depth, findings).run();
}

}  // namespace

std::optional<Spans> secrets_in_text(std::string_view text) {
  Findings findings;
  find_members(text, Unit::script, findings.members);
  find_user_info(text, findings.others);
  find_in_script(text, 0, findings);
  if (!find_known_forms(text, findings.others)) return std::nullopt;
  return std::move(findings).all();
}

std::optional<std::vector<Spans>> secrets_in_arguments(std::span<const std::string> arguments) {
  const std::vector<std::string_view> words(arguments.begin(), arguments.end());
  std::vector<Findings> findings(words.size());
  const CommandSecrets secrets = secrets_of_command(words);
  for (const WordSecret& secret : secrets.found)
    findings[secret.word].others.push_back(secret.span);
  for (const std::size_t index : secrets.harmless)
    findings[index].harmless.push_back({0, words[index].size()});
  std::vector<Spans> result;
  for (std::size_t i = 0; i < words.size(); ++i) {
    find_in_word(words[i], is_script(words, i) ? Unit::script : Unit::argument, 0, findings[i]);
    result.push_back(std::move(findings[i]).all());
  }
  // A private key can be several arguments.
  const Joined joined(arguments);
  Spans forms;
  if (!find_known_forms(joined.text(), forms)) return std::nullopt;
  for (const Span& span : forms) joined.add(span, result);
  return result;
}

}  // namespace stayd::redaction
