// SPDX-License-Identifier: Apache-2.0
#include "ctl/help.h"

#include <algorithm>

#include "ctl/parser.h"

namespace stayd {
namespace {

constexpr std::size_t kSummaryColumn = 42;
constexpr std::size_t kIndent = 8;
constexpr std::size_t kWidth = 100;
constexpr std::size_t kLeastOptionWidth = 16;

// The summary is on a line below if there is no room for it beside the usage. A usage that is too
// long even for a line of its own shows only what is required.
std::string row(const Command& command) {
  std::string text = "  " + usage(command, Usage::everything);
  if (text.size() > kWidth) text = "  " + usage(command, Usage::required) + " [OPTION...]";
  const bool fits =
      text.size() < kSummaryColumn && kSummaryColumn + command.summary.size() <= kWidth;
  text += fits ? std::string(kSummaryColumn - text.size(), ' ') : "\n" + std::string(kIndent, ' ');
  return text + command.summary + "\n";
}

std::string describe(const std::vector<Option>& options) {
  const auto name = [](const Option& option) {
    return option.name + (option.value.empty() ? "" : " " + option.value);
  };
  std::size_t width = kLeastOptionWidth;
  for (const Option& option : options) width = std::max(width, name(option).size());
  std::string text;
  for (const Option& option : options) {
    std::string words = name(option);
    words.resize(width, ' ');
    text += "  " + words + "  " + option.summary + (option.required ? " (required)" : "") + "\n";
  }
  return text;
}

constexpr const char* kNotes =
    "\nWORKLOAD is unit:NAME.service, slice:NAME.slice or cgroup:/PATH; TIME is such as 90s, 15m "
    "or 2h.\n"
    "With --json, answers are JSON on standard output, and errors {\"error\": TEXT} on standard "
    "error.\n"
    "Exit status: 0 success, 1 failure, 2 usage error.\n";

}  // namespace

std::string help(const std::vector<Command>& commands, const std::string& group) {
  std::string text =
      "Usage: stayctl " + (group.empty() ? std::string("COMMAND") : group + " SUBCOMMAND") + "\n\n";
  for (const Command& command : commands)
    if (group.empty() || command.name.starts_with(group + " ")) text += row(command);
  return text + "\n" + describe(GlobalOptions().options()) + kNotes;
}

std::string help(const Command& command) {
  const std::string first = "Usage: stayctl " + usage(command, Usage::everything);
  const std::string text =
      first.size() <= kWidth ? first
                             : "Usage: stayctl " + usage(command, Usage::required) + " [OPTION...]";
  std::vector<Option> options = command.options;
  std::ranges::stable_sort(
      options, [](const Option& a, const Option& b) { return a.required && !b.required; });
  GlobalOptions global;
  for (Option& option : global.options()) options.push_back(std::move(option));
  return text + "\n\n  " + command.summary + "\n\n" + describe(options) + kNotes;
}

}  // namespace stayd
