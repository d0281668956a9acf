// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "commands/tool_table.h"
#include "policy/glob.h"
#include "policy/review_parts.h"

namespace stayd {
namespace {

constexpr std::size_t kShownLines = 5;

bool is_unknown(const ToolRule& rule) {
  return !rule.words.empty() && rule.takes_value.empty() &&
         std::ranges::any_of(rule.tools, [](const std::string& name) {
           return !is_glob(name) && !find_tool(name);
         });
}

template <class Which>
std::vector<Position> places_of(const std::vector<ToolRule>& rules, Which which) {
  std::vector<Position> places;
  for (const ToolRule& each : rules)
    if (which(each)) places.push_back(each.rule.at);
  return places;
}

}  // namespace

std::string lines_text(std::span<const Position> places) {
  std::vector<int> lines;
  for (const Position& each : places) lines.push_back(each.line);
  std::ranges::sort(lines);
  lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
  std::string text = lines.size() == 1 ? "line " : "lines ";
  const std::size_t shown = std::min(lines.size(), kShownLines);
  for (std::size_t i = 0; i < shown; ++i) {
    const bool last = i + 1 == lines.size();
    text += (i == 0 ? "" : last ? " and " : ", ") + std::to_string(lines[i]);
  }
  if (shown < lines.size()) text += " and " + std::to_string(lines.size() - shown) + " more";
  return text;
}

std::vector<Remark> coverage(const Policy& whole) {
  const Policy policy = own_rules(whole);
  std::vector<Remark> remarks;
  const auto add = [&](std::vector<Position> places, const std::string& what,
                       const std::string& not_seen) {
    if (!places.empty())
      remarks.push_back({places.front(), what + " (" + lines_text(places) + ") " + not_seen});
  };
  add(places_of(policy.tools, [](const ToolRule& each) { return each.pipes_into.empty(); }),
      "rules about tools",
      "do not cover a copy of the program under another name, a script given to its interpreter, "
      "aliases of the tool's own, and a library that does the same; rules about files and "
      "destinations do");
  add(places_of(policy.tools, [](const ToolRule& each) { return !each.pipes_into.empty(); }),
      "'pipes_into'",
      "does not cover what goes through a file, a variable or a function, and scripts that a shell "
      "reads from a file; a rule about the destination does");
  add(places_of(policy.tools, is_unknown), "stayd does not know the options of these tools",
      ": a word after one of them may be its value, and is in doubt; name those that take one "
      "under "
      "'takes_value'");
  std::vector<Position> patterns;
  for (const ArgumentsRule& each : policy.arguments) patterns.push_back(each.rule.at);
  add(patterns, "patterns for arguments",
      "are compared with a text: they do not cover options in another order or bundled, and are "
      "met "
      "by words that only look alike; {tool: ...} knows options and words");
  return remarks;
}

}  // namespace stayd
