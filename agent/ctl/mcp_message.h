// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stayd {

// JSON-RPC 2.0 as MCP speaks it on standard input and output (modelcontextprotocol.io,
// specification 2025-11-25, basic/transports): one message a line, no batches.

inline constexpr std::size_t kMaxMcpLine = 1 << 20;  // bytes; a longer one is an error

// Cuts what is read into lines. Of a line that is too long nothing is kept.
class McpLines {
 public:
  // Adds bytes and returns the lines that are complete now, without their ends; nothing in the
  // place of one that was too long.
  std::vector<std::optional<std::string>> take(std::string_view bytes);

 private:
  std::string line_;
  bool too_long_ = false;
};

enum class McpErrorCode : int {
  parse_error = -32700,
  invalid_request = -32600,
  unknown_method = -32601,
  invalid_params = -32602,
};

// A request, or a notification; or, with `error`, what was wrong with one.
struct McpMessage {
  nlohmann::json id;  // a string or a whole number; null: nobody waits for an answer
  bool expects_answer = false;
  std::string method;     // empty: an answer to us, who never ask
  nlohmann::json params;  // an object
  std::optional<McpErrorCode> error;
  std::string trouble;  // what is wrong, to be answered
};
McpMessage read_mcp_message(std::string_view line);

// One line each, with its end.
std::string mcp_result(const nlohmann::json& id, const nlohmann::json& result);
std::string mcp_error(const nlohmann::json& id, McpErrorCode code, std::string_view message);

}  // namespace stayd
