// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace stayd {

// As much of what an agent says to its hook as matters here. The agents send the whole result of a
// tool as well, which can be as large as a file.
struct HookInput {
  std::string session;  // escaped; at most 96 characters; empty: the agent did not say
  std::string event;    // "PostToolUse": letters only; empty likewise
  std::string error;    // of a tool that failed; escaped, at most 4 KiB; empty: it did not
};

inline constexpr std::size_t kMaxHookInput = 16 << 20;  // bytes; more is as if nothing was said

// Never fails: a hook that cannot read its input still tells what it has to tell.
HookInput read_hook_input(std::string_view text);

}  // namespace stayd
