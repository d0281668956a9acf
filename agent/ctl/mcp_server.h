// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/result.h"
#include "ctl/client.h"
#include "ctl/mcp_message.h"

namespace stayd {

// An MCP server for the workload that it runs in: its tools say what self.sock says, and nothing
// that is said to it counts as an approval. It remembers nothing between two calls, except one
// that waits.
//
// One thread. Each function blocks for as long as self.sock takes to answer at once.
class McpServer {
 public:
  explicit McpServer(std::string socket_path) : socket_path_(std::move(socket_path)) {}

  // Takes a line of the client's, nothing for one that was too long, and returns what to say: no
  // lines or some, each with its end.
  std::string take(const std::optional<std::string>& line);

  // Becomes readable when finish_wait() has something to say; -1: no call waits.
  int fd() const { return waiting_ ? waiting_->client.fd() : -1; }
  std::string finish_wait();

 private:
  // A call of stayd_holds that waits for what comes next.
  struct Waiting {
    nlohmann::json id;
    Client client;
  };

  std::string answer(const McpMessage& message);
  std::string call_tool(const McpMessage& message);
  nlohmann::json denials(const nlohmann::json& arguments);
  // Nothing: it waits.
  std::optional<nlohmann::json> holds(const nlohmann::json& id, const nlohmann::json& arguments);
  nlohmann::json intend(const nlohmann::json& arguments);
  Result<nlohmann::json> ask(const std::string& method, const std::string& target,
                             const nlohmann::json& body = nullptr);

  std::string socket_path_;
  std::optional<Waiting> waiting_;
};

}  // namespace stayd
