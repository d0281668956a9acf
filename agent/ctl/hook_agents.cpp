// SPDX-License-Identifier: Apache-2.0
#include "ctl/hook_agents.h"

#include <cstdlib>

#include "base/escape.h"
#include "ctl/hook_plugins.h"

namespace stayd {
namespace {

using Kind = HookAgent::Kind;

const std::vector<HookAgent>& table() {
  static const std::vector<HookAgent> kAgents{
      {.name = "claude",
       .kind = Kind::settings,
       .directory = ".claude",
       .variable = "CLAUDE_CONFIG_DIR",
       .file = "settings.json",
       .events = {"SessionStart", "PostToolUse", "PostToolUseFailure"},
       .timeout = 10,
       .plugin = {},
       .note = {}},
      {.name = "codex",
       .kind = Kind::settings,
       .directory = ".codex",
       .variable = "CODEX_HOME",
       .file = "hooks.json",
       .events = {"SessionStart", "PostToolUse"},
       .timeout = 10,
       .plugin = {},
       .note = "codex runs a new hook only once you have trusted it: type /hooks there"},
      {.name = "gemini",
       .kind = Kind::settings,
       .directory = ".gemini",
       .variable = {},
       .file = "settings.json",
       .events = {"SessionStart", "AfterTool"},
       .timeout = 10'000,
       .plugin = {},
       .note = {}},
      {.name = "opencode",
       .kind = Kind::plugin,
       .directory = ".config/opencode",
       .variable = "OPENCODE_CONFIG_DIR",
       .file = "plugins/stayd.js",
       .events = {},
       .timeout = 0,
       .plugin = kOpencodePlugin,
       .note = {}},
      {.name = "pi",
       .kind = Kind::plugin,
       .directory = ".pi/agent",
       .variable = "PI_CODING_AGENT_DIR",
       .file = "extensions/stayd.js",
       .events = {},
       .timeout = 0,
       .plugin = kPiExtension,
       .note = {}},
      {.name = "qwen",
       .kind = Kind::settings,
       .directory = ".qwen",
       .variable = {},
       .file = "settings.json",
       .events = {"SessionStart", "PostToolUse", "PostToolUseFailure"},
       .timeout = 10'000,
       .plugin = {},
       .note = {}}};
  return kAgents;
}

}  // namespace

std::span<const HookAgent> hook_agents() { return table(); }

Result<const HookAgent*> find_hook_agent(std::string_view name) {
  std::string names;
  for (const HookAgent& agent : hook_agents()) {
    if (agent.name == name) return &agent;
    names += (names.empty() ? "" : ", ") + std::string(agent.name);
  }
  return Error{"no hook is known for '" + escape(name, 80) + "'; agents: " + names};
}

Result<std::string> hook_file(const HookAgent& agent) {
  const std::string file(agent.file);
  if (!agent.variable.empty()) {
    const char* directory = std::getenv(std::string(agent.variable).c_str());
    if (directory != nullptr && *directory != '\0') return ok(directory + ("/" + file));
  }
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0') return Error{"$HOME is not set; name the file with --file"};
  return ok(std::string(home) + "/" + std::string(agent.directory) + "/" + file);
}

}  // namespace stayd
