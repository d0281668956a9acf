// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "ctl/hook_agents.h"
#include "ctl/hook_input.h"

namespace stayd {

// Returns what the hook prints so that the agent's model is told `text`, which is not empty: one
// line of JSON, or for a plugin of ours the text itself.
std::string hook_output(const HookAgent& agent, const HookInput& input, const std::string& text);

}  // namespace stayd
