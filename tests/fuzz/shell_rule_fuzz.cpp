// SPDX-License-Identifier: Apache-2.0
// Any script that a shell is given becomes commands and pipes that lie within each other's bounds,
// and rules about tools are surer of it when they also look at what it is going to start.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

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

void check(const stayd::CommandSpan& span, std::size_t size) {
  require(span.first <= span.last && span.last <= size);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const stayd::Policy policy = *stayd::parse_policy(kPolicy, "p");
  const std::vector<std::string> arguments{"bash", "-c",
                                           std::string(reinterpret_cast<const char*>(data), size)};
  for (const bool cut : {false, true}) {
    const stayd::Invocations line = stayd::take_apart("/bin/bash", arguments, cut);
    require(!line.commands.empty() && line.commands.size() <= stayd::kMaxCommands);
    for (const stayd::CommandPipe& each : line.pipes) {
      check(each.from, line.commands.size());
      check(each.to, line.commands.size());
    }
    for (const stayd::ToolRule& rule : policy.tools) {
      const stayd::ToolMatch now = stayd::match(rule, line, false);
      const stayd::ToolMatch later = stayd::match(rule, line, true);
      require(now.certainty <= later.certainty);
      require(now.command < line.commands.size() && later.command < line.commands.size());
    }
  }
  return 0;
}
