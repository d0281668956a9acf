// SPDX-License-Identifier: Apache-2.0
// What an MCP client sends to `stayctl mcp`. However the bytes are cut, the lines are the same; a
// message is a request, a notification, an answer or an error that says why; the arguments of a
// tool are taken or refused; and what we answer is one line.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "ctl/mcp_message.h"
#include "ctl/mcp_tools.h"

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

void read_message(std::string_view line) {
  const stayd::McpMessage message = stayd::read_mcp_message(line);
  check(message.error.has_value() == !message.trouble.empty());
  check(message.error || message.params.is_object() || message.method.empty());
  for (const char* tool : {"stayd_denials", "stayd_holds", "stayd_intent"})
    if (const auto arguments = stayd::check_mcp_arguments(tool, message.params); !arguments)
      check(!arguments.error().message.empty());
  const std::string answer = stayd::mcp_error(
      message.id, message.error.value_or(stayd::McpErrorCode::unknown_method), message.trouble);
  check(answer.find('\n') == answer.size() - 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  stayd::McpLines whole, cut;
  const auto lines = whole.take(bytes);
  std::vector<std::optional<std::string>> pieces;
  for (const char byte : bytes)
    for (auto& line : cut.take({&byte, 1})) pieces.push_back(std::move(line));
  check(lines == pieces);
  for (const auto& line : lines) {
    check(!line || line->find('\n') == std::string::npos);
    if (line) read_message(*line);
  }
  read_message(bytes);
  return 0;
}
