// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "ctl/hook_agents.h"

namespace stayd {

// Returns an agent's settings file with our hook for each of its events that has none yet; nothing:
// none is missing. All else stays, in its order. `before` is the file as it is now, empty if there
// is none. The error: it is not plain JSON, or has something else where hooks belong.
Result<std::optional<std::string>> with_hook(const HookAgent& agent, std::string_view before,
                                             const std::string& command);

}  // namespace stayd
