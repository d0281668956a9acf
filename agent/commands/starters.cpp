// SPDX-License-Identifier: Apache-2.0
#include "commands/starters.h"

#include <algorithm>

#include "commands/options.h"

namespace stayd {
namespace {

struct Starter {
  std::string_view name;
  std::string_view words{};   // those that come first: "run" of "uv run"
  std::size_t operands = 0;   // words between them and the program: the seconds of timeout
  bool assigns = false;       // "A=b" before the program
  std::string_view script{};  // options whose value is a script
  bool adds_words = false;    // words that it reads come after those that are given
  bool package = false;       // the program may be written with a version: "prettier@3"
};

constexpr Starter kStarters[] = {
    {.name = "env", .assigns = true, .script = "-S --split-string"},
    {.name = "sudo", .assigns = true},
    {.name = "doas"},
    {.name = "nice"},
    {.name = "ionice"},
    {.name = "nohup"},
    {.name = "timeout", .operands = 1},
    {.name = "stdbuf"},
    {.name = "setsid"},
    {.name = "time"},
    {.name = "chroot", .operands = 1},
    {.name = "taskset", .operands = 1},
    {.name = "flock", .operands = 1},
    {.name = "xargs", .adds_words = true},
    {.name = "su", .operands = kAllWords, .script = "-c --command"},
    {.name = "runuser", .script = "-c --command"},
    {.name = "command"},
    {.name = "builtin"},
    {.name = "exec"},
    {.name = "npx", .script = "-c --call", .package = true},
    {.name = "npm", .words = "exec", .script = "-c --call", .package = true},
    {.name = "npm", .words = "x", .script = "-c --call", .package = true},
    {.name = "pnpm", .words = "exec"},
    {.name = "pnpm", .words = "dlx", .package = true},
    {.name = "yarn", .words = "exec"},
    {.name = "yarn", .words = "dlx", .package = true},
    {.name = "bunx", .package = true},
    {.name = "bun", .words = "x", .package = true},
    {.name = "uv", .words = "run"},
    {.name = "uv", .words = "tool run", .package = true},
    {.name = "uvx", .package = true},
    {.name = "pipx", .words = "run", .package = true},
    {.name = "poetry", .words = "run"},
    {.name = "pipenv", .words = "run"},
    {.name = "conda", .words = "run"},
    {.name = "bundle", .words = "exec"},
};

std::size_t count_words(std::string_view words) {
  if (words.empty()) return 0;
  return static_cast<std::size_t>(std::ranges::count(words, ' ')) + 1;
}

bool begins(const Given& given, std::string_view words) {
  for (const GivenWord& each : given.words) {
    if (words.empty()) return true;
    const std::string_view next = words.substr(0, words.find(' '));
    if (each.word->text != next) return false;
    words.remove_prefix(std::min(next.size() + 1, words.size()));
  }
  return words.empty();
}

void cut_version(std::string& package) {
  const std::size_t at = package.find('@', 1);
  if (at != package.npos) package.erase(at);
}

// "command -v git" starts nothing.
bool only_looks(const Starter& starter, const Given& given) {
  return starter.name == "command" && std::ranges::any_of(given.options, [](const auto& each) {
           return each.name == "-v" || each.name == "-V";
         });
}

std::optional<Started> start(const Starter& starter, std::span<const Word> words) {
  const bool only_script = starter.operands == kAllWords;
  const std::size_t most =
      only_script ? kAllWords : count_words(starter.words) + starter.operands + 1;
  const Given given = read_options(find_tool(starter.name), words, {}, most);
  if (!begins(given, starter.words) || only_looks(starter, given)) return std::nullopt;
  for (const GivenOption& each : given.options)
    if (each.value && has_word(starter.script, each.name))
      return Started{{}, each.value, each.value_at};
  if (given.words.size() != most || given.words.back().place == kNowhere) return std::nullopt;
  std::size_t first = given.words.back().place;
  while (starter.assigns && first < words.size() &&
         words[first].text.find('=') != std::string::npos)
    ++first;
  if (first == words.size()) return std::nullopt;
  Started started;
  started.words.assign(words.begin() + static_cast<std::ptrdiff_t>(first), words.end());
  if (starter.adds_words) started.words.push_back({std::string(1, kHole), true});
  if (starter.package) cut_version(started.words.front().text);
  return started;
}

}  // namespace

std::optional<Started> started_by(std::string_view program, std::span<const Word> words) {
  for (const Starter& each : kStarters)
    if (each.name == program)
      if (std::optional<Started> started = start(each, words)) return started;
  return std::nullopt;
}

}  // namespace stayd
