// SPDX-License-Identifier: Apache-2.0
// What goes wrong between us and Teams.
#include "unit/channels/teams/teams_fixture.h"

namespace stayd {
namespace {

using namespace test;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class TeamsCardSender : public TeamsTest {
 protected:
  TeamsCardSender() {
    begin();
    deliver(an_installation());
  }
  // The first calls of that method go wrong so.
  void fails(const std::string& method, FakeTeams::Answer answer, int times = 1) {
    teams_.set_faults([method, answer, left = times](const FakeTeams::Call& call) mutable {
      return call.method == method && left-- > 0 ? answer : FakeTeams::Answer{};
    });
  }
  std::string answer_alice(const json& card) {
    return answer_to(a_click(card, "Approve once"))["type"].get<std::string>();
  }
};

TEST_F(TeamsCardSender, WhatMaySucceedLaterIsTriedAgain) {
  for (const unsigned status : {408u, 412u, 429u, 500u, 502u, 503u, 504u, 599u}) {
    const std::size_t before = teams_.count("POST");
    fails("POST", {.status = status});
    hold(status);
    EXPECT_TRUE(until([&] { return teams_.count("POST") == before + 2; })) << status;
  }
}

TEST_F(TeamsCardSender, WaitsAsLongAsItIsAskedTo) {
  fails("POST", {.status = 429, .fields = "Retry-After: 2\r\n"});
  hold(1);
  ASSERT_TRUE(until([&] { return teams_.count("POST") == 2; }));
  const auto calls = teams_.calls("POST");
  EXPECT_GE(calls[1].at - calls[0].at, seconds(2));
}

TEST_F(TeamsCardSender, ARefusedTokenIsReplaced) {
  fails("POST", {.status = 401});
  hold(1);
  ASSERT_TRUE(until([&] { return teams_.count("POST") == 2; }));
  EXPECT_EQ(teams_.calls("POST")[0].authorization, "Bearer ours-1");
  EXPECT_EQ(teams_.calls("POST")[1].authorization, "Bearer ours-2");
}

TEST_F(TeamsCardSender, WhatIsRefusedIsTriedOnceMoreAsShortAsItGets) {
  fails("POST", {.status = 400}, 100);
  hold(1);
  ASSERT_TRUE(until([&] { return teams_.count("POST") == 2; }));
  hold(2);
  ASSERT_TRUE(until([&] { return teams_.count("POST") == 4; }));
  const auto calls = teams_.calls("POST");
  EXPECT_LT(calls[1].body.dump().size(), calls[0].body.dump().size());
}

TEST_F(TeamsCardSender, WhatIsTooLargeIsShortenedUntilItIsTaken) {
  fails("POST", {.status = 413}, 2);
  Operation operation = an_operation(1, 101);
  operation.path = "/srv/customers/" + std::string(600, 'x');
  hold(std::move(operation));
  ASSERT_TRUE(until([&] { return teams_.count("POST") == 3; }));
  ASSERT_TRUE(all_is_said());
  const auto calls = teams_.calls("POST");
  EXPECT_LT(calls[1].body.dump().size(), calls[0].body.dump().size());
  EXPECT_LT(calls[2].body.dump().size(), calls[1].body.dump().size());
  EXPECT_EQ(answer_alice(posted()), "application/vnd.microsoft.card.adaptive");
  EXPECT_THAT(channel_->trouble(), Not(HasSubstr("is not shown")));
}

// As of a gateway on the way, which knows nothing of Teams.
TEST_F(TeamsCardSender, AnAnswerThatNamesNoMessageIsNone) {
  for (const char* body : {"<html>welcome</html>", "{}", R"({"id": 7})"}) {
    const std::size_t before = teams_.count("POST");
    fails("POST", {.status = 200, .body = body});
    hold(before + 10);
    EXPECT_TRUE(until([&] { return teams_.count("POST") == before + 2; })) << body;
  }
}

TEST_F(TeamsCardSender, AQuestionThatWasShownToNobodyIsSaidAndEndsAsItsPolicySays) {
  fails("POST", {.status = 400}, 2);
  waits_unreachable_ = false;
  hold(1);
  const char* const said = "ticket 1 is not shown to user/aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa: ";
  ASSERT_TRUE(until([&] { return channel_->trouble().starts_with(said); }));
  EXPECT_THAT(channel_->trouble(), HasSubstr("status 400"));
  waits_unreachable_ = true;
  hold(2);
  const Person* alice = approvals_->people().find("alice");
  ASSERT_TRUE(until([&] { return channel_->reaches(*alice); })) << "another card arrived";
  EXPECT_FALSE(channel_->reaches_with(*alice, 1));
  EXPECT_TRUE(channel_->reaches_with(*alice, 2));
  approvals_->look_after_channels(now());
  EXPECT_EQ(ticket(1).outcome, Outcome::no_approver);
  EXPECT_EQ(ticket(2).outcome, Outcome::open);
  EXPECT_THAT(channel_->trouble(), Not(HasSubstr("is not shown")));
}

TEST_F(TeamsCardSender, APersonWhoseQuestionWasRefusedDoesNotCountAsReachedUntilOneArrives) {
  fails("POST", {.status = 400}, 2);
  hold(1);
  const Person* alice = approvals_->people().find("alice");
  EXPECT_TRUE(until([&] { return !channel_->reaches(*alice); }));
  EXPECT_THAT(channel_->overview().dump(), HasSubstr("status 400"));
  hold(2);
  EXPECT_TRUE(until([&] { return channel_->reaches(*alice); }));
}

TEST_F(TeamsCardSender, APersonWhomOneCardDidNotReachIsTriedWithTheNext) {
  for (const unsigned status : {403u, 404u}) {
    fails("POST", {.status = status});
    hold(status);
    const Person* alice = approvals_->people().find("alice");
    EXPECT_TRUE(until([&] { return !channel_->reaches(*alice); })) << status;
    hold(status + 1000);
    EXPECT_TRUE(until([&] { return channel_->reaches(*alice); })) << status;
  }
}

TEST_F(TeamsCardSender, AnUpgradeThatRemovesTheBotRemovesIt) {
  deliver(an_installation("remove-upgrade"));
  EXPECT_FALSE(channel_->reaches(*approvals_->people().find("alice")));
}

TEST_F(TeamsCardSender, WhoBlockedTheBotIsNotReached) {
  fails("POST", {.status = 403, .body = R"({"error":{"code":"MessageWritesBlocked"}})"});
  hold(1);
  const Person* alice = approvals_->people().find("alice");
  EXPECT_TRUE(until([&] { return !channel_->reaches(*alice); }));
  EXPECT_THAT(channel_->trouble(), HasSubstr("cannot be reached"));
  EXPECT_THAT(channel_->overview().dump(), HasSubstr("MessageWritesBlocked"));
}

TEST_F(TeamsCardSender, ADeletedCardIsFollowedByAMessage) {
  hold(1);
  const json card = posted();
  fails("PUT", {.status = 404, .body = R"({"error":{"code":"ActivityNotFoundInConversation"}})"});
  answer_alice(card);
  ASSERT_TRUE(until([&] { return teams_.count("POST") == 2; }));
  EXPECT_THAT(teams_.calls("POST")[1].body.dump(), HasSubstr("Approved (request 1)"));
}

TEST_F(TeamsCardSender, ACardWithoutAnIdIsFollowedByAMessage) {
  fails("POST", {.status = 202, .body = "{}"});
  hold(1);
  json click = a_click(posted(), "Approve once");
  EXPECT_EQ(answer_to(click)["type"], "application/vnd.microsoft.card.adaptive");
  ASSERT_TRUE(until([&] { return teams_.count("POST") == 2; }));
  EXPECT_EQ(teams_.count("PUT"), 0u);
}

TEST_F(TeamsCardSender, ACardWithoutAnIdIsNamedByTheClick) {
  fails("POST", {.status = 202, .body = "{}"});
  hold(1);
  json click = a_click(posted(), "Approve once");
  click["replyToId"] = "1776";
  answer_to(click);
  ASSERT_TRUE(until([&] { return teams_.count("PUT") == 1; }));
  EXPECT_THAT(teams_.calls("PUT")[0].path, testing::EndsWith("/activities/1776"));
}

TEST_F(TeamsCardSender, WhatMayHaveArrivedIsPostedOnceMoreWithTheSameNonce) {
  fails("POST", {.hang_up = true});
  hold(1);
  ASSERT_TRUE(until([&] { return teams_.count("POST") == 2; }));
  const auto calls = teams_.calls("POST");
  EXPECT_EQ(a_click(card_of(calls[0]), "Deny"), a_click(card_of(calls[1]), "Deny"));
}

TEST_F(TeamsCardSender, ManyChangesAreFewUpdates) {
  hold(1, 1, 100);
  posted();
  ASSERT_TRUE(all_is_said());
  for (HoldId id = 2; id <= 14; ++id) {
    hold(id, 1, 100);
    approvals_->flush(now());
  }
  answer_alice(posted());
  ASSERT_TRUE(until([&] { return teams_.count("PUT") >= 1; }));
  EXPECT_EQ(teams_.count("PUT"), 1u);
  EXPECT_THAT(card_of(teams_.calls("PUT")[0]).dump(), HasSubstr("14 attempts"));
}

TEST_F(TeamsCardSender, WhatWasNotSentBeforeTheEndIsSentAfterIt) {
  teams_.set_faults([](const FakeTeams::Call&) { return FakeTeams::Answer{.status = 503}; });
  hold(1);
  ASSERT_TRUE(until([&] { return teams_.count("POST") == 1; }));
  teams_.set_faults({});
  begin();
  EXPECT_TRUE(until([&] { return teams_.count("POST") == 2; }));
}

TEST_F(TeamsCardSender, BreakGlassIsToldToEverybody) {
  channel_->announce("Break-glass on /ai.slice by root");
  ASSERT_TRUE(until([&] { return teams_.count("POST") == 1; }));
  EXPECT_THAT(teams_.calls("POST")[0].body.dump(), HasSubstr("Break-glass on /ai.slice"));
}

TEST_F(TeamsCardSender, AGroupsChannelGetsAThreadOfItsOwn) {
  config_.channels["stewards"] = FakeTeams::kChannel;
  begin();
  hold(1);
  ASSERT_TRUE(until([&] { return teams_.count("POST") >= 3; }));  // and the chat with Bob
  ASSERT_TRUE(all_is_said());
  json thread;
  for (const FakeTeams::Call& call : teams_.calls("POST"))
    if (call.body.value("isGroup", false)) thread = card_of(call);
  const json click = in_channel(a_click(thread, "Approve once"),
                                std::string(FakeTeams::kChannel) + ";messageid=1");
  EXPECT_EQ(answer_to(click)["type"], "application/vnd.microsoft.card.adaptive");
  EXPECT_EQ(ticket().outcome, Outcome::approved);
  // Alice's own card, Bob's, and the channel's.
  ASSERT_TRUE(until([&] { return teams_.count("PUT") == 3; }));
}

TEST_F(TeamsCardSender, AChannelWithoutTheBotIsSaid) {
  config_.channels["stewards"] = FakeTeams::kChannel;
  begin();
  teams_.set_faults([](const FakeTeams::Call& call) {
    const bool thread = call.body.is_object() && call.body.value("isGroup", false);
    return thread ? FakeTeams::Answer{.status = 403} : FakeTeams::Answer{};
  });
  const Person* bob = approvals_->people().find("bob");
  EXPECT_TRUE(channel_->reaches(*bob));
  hold(1);
  EXPECT_TRUE(until([&] {
    return channel_->trouble().find("channel of stewards cannot be posted to") != std::string::npos;
  }));
}

TEST_F(TeamsCardSender, WithoutButtonsNothingHasToReachUs) {
  config_.mode = teams::Mode::notify;
  config_.channels["stewards"] = FakeTeams::kChannel;
  begin();
  EXPECT_EQ(channel_->port(), 0);
  hold(1);
  ASSERT_TRUE(until([&] { return teams_.count("POST") >= 4; }));  // Bob's chat, and three cards
  for (const FakeTeams::Call& call : teams_.calls("POST"))
    EXPECT_EQ(call.body.dump().find("Action.Execute"), std::string::npos);
  EXPECT_TRUE(channel_->reaches(*approvals_->people().find("bob")));
}

TEST_F(TeamsCardSender, WhenNobodyIsReachedAnyMoreTheQuestionEnds) {
  hold(1);
  posted();
  waits_unreachable_ = false;
  hold(2);
  approvals_->look_after_channels(now());
  EXPECT_EQ(ticket(2).outcome, Outcome::open);
  deliver(an_installation("remove"));
  approvals_->look_after_channels(now());
  EXPECT_EQ(ticket(2).outcome, Outcome::no_approver);
  EXPECT_EQ(ticket(1).outcome, Outcome::open) << "its policy waits for somebody to be reached";
}

TEST_F(TeamsCardSender, ATestCardAsksForNothingAndIsAnswered) {
  const Result<json> begun = channel_->begin_test("alice");
  ASSERT_TRUE(begun) << begun.error().message;
  const std::string id = (*begun)["ticket"];
  const json card = posted();
  ASSERT_TRUE(until([&] { return (*channel_->test(id))["state"] == "waiting"; }));
  EXPECT_EQ(answer_to(by(a_click(card, "Deny"), FakeTeams::kMallory))["type"],
            "application/vnd.microsoft.activity.message");
  EXPECT_EQ((*channel_->test(id))["state"], "waiting");
  answer_to(a_click(card, "Approve once"));
  EXPECT_EQ((*channel_->test(id))["answer"], "approved");
  EXPECT_EQ((*channel_->test(id))["by"], "Alice Ng");
}

TEST_F(TeamsCardSender, APersonIsFoundByTheirName) {
  config_.channels["stewards"] = FakeTeams::kChannel;
  begin();
  json found;
  ASSERT_TRUE(until([&] {
    found = *channel_->resolve("bob@example.com");
    return found["pending"] == false;
  }));
  EXPECT_EQ(found["object"], FakeTeams::kBob);
  EXPECT_EQ(found["tenant"], FakeTeams::kTenant);
}

// The other side counts; 50 cards for each of four conversations, which is below the limit of half
// a minute.
TEST_F(TeamsCardSender, TwoHundredTicketsAtOnceNeverExceedTheLimits) {
  config_.channels = {{"stewards", FakeTeams::kChannel},
                      {"a", "19:a@thread.tacv2"},
                      {"b", "19:b@thread.tacv2"},
                      {"c", "19:c@thread.tacv2"}};
  begin();
  const char* const groups[] = {"stewards", "a", "b", "c"};
  for (HoldId id = 1; id <= 200; ++id) {
    TicketContext context = kContext;
    context.approval.approvers = {groups[id % 4]};
    context.approval.wait_if_unreachable = true;
    Operation operation =
        an_operation(id, 100 + id, {.slot = std::uint32_t(id % 8), .generation = 1});
    operation.time = now();
    approvals_->raise(std::move(operation), context, now());
  }
  ASSERT_TRUE(until([&] { return teams_.total() >= 20; }));
  // An answer does not wait for them.
  json message = an_activity("message");
  message["text"] = "pending";
  deliver(message);
  EXPECT_LT(teams_.total(), 200u);
  // The threads, the chats of both with their 50 cards, how Bob was found, and the list.
  ASSERT_TRUE(run_until(
      *loop_, [&] { return teams_.total() == 200 + 50 + 50 + 2 + 1; }, seconds(60)));
  std::map<std::string, std::vector<std::chrono::steady_clock::time_point>> threads;
  for (const FakeTeams::Call& call : teams_.calls("POST"))
    if (call.body.value("isGroup", false))
      threads[call.body["channelData"]["channel"].value("id", "")].push_back(call.at);
  ASSERT_EQ(threads.size(), 4u);
  for (const auto& [channel, times] : threads)
    for (std::size_t i = 7; i < times.size(); ++i)
      EXPECT_GT(times[i] - times[i - 7], seconds(1)) << channel << " " << i;
}

}  // namespace
}  // namespace stayd
