// SPDX-License-Identifier: Apache-2.0
#include "ctl/hook_output.h"

#include <nlohmann/json.hpp>

#include "base/json.h"

namespace stayd {

std::string hook_output(const HookAgent& agent, const HookInput& input, const std::string& text) {
  if (agent.kind == HookAgent::Kind::plugin) return text;
  // When a tool has failed, gemini tells its model nothing but this reason. The result is an error
  // either way.
  if (agent.name == "gemini" && !input.error.empty())
    return dump({{"decision", "deny"}, {"reason", input.error + "\n" + text}}) + "\n";
  const std::string event = input.event.empty() ? std::string(agent.events.at(1)) : input.event;
  return dump({{"hookSpecificOutput", {{"hookEventName", event}, {"additionalContext", text}}}}) +
         "\n";
}

}  // namespace stayd
