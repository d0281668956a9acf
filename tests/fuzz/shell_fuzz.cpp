// SPDX-License-Identifier: Apache-2.0
// The arguments of a shell: any script is taken apart into commands and pipes that lie within each
// other's bounds, and a rule about them is decided.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "commands/shell.h"
#include "policy/parser.h"
#include "policy/tool_rule.h"

namespace {

constexpr const char* kPolicy = R"(policy: p
network: {default: allow}
files: {default: allow}
exec:
  default: allow
  hold:
    - {tool: git, words: [push, "o*"], options: [--force, -f, "-o=x", "+*"]}
    - {tool: [curl, wget], pipes_into: [sh, bash, python]}
)";

void require(bool condition) {
  if (!condition) std::abort();
}

void require_within(const stayd::Span& span, std::size_t size) {
  require(span.first <= span.last && span.last <= size);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const stayd::Policy policy = *stayd::parse_policy(kPolicy, "p");
  const std::string text(reinterpret_cast<const char*>(data), size);
  const stayd::Script script = stayd::split_script(text);
  require(script.commands.size() <= stayd::kMaxScriptCommands);
  for (const stayd::ScriptPipe& each : script.pipes) {
    require_within(each.from, script.commands.size());
    require_within(each.to, script.commands.size());
  }
  for (const stayd::ScriptCommand& command : script.commands)
    for (const stayd::Word& word : command.words)
      for (const stayd::Span& each : word.output_of) require_within(each, script.commands.size());

  const std::vector<std::string> arguments{"bash", "-c", text};
  for (const bool cut : {false, true}) {
    const stayd::CommandLine line = stayd::take_apart("/bin/bash", arguments, cut);
    require(!line.commands.empty() && line.commands.size() <= stayd::kMaxCommands);
    for (const stayd::CommandPipe& each : line.pipes) {
      require_within(each.from, line.commands.size());
      require_within(each.to, line.commands.size());
    }
    for (const stayd::ToolRule& rule : policy.tools) {
      const stayd::ToolMatch now = stayd::match(rule, line, false);
      require(now.certainty <= stayd::match(rule, line, true).certainty);
    }
  }
  return 0;
}
