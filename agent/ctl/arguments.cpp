// SPDX-License-Identifier: Apache-2.0
#include "ctl/arguments.h"

#include <algorithm>
#include <cstdlib>

#include "base/escape.h"
#include "base/suggestion.h"
#include "ctl/commands.h"

namespace stayd {
namespace {

constexpr const char* kDefaultSocket = "/run/stayd/stayd.sock";

const Option* find_option(std::span<const Option> options, std::string_view name) {
  auto found = std::ranges::find(options, name, &Option::name);
  return found == options.end() ? nullptr : &*found;
}

Error unknown(std::string_view what, const std::string& word,
              const std::vector<std::string_view>& known) {
  return Error{"unknown " + std::string(what) + " '" + escape(word, 80) +
               "': " + suggest(word, known)};
}

// Takes the command's name, of one word or two, off the front of `words`.
Result<const Command*> take_command(std::vector<std::string>& words) {
  const Command* same_first_word = nullptr;
  for (const Command& command : commands()) {
    const std::size_t space = command.name.find(' ');
    if (words[0] != command.name.substr(0, space)) continue;
    if (space == std::string_view::npos) {
      words.erase(words.begin());
      return &command;
    }
    if (words.size() > 1 && words[1] == command.name.substr(space + 1)) {
      words.erase(words.begin(), words.begin() + 2);
      return &command;
    }
    if (!same_first_word) same_first_word = &command;
  }
  if (same_first_word)
    return Error{"'" + words[0] + "' needs more: stayctl " + std::string(same_first_word->name) +
                 " " + std::string(same_first_word->operands)};
  std::vector<std::string_view> known;
  for (const Command& command : commands()) {
    if (command.name.ends_with(" " + words[0]))
      return Error{"unknown command '" + words[0] + "': did you mean '" +
                   std::string(command.name) + "'?"};
    known.push_back(command.name);
  }
  return unknown("command", words[0], known);
}

Result<> check_operands(const Command& command, const std::vector<std::string>& given) {
  if (command.operands.ends_with("...]")) return {};
  const auto spaces = std::ranges::count(command.operands, ' ');
  const std::size_t wanted = command.operands.empty() ? 0 : static_cast<std::size_t>(spaces) + 1;
  const std::size_t least = command.operands.starts_with('[') ? wanted - 1 : wanted;
  if (given.size() == wanted || given.size() == least) return {};
  const std::string usage = "usage: stayctl " + std::string(command.name) +
                            (wanted == 0 ? "" : " ") + std::string(command.operands);
  if (given.size() > wanted)
    return Error{"unexpected '" + escape(given[wanted], 80) + "' (" + usage + ")"};
  return Error{"something is missing (" + usage + ")"};
}

// An option that was given, before it is known which command it belongs to.
struct GivenOption {
  const Option* option;
  std::string value;
};

struct Words {
  std::vector<std::string> plain;
  std::vector<GivenOption> options;
};

Result<Words> sort_words(std::span<const std::string> words) {
  Words sorted;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--") {
      sorted.plain.insert(sorted.plain.end(), words.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                          words.end());
      break;
    }
    if (words[i].size() < 2 || words[i][0] != '-') {
      sorted.plain.push_back(words[i]);
      continue;
    }
    const std::size_t equals = words[i].find('=');
    const std::string name = words[i] == "-h" ? "--help" : words[i].substr(0, equals);
    const Option* option = find_option(global_options(), name);
    if (option == nullptr) option = find_option(command_options(), name);
    if (option == nullptr) {
      std::vector<std::string_view> known;
      for (const Option& each : command_options()) known.push_back(each.name);
      for (const Option& each : global_options()) known.push_back(each.name);
      return unknown("option", name, known);
    }
    const bool has_value = equals != std::string::npos;
    if (option->value.empty() && has_value) return Error{name + " takes no value"};
    if (option->value.empty()) {
      sorted.options.push_back({option, {}});
    } else if (has_value) {
      sorted.options.push_back({option, words[i].substr(equals + 1)});
    } else if (i + 1 < words.size()) {
      sorted.options.push_back({option, words[++i]});
    } else {
      return Error{name + " needs a value: " + name + " " + std::string(option->value)};
    }
  }
  return sorted;
}

bool takes(const Command& command, const Option& option) {
  return std::ranges::find(command.options, option.name) != command.options.end() ||
         find_option(global_options(), option.name) != nullptr;
}

}  // namespace

Result<Arguments> parse_arguments(std::span<const std::string> words) {
  Arguments arguments;
  const char* socket_path = std::getenv("STAYD_SOCKET");
  arguments.socket_path =
      socket_path != nullptr && *socket_path != '\0' ? socket_path : kDefaultSocket;

  Result<Words> sorted = sort_words(words);
  if (!sorted) return sorted.error();
  if (!sorted->plain.empty()) {
    Result<const Command*> command = take_command(sorted->plain);
    if (!command) return command.error();
    arguments.command = *command;
  }

  for (std::size_t i = 0; i < sorted->options.size(); ++i) {
    const auto& [option, value] = sorted->options[i];
    const std::string name(option->name);
    for (std::size_t before = 0; before < i; ++before)
      if (sorted->options[before].option == option) return Error{name + " is given twice"};
    if (arguments.command != nullptr && !takes(*arguments.command, *option))
      return Error{name + " does not go with '" + std::string(arguments.command->name) + "'"};
    Result<> set = option->set(arguments, value);
    if (!set) return in_context(name, set.error());
  }

  if (arguments.help || arguments.version) return arguments;
  if (arguments.command == nullptr) return Error{"what to do? see: stayctl --help"};
  Result<> operands = check_operands(*arguments.command, sorted->plain);
  if (!operands) return operands.error();
  arguments.operands = std::move(sorted->plain);
  return arguments;
}

}  // namespace stayd
