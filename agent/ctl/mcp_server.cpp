// SPDX-License-Identifier: Apache-2.0
#include "ctl/mcp_server.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "ctl/mcp_tools.h"
#include "ctl/self_text.h"

namespace stayd {
namespace {

using nlohmann::json;

// Newest first: what a client gets that asks for another one.
constexpr std::array<std::string_view, 4> kVersions{"2025-11-25", "2025-06-18", "2025-03-26",
                                                    "2024-11-05"};
constexpr const char* kInstructions =
    "stayd guards this machine: it denies some operations of your processes, and holds others "
    "until "
    "a person has answered. When something fails with \"Operation not permitted\", call "
    "stayd_denials before you try again or look for another way. Nothing here counts as an "
    "approval.";

json content(const std::string& text) { return json::array({{{"type", "text"}, {"text", text}}}); }

json told(const std::string& text, json structured) {
  return {{"content", content(text)}, {"structuredContent", std::move(structured)}};
}

json failed(const Error& error) {
  return {{"content", content("stayd: " + error.message)}, {"isError", true}};
}

json initialized(const json& params) {
  const std::string wanted = text_at(params, "protocolVersion");
  const bool known = std::ranges::find(kVersions, wanted) != kVersions.end();
  return {{"protocolVersion", known ? wanted : std::string(kVersions.front())},
          {"capabilities", {{"tools", {{"listChanged", false}}}}},
          {"serverInfo", {{"name", "stayd"}, {"title", "stayd"}, {"version", STAYD_VERSION}}},
          {"instructions", kInstructions}};
}

// Leaves out what could not wait, which is among the denials.
std::vector<json> pending(const json& holds) {
  std::vector<json> result;
  for (const json& hold : holds)
    if (is_pending(hold)) result.push_back(hold);
  return result;
}

json holds_told(const std::vector<json>& changes, const json& holds) {
  const std::vector<json> waiting = pending(holds);
  std::string text;
  for (const json& event : changes) text += self_event_text(event);
  for (const json& hold : waiting) text += self_event_text(hold);
  if (waiting.empty()) text += "stayd: nothing waits\n";
  return told(text, {{"changes", changes}, {"holds", waiting}});
}

}  // namespace

std::string McpServer::take(const std::optional<std::string>& line) {
  if (!line)
    return mcp_error(nullptr, McpErrorCode::invalid_request,
                     "a line of more than " + std::to_string(kMaxMcpLine) + " bytes");
  const McpMessage message = read_mcp_message(*line);
  if (message.error)
    return message.expects_answer ? mcp_error(message.id, *message.error, message.trouble) : "";
  if (message.method == "notifications/cancelled" && waiting_ &&
      waiting_->id == member_at(message.params, "requestId"))
    waiting_.reset();
  return message.expects_answer ? answer(message) : "";
}

std::string McpServer::answer(const McpMessage& message) {
  if (message.method == "initialize") return mcp_result(message.id, initialized(message.params));
  if (message.method == "ping") return mcp_result(message.id, json::object());
  if (message.method == "tools/list") return mcp_result(message.id, {{"tools", mcp_tools()}});
  if (message.method == "tools/call") return call_tool(message);
  return mcp_error(message.id, McpErrorCode::unknown_method, "this server has no such method");
}

std::string McpServer::call_tool(const McpMessage& message) {
  const std::string name = text_at(message.params, "name");
  const json given = member_at(message.params, "arguments");
  const json arguments = given.is_null() ? json::object() : given;
  if (!is_mcp_tool(name))
    return mcp_error(message.id, McpErrorCode::invalid_params, "there is no such tool");
  if (Result<> checked = check_mcp_arguments(name, arguments); !checked)
    return mcp_result(message.id, failed(checked.error()));
  if (name == "stayd_denials") return mcp_result(message.id, denials(arguments));
  if (name == "stayd_intent") return mcp_result(message.id, intend(arguments));
  const std::optional<json> answered = holds(message.id, arguments);
  return answered ? mcp_result(message.id, *answered) : "";
}

json McpServer::denials(const json& arguments) {
  const Result<json> events = ask("GET", "/v1/events");
  if (!events) return failed(events.error());
  std::vector<json> news;
  for (json& event : news_of(list_at(*events, "events")))
    if (!is_pending(event)) news.push_back(std::move(event));
  const auto most = static_cast<std::size_t>(arguments.value("last", 10));
  if (news.size() > most) news.erase(news.begin(), news.end() - static_cast<std::ptrdiff_t>(most));
  const std::string text =
      news.empty() ? "stayd: nothing was denied\n" : news_text(news, news.size());
  return told(text, {{"denials", news}, {"complete", flag_at(*events, "complete")}});
}

std::optional<json> McpServer::holds(const json& id, const json& arguments) {
  const Result<json> holds = ask("GET", "/v1/holds");
  if (!holds) return failed(holds.error());
  const json& list = list_at(*holds, "holds");
  const std::int64_t wait = arguments.value("wait", std::int64_t{0});
  // One call at a time waits: a workload has few places for such requests.
  if (wait == 0 || pending(list).empty() || waiting_) return holds_told({}, list);
  Waiting waiting{id, Client(socket_path_)};
  const std::string target = "/v1/events?after=" + std::to_string(count_at(*holds, "seq")) +
                             "&wait=" + std::to_string(wait);
  if (Result<> begun = waiting.client.begin("GET", target); !begun) return failed(begun.error());
  waiting_ = std::move(waiting);
  return std::nullopt;
}

std::string McpServer::finish_wait() {
  if (!waiting_) return "";
  Waiting waiting = std::move(*waiting_);
  waiting_.reset();
  const Result<json> events = waiting.client.finish();
  if (!events) return mcp_result(waiting.id, failed(events.error()));
  const Result<json> holds = ask("GET", "/v1/holds");
  if (!holds) return mcp_result(waiting.id, failed(holds.error()));
  std::vector<json> changes;
  for (const json& event : list_at(*events, "events"))
    if (!is_pending(event)) changes.push_back(event);
  return mcp_result(waiting.id, holds_told(changes, list_at(*holds, "holds")));
}

json McpServer::intend(const json& arguments) {
  const Result<json> done = ask("PUT", "/v1/intent", {{"text", arguments["text"]}});
  if (!done) return failed(done.error());
  return told("stayd: whoever answers your questions will see this, as your claim\n",
              json::object());
}

Result<json> McpServer::ask(const std::string& method, const std::string& target,
                            const json& body) {
  return Client(socket_path_).request(method, target, body);
}

}  // namespace stayd
