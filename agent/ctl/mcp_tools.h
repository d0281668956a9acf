// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/result.h"

namespace stayd {

inline constexpr std::int64_t kMaxMcpWait = 50;     // seconds
inline constexpr std::int64_t kMaxMcpDenials = 50;  // of one call

// Returns the answer to tools/list: a list of {name, title, description, inputSchema, annotations}.
const nlohmann::json& mcp_tools();

bool is_mcp_tool(const std::string& name);

// Succeeds if the arguments are what the tool's schema asks for; the error names the first that is
// not. There is such a tool.
Result<> check_mcp_arguments(const std::string& tool, const nlohmann::json& arguments);

}  // namespace stayd
