// SPDX-License-Identifier: Apache-2.0
#include "channels/teams/activity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "channels/teams/command.h"
#include "unit/channels/teams/activities.h"

namespace stayd::teams {
namespace {

using nlohmann::json;
using testing::HasSubstr;

Activity parsed(const json& activity) {
  const Result<Activity> result = parse_activity(activity.dump());
  EXPECT_TRUE(result) << result.error().message;
  return result ? *result : Activity{};
}
std::string error_of(const std::string& text) {
  const Result<Activity> result = parse_activity(text);
  return result ? "" : result.error().message;
}

json an_invoke() {
  json activity = test::in_channel(test::an_activity("invoke"), "19:a@thread.tacv2;messageid=17");
  activity["name"] = "adaptiveCard/action";
  activity["value"] = {{"action",
                        {{"verb", "stayd.deny"},
                         {"data", {{"v", 1}, {"rid", "17"}, {"n", "nonce"}, {"reason", "no"}}}}},
                       {"trigger", "automatic"}};
  return activity;
}

TEST(TeamsActivity, ReadsAClick) {
  const Activity activity = parsed(an_invoke());
  EXPECT_EQ(activity.conversation, "19:a@thread.tacv2");
  EXPECT_EQ(activity.thread, "19:a@thread.tacv2;messageid=17");
  EXPECT_FALSE(activity.is_personal());
  EXPECT_EQ(activity.sender_object, test::FakeTeams::kAlice);
  ASSERT_TRUE(activity.click);
  EXPECT_EQ(activity.click->verb, "stayd.deny");
  EXPECT_EQ(activity.click->subject, "17");
  EXPECT_EQ(activity.click->nonce, "nonce");
  EXPECT_EQ(activity.click->reason, "no");
  EXPECT_TRUE(activity.click->automatic);
}

TEST(TeamsActivity, WhatIsOfAnotherTypeIsAnError) {
  json activity = an_invoke();
  activity["conversation"]["id"] = 7;
  EXPECT_THAT(error_of(activity.dump()), HasSubstr("\"id\" is not a string"));
  activity = an_invoke();
  activity["value"]["action"]["data"] = "x";
  EXPECT_THAT(error_of(activity.dump()), HasSubstr("\"data\" is not an object"));
  activity = an_invoke();
  activity["from"] = json::array();
  EXPECT_THAT(error_of(activity.dump()), HasSubstr("\"from\" is not an object"));
  activity = an_invoke();
  activity["type"] = std::string(2000, 'x');
  EXPECT_THAT(error_of(activity.dump()), HasSubstr("too long"));
  EXPECT_THAT(error_of("[]"), HasSubstr("no JSON object"));
  EXPECT_NE(error_of("{\"type\":\"a\",\"type\":\"b\"}"), "");
  EXPECT_NE(error_of(std::string(100, '[')), "");
}

TEST(TeamsActivity, WhatIsMissingIsNamed) {
  for (const char* name : {"type", "channelId", "serviceUrl", "conversation"}) {
    json activity = an_invoke();
    activity.erase(name);
    EXPECT_THAT(error_of(activity.dump()), HasSubstr(std::string("\"") + name + "\"")) << name;
  }
}

TEST(TeamsActivity, ASenderWithoutAnObjectIdIsNobody) {
  json activity = an_invoke();
  activity["from"]["aadObjectId"] = "not a guid";
  EXPECT_EQ(parsed(activity).sender_object, "");
}

Command command(const std::string& text, const json& entities = json::array()) {
  json activity = test::an_activity("message");
  activity["text"] = text;
  activity["entities"] = entities;
  return parse_command(parsed(activity));
}

TEST(TeamsCommand, ReadsTheGrammarAndNothingElse) {
  const Command approve = command("  Approve&nbsp;17  7F3A\n");
  EXPECT_EQ(approve.kind, Command::Kind::approve);
  EXPECT_EQ(approve.ticket, 17u);
  EXPECT_EQ(approve.hash, "7f3a");
  const Command deny = command("deny 17 not &lt;now&gt;");
  EXPECT_EQ(deny.kind, Command::Kind::deny);
  EXPECT_EQ(deny.reason, "not <now>");
  EXPECT_EQ(command("pending").kind, Command::Kind::pending);
  EXPECT_EQ(command("show 3").kind, Command::Kind::show);
  EXPECT_EQ(command("help").kind, Command::Kind::help);
  for (const char* prose : {"yes do it", "approve", "approve 17", "approve 17 7f3",
                            "approve x 7f3a", "approve 17 7f3a please", "approve17 7f3a",
                            "please approve 17 7f3a", "pending 3", "show", ""})
    EXPECT_EQ(command(prose).kind, Command::Kind::none) << prose;
}

TEST(TeamsCommand, OnlyTheBotsOwnMentionIsTakenOut) {
  const std::string bot = std::string("28:") + test::FakeTeams::kApp;
  const json own = {{"type", "mention"}, {"text", "<at>stayd</at>"}, {"mentioned", {{"id", bot}}}};
  EXPECT_EQ(command("<at>stayd</at> pending", json::array({own})).kind, Command::Kind::pending);
  json other = own;
  other["mentioned"]["id"] = "29:bob";
  EXPECT_EQ(command("<at>stayd</at> pending", json::array({other})).kind, Command::Kind::none);
}

}  // namespace
}  // namespace stayd::teams
