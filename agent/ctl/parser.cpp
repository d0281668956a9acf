// SPDX-License-Identifier: Apache-2.0
#include "ctl/parser.h"

#include <algorithm>
#include <utility>

#include "base/escape.h"
#include "base/suggestion.h"

namespace stayd {
namespace {

using Words = std::vector<std::string>;

constexpr std::size_t kShown = 80;  // of a word that is wrong

std::string shown(const std::string& word) { return "'" + escape(word, kShown) + "'"; }

std::string joined(const Words& words, const char* between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

const Option* find_option(const std::vector<Option>& options, std::string_view name) {
  const auto found = std::ranges::find(options, name, &Option::name);
  return found == options.end() ? nullptr : &*found;
}

std::string first_word(const Command& command) {
  return command.name.substr(0, command.name.find(' '));
}

// Empty for a command of one word.
std::string second_word(const Command& command) {
  const std::size_t space = command.name.find(' ');
  return space == std::string::npos ? "" : command.name.substr(space + 1);
}

Error unknown(const std::string& what, const std::string& word, const Words& known,
              const char* kind) {
  const std::string_view near = nearest(word, {known.begin(), known.end()});
  std::string message = "unknown " + what + " " + shown(word);
  if (!near.empty()) return Error{message + ": did you mean '" + std::string(near) + "'?"};
  return Error{message + "; " + kind + ": " + joined(known, ", ")};
}

// An option that was given, before it is known which command it belongs to.
struct GivenOption {
  std::string name;
  std::optional<std::string> value;
};

struct SortedWords {
  Words plain;
  std::vector<GivenOption> options;
};

class Parser {
 public:
  explicit Parser(const std::vector<Command>& commands)
      : commands_(commands), global_options_(line_.global.options()) {}

  Result<CommandLine> parse(std::span<const std::string> words) {
    const Result<SortedWords> sorted = sort(words);
    if (!sorted) return sorted.error();
    Words plain = sorted->plain;
    const auto has = [&](const char* name) {
      return std::ranges::find(sorted->options, name, &GivenOption::name) != sorted->options.end();
    };
    const bool help = has("--help");
    if (!plain.empty()) {
      if (Result<> taken = take_command(plain, help); !taken) return taken.error();
    }
    if (Result<> set = set_options(sorted->options, help); !set) return set.error();
    if (help || line_.global.version) return std::move(line_);
    if (!line_.command) return Error{"no command given; see stayctl --help"};
    if (Result<> set = set_operands(plain); !set) return set.error();
    if (Result<> complete = check_required(sorted->options); !complete) return complete.error();
    return std::move(line_);
  }

 private:
  // Looks through the options of every command: where a value ends must be known before the
  // command is.
  const Option* find_anywhere(std::string_view name) const {
    if (const Option* option = find_option(global_options_, name)) return option;
    for (const Command& command : commands_)
      if (const Option* option = find_option(command.options, name)) return option;
    return nullptr;
  }

  Result<SortedWords> sort(std::span<const std::string> words) const {
    SortedWords sorted;
    for (std::size_t i = 0; i < words.size(); ++i) {
      const std::string& word = words[i];
      if (word == "--") {
        sorted.plain.insert(sorted.plain.end(), words.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                            words.end());
        break;
      }
      if (word.size() < 2 || word[0] != '-') {
        sorted.plain.push_back(word);
        continue;
      }
      const std::size_t equals = word.find('=');
      GivenOption given{word == "-h" ? "--help" : word.substr(0, equals), std::nullopt};
      if (equals != std::string::npos) given.value = word.substr(equals + 1);
      const Option* option = find_anywhere(given.name);
      const bool takes_value = option != nullptr && !option->value.empty();
      if (option != nullptr && !takes_value && given.value)
        return Error{given.name + " takes no value"};
      if (takes_value && !given.value) {
        if (i + 1 == words.size())
          return Error{given.name + " needs a value: " + given.name + " " + option->value};
        given.value = words[++i];
      }
      sorted.options.push_back(std::move(given));
    }
    return sorted;
  }

  // Takes the command's name, of one word or two, off the front of `words`.
  Result<> take_command(Words& words, bool help) {
    const Command* single = nullptr;
    Words subcommands;
    for (const Command& command : commands_) {
      if (first_word(command) != words[0]) continue;
      const std::string second = second_word(command);
      if (second.empty()) single = &command;
      if (!second.empty()) subcommands.push_back(second);
      if (second.empty() || words.size() < 2 || words[1] != second) continue;
      line_.command = command;
      words.erase(words.begin(), words.begin() + 2);
      return {};
    }
    const bool is_operand = single != nullptr && !single->operands.empty();
    if (!subcommands.empty() && words.size() > 1 && !is_operand)
      return unknown("subcommand", words[1], subcommands, "subcommands");
    if (single != nullptr) {
      line_.command = *single;
      words.erase(words.begin());
      return {};
    }
    if (subcommands.empty()) return unknown_command(words[0]);
    if (!help) return Error{shown(words[0]) + " needs a subcommand: " + joined(subcommands, ", ")};
    line_.group = words[0];
    return {};
  }

  Error unknown_command(const std::string& word) const {
    Words known;
    for (const Command& command : commands_) {
      if (second_word(command) == word)
        return Error{"unknown command " + shown(word) + ": did you mean '" + command.name + "'?"};
      if (std::ranges::find(known, first_word(command)) == known.end())
        known.push_back(first_word(command));
    }
    return unknown("command", word, known, "commands");
  }

  Result<> set_options(const std::vector<GivenOption>& given, bool help) {
    for (std::size_t i = 0; i < given.size(); ++i) {
      const auto& [name, value] = given[i];
      for (std::size_t before = 0; before < i; ++before)
        if (given[before].name == name) return Error{name + " is given twice"};
      const Option* option = find_option(global_options_, name);
      if (option == nullptr && line_.command) option = find_option(line_.command->options, name);
      if (option == nullptr) {
        if (find_anywhere(name) == nullptr) return unknown_option(name);
        if (!line_.command) continue;
        return Error{name + " does not go with '" + line_.command->name + "'"};
      }
      if (help) continue;
      if (Result<> set = option->set(value.value_or("")); !set)
        return in_context(name, set.error());
    }
    line_.global.help = help;
    return {};
  }

  Error unknown_option(const std::string& name) const {
    Words known;
    if (line_.command)
      for (const Option& each : line_.command->options) known.push_back(each.name);
    for (const Option& each : global_options_) known.push_back(each.name);
    return unknown("option", name, known, "options");
  }

  Error wrong_usage(const std::string& what) const {
    return Error{what + " (usage: stayctl " + usage(*line_.command, Usage::required) + ")"};
  }

  Result<> set_operands(const Words& words) const {
    const std::vector<Operand>& operands = line_.command->operands;
    const auto is_required = [](const Operand& each) { return each.count == Operand::Count::one; };
    const auto required = static_cast<std::size_t>(std::ranges::count_if(operands, is_required));
    if (words.size() < required) {
      Words missing;
      for (const Operand& each : operands)
        if (is_required(each)) missing.push_back(each.name);
      missing.erase(missing.begin(), missing.begin() + static_cast<std::ptrdiff_t>(words.size()));
      return wrong_usage(std::string("missing argument") + (missing.size() > 1 ? "s" : "") + ": " +
                         joined(missing, ", "));
    }
    std::size_t spare = words.size() - required;
    std::size_t next = 0;
    for (const Operand& each : operands) {
      std::size_t count = 1;
      if (each.count == Operand::Count::optional) count = std::min<std::size_t>(spare, 1);
      if (each.count == Operand::Count::any) count = spare;
      if (!is_required(each)) spare -= count;
      for (; count > 0; --count)
        if (Result<> set = each.set(words[next++]); !set) return set;
    }
    if (next < words.size()) return wrong_usage("unexpected " + shown(words[next]));
    return {};
  }

  Result<> check_required(const std::vector<GivenOption>& given) const {
    Words missing;
    for (const Option& option : line_.command->options)
      if (option.required &&
          std::ranges::find(given, option.name, &GivenOption::name) == given.end())
        missing.push_back(option.name + " " + option.value);
    if (missing.empty()) return {};
    return wrong_usage(std::string("missing option") + (missing.size() > 1 ? "s" : "") + ": " +
                       joined(missing, ", "));
  }

  const std::vector<Command>& commands_;
  CommandLine line_;
  std::vector<Option> global_options_;  // they set members of line_
};

}  // namespace

std::vector<Option> GlobalOptions::options() {
  return {flag("--json", "answer in JSON", json),
          text_option("--socket", "PATH",
                      "stayd's socket [$STAYD_SOCKET, else /run/stayd/stayd.sock]", socket_path),
          flag("--help", "show this help, or a command's own", help),
          flag("--version", "show the version", version)};
}

Result<CommandLine> parse_command_line(std::span<const std::string> words,
                                       const std::vector<Command>& commands) {
  return Parser(commands).parse(words);
}

std::string usage(const Command& command, Usage how) {
  std::string text = command.name;
  for (const Operand& operand : command.operands) text += " " + operand.usage();
  for (const bool required : {true, false}) {
    for (const Option& option : command.options) {
      if (option.required != required || (!required && how == Usage::required)) continue;
      const std::string words = option.name + (option.value.empty() ? "" : " " + option.value);
      text += required ? " " + words : " [" + words + "]";
    }
  }
  return text;
}

}  // namespace stayd
