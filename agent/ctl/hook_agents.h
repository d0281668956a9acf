// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace stayd {

// The coding agents that `stayctl hook` speaks to, each as it wants to be told something after it
// has used a tool. Where that is written down, and the versions that were tried:
//
//   claude    https://code.claude.com/docs/en/hooks (2.1.197): PostToolUse, and PostToolUseFailure
//             of a tool that failed; hookSpecificOutput.additionalContext
//   codex     openai/codex, codex-rs/hooks/schema/generated/post-tool-use.command.*.json (0.171.0)
//   gemini    https://geminicli.com/docs/hooks/reference (0.61.0): AfterTool; of a tool that failed
//             the model is told nothing but the reason for which its result is denied
//   qwen      https://qwenlm.github.io/qwen-code-docs/en/users/features/hooks (0.15.10): as claude
//   opencode  https://opencode.ai/docs/plugins (1.18.33): a plugin, which appends plain text
//   pi        "Extensions" in the documentation of its package (0.73.1): an extension, likewise
struct HookAgent {
  enum class Kind { settings, plugin };

  std::string_view name;
  Kind kind = Kind::settings;
  std::string_view directory;  // of its files, below the home directory …
  std::string_view variable;   // … or what this environment variable names
  std::string_view file;       // in that directory: its settings, or the plugin
  // The events that a hook is written for, the beginning of a session first; settings only.
  std::vector<std::string_view> events;
  int timeout = 0;          // of a hook, in whatever unit the agent counts; settings only
  std::string_view plugin;  // its whole text; plugin only
  std::string_view note;    // what else its user has to do; may be empty
};

std::span<const HookAgent> hook_agents();

// The error names those that there are.
Result<const HookAgent*> find_hook_agent(std::string_view name);

// Returns the path at which this user's agent keeps the file. The error: there is no home
// directory.
Result<std::string> hook_file(const HookAgent& agent);

}  // namespace stayd
