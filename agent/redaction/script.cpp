// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "commands/shell.h"
#include "redaction/command.h"
#include "redaction/command_words.h"
#include "redaction/findings.h"
#include "redaction/written_word.h"

namespace stayd::redaction {
namespace {

constexpr std::size_t kMaxWriters = 8;  // of one pipe, the last

// echo and printf do not write these.
constexpr auto kNotWritten =
    std::to_array<std::string_view>({"-n", "-e", "-en", "-ne", "--", "%s", "%s\\n", "%s\n"});

// The words of a command, with what is assigned before them.
struct WrittenCommand {
  std::vector<WrittenWord> words;
  std::optional<WrittenWord> input;
};

class ScriptFinder {
 public:
  ScriptFinder(std::string_view text, int depth, Findings& findings)
      : depth_(depth), findings_(findings), script_(split_script(text, AfterTrouble::go_on)) {
    for (const ScriptCommand& command : script_.commands) {
      WrittenCommand& written = commands_.emplace_back();
      for (const Word& word : command.assignments) written.words.emplace_back(word, text);
      for (const Word& word : command.words) written.words.emplace_back(word, text);
      if (command.input) written.input.emplace(*command.input, text);
    }
  }

  void run() {
    for (std::size_t i = 0; i < commands_.size(); ++i) find_in(i);
  }

 private:
  static void add(const WrittenWord& word, const Spans& found, Spans& into) {
    for (const Span& span : found)
      if (span.begin < span.end) into.push_back(word.in_script(span));
  }

  void find_in(std::size_t index) {
    const WrittenCommand& command = commands_[index];
    std::vector<std::string_view> words;
    for (const WrittenWord& word : command.words) words.emplace_back(word.text());
    const CommandSecrets secrets = secrets_of_command(words);
    for (const auto& [word, span] : secrets.found)
      add(command.words[word], {span}, findings_.others);
    for (const std::size_t word : secrets.harmless)
      add(command.words[word], {{0, words[word].size()}}, findings_.harmless);
    for (std::size_t i = 0; i < words.size(); ++i)
      find_within(command.words[i], is_script(words, i) ? Unit::script : Unit::argument);
    if (command.input) find_within(*command.input, Unit::script);
    if (secrets.input) find_input(index, *secrets.input);
  }

  void find_within(const WrittenWord& word, Unit unit) {
    Findings found;
    find_in_word(word.text(), unit, depth_ + 1, found);
    add(word, found.members, findings_.members);
    add(word, found.others, findings_.others);
    add(word, found.harmless, findings_.harmless);
  }

  // Finds what is given to a command whose input is a secret.
  void find_input(std::size_t reader, Shape shape) {
    find_input_of(reader, shape);
    for (const auto& [from, to] : script_.pipes) {
      if (reader < to.first || reader >= to.last) continue;
      for (std::size_t i = std::max(from.first, from.last - std::min(from.last, kMaxWriters));
           i < from.last; ++i) {
        find_input_of(i, shape);
        find_output_of(i, shape);
      }
    }
  }

  void find_input_of(std::size_t index, Shape shape) {
    const std::optional<WrittenWord>& input = commands_[index].input;
    if (!input) return;
    std::string_view content = input->text();
    while (content.ends_with('\n')) content.remove_suffix(1);
    add(*input, secret_in(shape, content, 0), findings_.others);
  }

  void find_output_of(std::size_t index, Shape shape) {
    const std::vector<WrittenWord>& words = commands_[index].words;
    const auto name = [&] { return base_name(words.front().text()); };
    if (words.empty() || (name() != "echo" && name() != "printf" && name() != "yes")) return;
    for (std::size_t i = 1; i < words.size(); ++i)
      if (std::ranges::find(kNotWritten, words[i].text()) == kNotWritten.end())
        add(words[i], secret_in(shape, words[i].text(), 0), findings_.others);
  }

  int depth_;
  Findings& findings_;
  Script script_;
  std::vector<WrittenCommand> commands_;
};

}  // namespace

void find_in_script(std::string_view text, int depth, Findings& findings) {
  ScriptFinder(text, depth, findings).run();
}

}  // namespace stayd::redaction
