// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "ctl/hook_agents.h"

namespace stayd {

// What an agent's settings file says once it has our hook: of each of its events, unless that has
// one already. All else stays, in its order; nothing: nothing is missing. `before` is what the file
// says now, empty if there is none. The error: it is not plain JSON, or has something else where
// hooks belong.
Result<std::optional<std::string>> with_hook(const HookAgent& agent, std::string_view before,
                                             const std::string& command);

}  // namespace stayd
