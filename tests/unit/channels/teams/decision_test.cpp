// SPDX-License-Identifier: Apache-2.0
// From the ticket to the card, the click and the decision.
#include "unit/channels/teams/teams_fixture.h"

namespace stayd {
namespace {

using namespace test;
using nlohmann::json;
using testing::HasSubstr;

class TeamsDecision : public TeamsTest {
 protected:
  TeamsDecision() {
    begin();
    EXPECT_EQ(deliver(an_installation()).status, 200u);
  }
};

TEST_F(TeamsDecision, AClickApprovesAndTheCardSaysSo) {
  hold(1);
  const json card = posted();
  EXPECT_THAT(card.dump(), HasSubstr("/srv/customers/list.csv"));
  const json answer = answer_to(a_click(card, "Approve once"));
  EXPECT_EQ(answer["type"], "application/vnd.microsoft.card.adaptive");
  EXPECT_THAT(answer["value"].dump(), HasSubstr("Alice Ng"));
  EXPECT_EQ(answer["value"].dump().find("Action.Execute"), std::string::npos);
  ASSERT_EQ(kernel_.releases.size(), 1u);
  EXPECT_EQ(kernel_.releases[0].answer, HoldAnswer::allow);
  EXPECT_EQ(ticket().decisions.at(0).channel, "teams");
  EXPECT_EQ(ticket().decisions.at(0).person, "alice");
  ASSERT_TRUE(until([&] { return teams_.count("PUT") == 1; }));
  EXPECT_THAT(card_of(teams_.calls("PUT").back()).dump(), HasSubstr("\"Approved\""));
}

TEST_F(TeamsDecision, ADenialNeedsAReason) {
  hold(1);
  json click = a_click(posted(), "Deny");
  EXPECT_THAT(answer_to(click)["value"].get<std::string>(), HasSubstr("needs a reason"));
  EXPECT_TRUE(kernel_.releases.empty());
  click["value"]["action"]["data"]["reason"] = "not this quarter";
  EXPECT_EQ(answer_to(click)["type"], "application/vnd.microsoft.card.adaptive");
  EXPECT_EQ(ticket().outcome, Outcome::denied);
  EXPECT_EQ(ticket().decisions.at(0).reason, "not this quarter");
}

TEST_F(TeamsDecision, ApprovedForATimeLeavesAGrant) {
  hold(1);
  json click = a_click(posted(), "Approve for that time");
  click["value"]["action"]["data"]["for"] = "workload-1h";
  answer_to(click);
  ASSERT_EQ(kernel_.grants.size(), 1u);
  EXPECT_EQ(kernel_.grants[0].scope, Scope::workload);
}

TEST_F(TeamsDecision, SomebodyElseIsToldAndNothingChanges) {
  hold(1);
  const json answer = answer_to(by(a_click(posted(), "Approve once"), FakeTeams::kMallory));
  EXPECT_EQ(answer["type"], "application/vnd.microsoft.activity.message");
  EXPECT_THAT(answer["value"].get<std::string>(), HasSubstr("in no entry of people.yaml"));
  EXPECT_EQ(ticket().outcome, Outcome::open);
}

TEST_F(TeamsDecision, ASecondClickShowsWhoDecided) {
  hold(1);
  const json click = a_click(posted(), "Approve once");
  answer_to(click);
  const json again = answer_to(click);
  EXPECT_EQ(again["type"], "application/vnd.microsoft.card.adaptive");
  EXPECT_THAT(again["value"].dump(), HasSubstr("Alice Ng"));
  EXPECT_EQ(kernel_.releases.size(), 1u);
}

TEST_F(TeamsDecision, AQuorumWaitsForTheSecondPerson) {
  hold(1, 2);
  const json card = posted();
  answer_to(a_click(card, "Approve once"));
  EXPECT_THAT(answer_to(a_click(card, "Approve once"))["value"].get<std::string>(),
              HasSubstr("has approved already"));
  EXPECT_EQ(ticket().outcome, Outcome::open);
  EXPECT_EQ(answer_to(by(a_click(card, "Approve once"), FakeTeams::kBob))["type"],
            "application/vnd.microsoft.card.adaptive");
  EXPECT_EQ(ticket().outcome, Outcome::approved);
}

TEST_F(TeamsDecision, WhatIsNotOfThatCardIsRefused) {
  hold(1);
  const json good = a_click(posted(), "Approve once");
  const auto refused = [&](json click, const std::string& why) {
    EXPECT_THAT(answer_to(click)["value"].dump(), HasSubstr(why));
    EXPECT_EQ(ticket().outcome, Outcome::open) << why;
  };
  json click = good;
  click["value"]["action"]["data"]["n"] = "AAAAAAAAAAAAAAAAAAAAAA";
  refused(click, "out of date");
  click = good;
  click["value"]["action"]["data"]["rid"] = "2";
  refused(click, "not known any more");
  click = good;
  click["value"]["trigger"] = "automatic";
  refused(click, "Nobody pressed");
  click = good;
  click["conversation"]["id"] = "a:elsewhere";
  refused(click, "not posted here");
  click = good;
  click["from"].erase("aadObjectId");
  refused(click, "not known who you are");
  click = a_click(posted(), "Approve for that time");
  refused(click, "for how long");
  click["value"]["action"]["data"]["for"] = "workload-100h";
  refused(click, "for how long");
  click = good;
  click["value"]["action"]["verb"] = "stayd.other";
  refused(click, "cannot be answered");
  EXPECT_EQ(answer_to(good)["type"], "application/vnd.microsoft.card.adaptive");
}

TEST_F(TeamsDecision, WhoInstallsTheBotIsShownWhatIsOpen) {
  hold(1);
  posted();
  json installed = by(an_installation(), FakeTeams::kBob);
  installed["conversation"]["id"] = "a:bob";
  deliver(installed);
  json click = by(a_click(posted(2), "Approve once"), FakeTeams::kBob);
  click["conversation"]["id"] = "a:bob";
  EXPECT_EQ(answer_to(click)["type"], "application/vnd.microsoft.card.adaptive");
  EXPECT_EQ(ticket().decisions.at(0).person, "bob");
  EXPECT_TRUE(until([&] { return teams_.count("PUT") == 2; }));
}

TEST_F(TeamsDecision, AnOldClientSubmitsAndTheCardIsUpdated) {
  hold(1);
  const json click = a_click(posted(), "Approve once");
  json submit = an_activity("message");
  submit["value"] = click["value"]["action"]["data"];
  submit["value"]["verb"] = "stayd.approve";
  EXPECT_EQ(deliver(submit).status, 200u);
  EXPECT_EQ(ticket().outcome, Outcome::approved);
  EXPECT_TRUE(until([&] { return teams_.count("PUT") == 1; }));
}

TEST_F(TeamsDecision, AWrittenApprovalNeedsTheCodeOfTheCard) {
  hold(1);
  posted();
  json message = an_activity("message");
  message["text"] = "approve 1 0000000";
  deliver(message);
  EXPECT_EQ(ticket().outcome, Outcome::open);
  message["text"] = "approve 1 " + ticket().digest.substr(0, 12);
  deliver(message);
  EXPECT_EQ(ticket().outcome, Outcome::approved);
  EXPECT_TRUE(until([&] { return teams_.count("POST") == 3; }));  // the card and two answers
}

TEST_F(TeamsDecision, AfterARestartTheCardIsStillOurs) {
  hold(1);
  const json card = posted();
  ASSERT_TRUE(all_is_said());
  approvals_->flush(now());
  begin();
  EXPECT_EQ(answer_to(a_click(card, "Approve once"))["type"],
            "application/vnd.microsoft.card.adaptive");
  EXPECT_EQ(ticket().outcome, Outcome::approved);
  EXPECT_TRUE(until([&] { return teams_.count("PUT") == 1; }));
  EXPECT_EQ(teams_.count("POST"), 1u);
}

TEST_F(TeamsDecision, AfterAnotherBootOpenCardsAreCorrected) {
  hold(1);
  posted();
  ASSERT_TRUE(all_is_said());
  approvals_->flush(now());
  begin("two");
  ASSERT_TRUE(until([&] { return teams_.count("PUT") == 1; }));
  EXPECT_THAT(card_of(teams_.calls("PUT").back()).dump(), HasSubstr("Cancelled"));
}

}  // namespace
}  // namespace stayd
