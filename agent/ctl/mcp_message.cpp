// SPDX-License-Identifier: Apache-2.0
#include "ctl/mcp_message.h"

#include "base/json.h"

namespace stayd {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxMethod = 128;
constexpr std::size_t kMaxId = 256;

bool is_id(const json& id) {
  return id.is_number_integer() ||
         (id.is_string() && id.get_ref<const std::string&>().size() <= kMaxId);
}

McpMessage wrong(McpErrorCode code, std::string what, json id = nullptr) {
  McpMessage message;
  message.id = std::move(id);
  message.expects_answer = true;
  message.error = code;
  message.trouble = std::move(what);
  return message;
}

json error_object(McpErrorCode code, std::string_view message) {
  return {{"code", static_cast<int>(code)}, {"message", message}};
}

}  // namespace

std::vector<std::optional<std::string>> McpLines::take(std::string_view bytes) {
  std::vector<std::optional<std::string>> lines;
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view part = bytes.substr(0, end);
    too_long_ = too_long_ || line_.size() + part.size() > kMaxMcpLine;
    if (too_long_)
      line_.clear();
    else
      line_ += part;
    if (end == bytes.npos) break;
    bytes.remove_prefix(end + 1);
    if (line_.ends_with('\r')) line_.pop_back();
    if (too_long_)
      lines.emplace_back();
    else if (!line_.empty())
      lines.emplace_back(line_);
    line_.clear();
    too_long_ = false;
  }
  return lines;
}

McpMessage read_mcp_message(std::string_view line) {
  const Result<json> read = parse_json(line, {.bytes = kMaxMcpLine, .depth = 32});
  if (!read) return wrong(McpErrorCode::parse_error, read.error().message);
  if (!read->is_object())
    return wrong(McpErrorCode::invalid_request, "a message is one JSON object");
  const json& id = member_at(*read, "id");
  const bool has_id = read->contains("id");
  if (has_id && !is_id(id))
    return wrong(McpErrorCode::invalid_request, "\"id\" is neither a string nor a whole number");
  if (text_at(*read, "jsonrpc") != "2.0")
    return wrong(McpErrorCode::invalid_request, "\"jsonrpc\" is not \"2.0\"", id);

  McpMessage message;
  message.id = id;
  if (read->contains("result") || read->contains("error")) return message;
  message.method = text_at(*read, "method", kMaxMethod);
  message.expects_answer = has_id;
  if (message.method.empty())
    return wrong(McpErrorCode::invalid_request, "\"method\" is missing or too long", id);
  message.params = read->contains("params") ? (*read)["params"] : json::object();
  if (!message.params.is_object()) {
    message.error = McpErrorCode::invalid_params;
    message.trouble = "\"params\" is not an object";
  }
  return message;
}

std::string mcp_result(const json& id, const json& result) {
  return dump({{"jsonrpc", "2.0"}, {"id", id}, {"result", result}}) + "\n";
}

std::string mcp_error(const json& id, McpErrorCode code, std::string_view message) {
  return dump({{"jsonrpc", "2.0"}, {"id", id}, {"error", error_object(code, message)}}) + "\n";
}

}  // namespace stayd
