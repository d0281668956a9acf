// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include "ctl/mcp_server.h"
#include "ctl/mcp_tools.h"
#include "unit/api/running_self.h"
#include "unit/ctl/self_events.h"

namespace stayd {
namespace {

using namespace test;
using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

TEST(McpLines, AreCutWhereverTheirBytesArrive) {
  McpLines lines;
  EXPECT_THAT(lines.take("{\"a\""), ElementsAre());
  EXPECT_THAT(lines.take(":1}\n\n{}\r\n{"), ElementsAre("{\"a\":1}", "{}"));
  EXPECT_THAT(lines.take("}\n"), ElementsAre("{}"));
}

TEST(McpLines, ALineThatIsTooLongIsNotKeptAndTheNextOneIs) {
  McpLines lines;
  const std::string part(kMaxMcpLine / 2, 'x');
  EXPECT_THAT(lines.take(part), ElementsAre());
  EXPECT_THAT(lines.take(part), ElementsAre());
  EXPECT_THAT(lines.take(part + part), ElementsAre());
  EXPECT_THAT(lines.take("x\n{}\n"), ElementsAre(std::nullopt, "{}"));
  EXPECT_THAT(lines.take(part + part + "\n"), ElementsAre(part + part))
      << "just as long as it may be";
}

TEST(McpMessages, WhatIsWrongIsSaidWithTheIdOfTheRequest) {
  const auto code = [](std::string_view line) {
    const McpMessage message = read_mcp_message(line);
    return message.error ? static_cast<int>(*message.error) : 0;
  };
  EXPECT_EQ(code("{"), -32700);
  EXPECT_EQ(code("[]"), -32600) << "batches are no part of MCP any more";
  EXPECT_EQ(code(R"({"jsonrpc":"1.0","id":1,"method":"ping"})"), -32600);
  EXPECT_EQ(code(R"({"jsonrpc":"2.0","id":1.5,"method":"ping"})"), -32600);
  EXPECT_EQ(code(R"({"jsonrpc":"2.0","id":null,"method":"ping"})"), -32600);
  EXPECT_EQ(code(R"({"jsonrpc":"2.0","id":1})"), -32600);
  EXPECT_EQ(code(R"({"jsonrpc":"2.0","id":1,"method":"ping","params":[]})"), -32602);
  EXPECT_EQ(read_mcp_message(R"({"jsonrpc":"2.0","id":"a","method":""})").id, "a");
  EXPECT_EQ(code(R"({"jsonrpc":"2.0","id":1,"method":"ping"})"), 0);
  const McpMessage answer = read_mcp_message(R"({"jsonrpc":"2.0","id":1,"result":{}})");
  EXPECT_FALSE(answer.error || answer.expects_answer);
}

TEST(McpTools, RefuseArgumentsThatTheirSchemasDoNotHave) {
  const auto wrong = [](const char* tool, const json& arguments) {
    const Result<> checked = check_mcp_arguments(tool, arguments);
    return checked ? std::string() : checked.error().message;
  };
  EXPECT_EQ(wrong("stayd_denials", json::object()), "");
  EXPECT_EQ(wrong("stayd_denials", {{"last", 50}}), "");
  EXPECT_EQ(wrong("stayd_denials", {{"last", 51}}), "'last' is not a whole number from 1 to 50");
  EXPECT_EQ(wrong("stayd_denials", {{"first", 1}}), "'first' is not an argument of stayd_denials");
  EXPECT_EQ(wrong("stayd_holds", {{"wait", 51}}), "'wait' is not a whole number from 0 to 50");
  EXPECT_EQ(wrong("stayd_intent", json::object()), "'text' is missing");
  EXPECT_EQ(wrong("stayd_intent", {{"text", ""}}), "'text' is not a text of 1 to 1024 bytes");
  EXPECT_EQ(wrong("stayd_intent", json::array()), "the arguments are not an object");
  EXPECT_FALSE(is_mcp_tool("stayd_approve"));
}

class Mcp : public ::testing::Test {
 protected:
  // The answer to a request; null: there is none yet.
  json ask(const std::string& method, const json& params = json::object()) {
    const std::string line = server_.take(
        json{{"jsonrpc", "2.0"}, {"id", ++id_}, {"method", method}, {"params", params}}.dump());
    if (line.empty()) return nullptr;
    EXPECT_TRUE(line.ends_with('\n'));
    return json::parse(line);
  }
  json call(const std::string& tool, const json& arguments = json::object()) {
    const json answer = ask("tools/call", {{"name", tool}, {"arguments", arguments}});
    return answer.is_null() ? answer : answer["result"];
  }
  static std::string text(const json& result) { return result["content"][0]["text"]; }
  void hold(const json& hold) {
    self_.on_desk([&](OneWorkload& knowledge, Server&) { knowledge.held.push_back(hold); });
  }

  RunningSelf self_;
  McpServer server_{self_.path()};
  int id_ = 0;
};

TEST_F(Mcp, SpeaksTheVersionOfItsClientOrItsOwnNewest) {
  const auto version = [this](const char* wanted) {
    return ask("initialize", {{"protocolVersion", wanted}})["result"]["protocolVersion"];
  };
  EXPECT_EQ(version("2025-06-18"), "2025-06-18");
  EXPECT_EQ(version("2025-11-25"), "2025-11-25");
  EXPECT_EQ(version("2031-01-01"), "2025-11-25");
  EXPECT_EQ(ask("ping")["result"], json::object());
  EXPECT_EQ(ask("resources/list")["error"]["code"], -32601);
  EXPECT_EQ(server_.take(R"({"jsonrpc":"2.0","method":"notifications/initialized"})"), "");
}

TEST_F(Mcp, ToldOfALineThatIsTooLongSaysSo) {
  EXPECT_EQ(json::parse(server_.take(std::nullopt))["error"]["code"], -32600);
}

TEST_F(Mcp, SaysWhatWasDenied) {
  EXPECT_EQ(text(call("stayd_denials")), "stayd: nothing was denied\n");
  self_.tell(a_denial());
  self_.tell(an_end("denied", "expired", "now"));
  const json denials = call("stayd_denials", {{"last", 1}});
  EXPECT_THAT(text(denials), StartsWith("stayd: denied: connect 192.0.2.7:443/tcp, expired"));
  EXPECT_EQ(denials["structuredContent"]["denials"].size(), 1u);
  EXPECT_EQ(text(call("stayd_denials")).find("stayd: denied: exec git push --force"), 0u);
}

TEST_F(Mcp, SaysWhatWaitsAndDoesNotWaitForNothing) {
  EXPECT_EQ(text(call("stayd_holds", {{"wait", 50}})), "stayd: nothing waits\n");
  hold(a_hold());
  EXPECT_THAT(text(call("stayd_holds")), StartsWith("stayd: held: connect 192.0.2.7:443/tcp"));
}

TEST_F(Mcp, WaitsForAChangeAndAnswersOthersUntilThen) {
  hold(a_hold());
  ASSERT_TRUE(call("stayd_holds", {{"wait", 50}}).is_null());
  const int waiting = id_;
  EXPECT_EQ(ask("ping")["result"], json::object());
  EXPECT_FALSE(call("stayd_holds", {{"wait", 50}}).is_null()) << "one call waits at a time";
  self_.on_desk([](OneWorkload& knowledge, Server& server) {
    knowledge.held.clear();
    knowledge.tell(an_end("approved", "", "never"));
    server.notify();
  });
  pollfd readable{server_.fd(), POLLIN, 0};
  ASSERT_EQ(::poll(&readable, 1, 10'000), 1);
  const json answer = json::parse(server_.finish_wait());
  EXPECT_EQ(answer["id"], waiting);
  EXPECT_THAT(text(answer["result"]), StartsWith("stayd: approved: connect 192.0.2.7:443/tcp"));
  EXPECT_THAT(text(answer["result"]), HasSubstr("stayd: nothing waits\n"));
  EXPECT_EQ(server_.fd(), -1);
}

TEST_F(Mcp, ACallThatIsCancelledIsNotAnswered) {
  hold(a_hold());
  ASSERT_TRUE(call("stayd_holds", {{"wait", 50}}).is_null());
  const auto cancel = [&](int id) {
    return server_.take(json{
        {"jsonrpc", "2.0"}, {"method", "notifications/cancelled"}, {"params", {{"requestId", id}}}}
                            .dump());
  };
  EXPECT_EQ(cancel(id_ + 1), "");
  EXPECT_NE(server_.fd(), -1) << "that was another one";
  EXPECT_EQ(cancel(id_), "");
  EXPECT_EQ(server_.fd(), -1);
  EXPECT_EQ(server_.finish_wait(), "");
}

TEST_F(Mcp, PassesTheIntentOn) {
  EXPECT_EQ(call("stayd_intent", {{"text", "export the list"}}).value("isError", false), false);
  self_.on_desk([](OneWorkload& knowledge, Server&) {
    EXPECT_EQ(knowledge.declared, kLive);
    EXPECT_EQ(knowledge.intent, "export the list");
  });
}

TEST_F(Mcp, AToolThatCannotDoItsWorkSaysWhyToTheModel) {
  EXPECT_EQ(call("stayd_denials", {{"last", 0}})["isError"], true);
  EXPECT_EQ(ask("tools/call", {{"name", "rm"}})["error"]["code"], -32602);
  self_.stop();
  const json result = call("stayd_holds");
  EXPECT_EQ(result["isError"], true);
  EXPECT_THAT(text(result), StartsWith("stayd: cannot reach stayd at "));
}

}  // namespace
}  // namespace stayd
