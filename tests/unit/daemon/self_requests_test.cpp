// SPDX-License-Identifier: Apache-2.0
// What a workload is told about what it asks for in advance; with a real desk on disk and a
// recorded gate.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/self_answers.h"
#include "unit/intake/desk_on_disk.h"
#include "unit/tickets/desk_fixture.h"

namespace stayd {
namespace {

using namespace std::chrono_literals;
using namespace test;
using nlohmann::json;
using testing::HasSubstr;

class SelfRequests : public ::testing::Test {
 protected:
  SelfRequests() {
    desk_.gate.add_workload();
    foresee(Verdict::hold);
  }

  void foresee(Verdict verdict, std::uint64_t inode = 100) {
    Operation operation = a_reported(0, inode);
    operation.disposition = Disposition::asked_ahead;
    desk_.gate.foreseen = Foreseen{operation, verdict};
  }
  json ask(const std::string& reason = "to count the lines") {
    SelfAnswers answers = self();
    const auto reply = std::make_shared<AheadReply>();
    Peer peer;
    peer.pid = 4242;
    peer.uid = 1000;
    peer.login_uid = 1001;
    peer.workload = kWorkload;
    answers.ask_ahead(kWorkload, peer, {.wanted = {.path = "/srv/x"}, .reason = reason}, reply);
    EXPECT_TRUE(reply->body);
    return reply->body.value_or(json());
  }
  std::optional<json> look(TicketId number, WorkloadId workload = kWorkload) {
    return self().request(workload, number);
  }
  SelfAnswers self() {
    return SelfAnswers(desk_.gate, *desk_.approvals, *desk_.contexts,
                       {.clock = [this] { return desk_.now; },
                        .describe_caller = [](Caller& caller) { caller.program = "/usr/bin/curl"; },
                        .replied = [this] { ++replied_; }});
  }
  void answer(TicketId id, const Decision& decision) {
    Decision copy = decision;
    copy.ticket = id;
    ASSERT_TRUE(desk_.approvals->answer({std::move(copy), UnixAccount{1002}}, desk_.now));
  }
  const Ticket& ticket(TicketId id = 1) { return *desk_.approvals->find(id); }

  DeskOnDisk desk_;
  int replied_ = 0;
};

TEST_F(SelfRequests, WhatAPersonHasToApproveOpensATicketWithTheWorkloadsReason) {
  const json answer = ask();
  EXPECT_EQ(answer["request"], 1);
  EXPECT_EQ(answer["state"], "open");
  EXPECT_EQ(answer["retry"], "after-approval");
  EXPECT_EQ(answer["object"], "/srv/customers/list.csv");
  EXPECT_EQ(answer["until"], "2023-11-14T22:43:20.000Z");
  EXPECT_EQ(replied_, 1);
  EXPECT_TRUE(ticket().asked_ahead);
  EXPECT_EQ(ticket().stated_reason, "to count the lines");
  EXPECT_EQ(ticket().operation.caller.pid, 4242);
  EXPECT_EQ(ticket().operation.caller.program, "/usr/bin/curl");
  EXPECT_EQ(desk_.gate.wanted_before.at(0).path, "/srv/x");
  const json line = desk_.recorded("ticket_opened").at(0);
  EXPECT_EQ(line["shown"]["asked_ahead"], true);
  EXPECT_EQ(line["shown"]["stated_reason"], "to count the lines");
  EXPECT_EQ(line["shown"]["operation"]["disposition"], "asked_ahead");
}

TEST_F(SelfRequests, AnApprovalBecomesOneUseBoundToTheWorkloadAndTheObject) {
  ask();
  answer(1, approval(ticket()));
  ASSERT_EQ(desk_.gate.granted.size(), 1u);
  const Grant grant = desk_.gate.granted.begin()->second;
  EXPECT_EQ(grant.workload, kWorkload);
  EXPECT_EQ(grant.object.inode, 100u);
  EXPECT_EQ(grant.uses, 1);
  const json now = *look(1);
  EXPECT_EQ(now["state"], "approved");
  EXPECT_EQ(now["retry"], "now");
  EXPECT_EQ(now["until"], "2023-11-14T22:43:20.000Z");
  desk_.gate.granted.begin()->second.uses = 0;
  EXPECT_EQ((*look(1))["retry"], "after-approval") << "it has been used";
}

TEST_F(SelfRequests, WhatIsGrantedAlreadyIsNotAskedAbout) {
  ask();
  answer(1, approval(ticket()));
  const json again = ask();
  EXPECT_EQ(again["state"], "not-needed");
  EXPECT_EQ(again["detail"], "grant 1 lets it through");
  EXPECT_TRUE(desk_.approvals->open_tickets().empty());
}

TEST_F(SelfRequests, ADenialIsToldWithItsReasonAndRefusesTheAttempt) {
  ask();
  answer(1, denial(ticket()));
  EXPECT_EQ((*look(1))["state"], "denied");
  EXPECT_EQ((*look(1))["detail"], "not this quarter");
  EXPECT_EQ((*look(1))["retry"], "never");
  const json again = ask();
  EXPECT_EQ(again["state"], "denied");
  EXPECT_EQ(again["request"], 1);
  EXPECT_EQ(again["until"], "2023-11-14T22:43:20.000Z");
  desk_.take(a_reported(7));
  EXPECT_THAT(desk_.calls(), testing::ElementsAre("release 7: deny"));
}

TEST_F(SelfRequests, WhatThePolicyAllowsOrDeniesOpensNoTicket) {
  foresee(Verdict::allow);
  EXPECT_EQ(ask()["state"], "not-needed");
  foresee(Verdict::audit);
  EXPECT_EQ(ask()["state"], "not-needed");
  foresee(Verdict::deny);
  const json denied = ask();
  EXPECT_EQ(denied["state"], "denied");
  EXPECT_EQ(denied["rule"], "files.read: hold [customer-data]");
  EXPECT_EQ(denied["retry"], "never");
  EXPECT_TRUE(denied["request"].is_null());
  EXPECT_TRUE(desk_.approvals->open_tickets().empty());
}

TEST_F(SelfRequests, WhatCannotBeBoundSaysWhy) {
  desk_.gate.foreseen = Error{"/srv/x: No such file or directory"};
  const json answer = ask();
  EXPECT_EQ(answer["state"], "not-bound");
  EXPECT_EQ(answer["detail"], "/srv/x: No such file or directory");
  EXPECT_TRUE(desk_.approvals->open_tickets().empty());
}

TEST_F(SelfRequests, BeyondTheWorkloadsQuestionsNothingMoreIsAsked) {
  for (std::uint64_t inode = 1; inode <= DeskLimits{}.open_per_workload; ++inode) {
    foresee(Verdict::hold, inode);
    EXPECT_EQ(ask()["state"], "open");
  }
  foresee(Verdict::hold, 1000);
  const json refused = ask();
  EXPECT_EQ(refused["state"], "too-many");
  EXPECT_THAT(refused["detail"].get<std::string>(), HasSubstr("wait for answers"));
  EXPECT_EQ(desk_.recorded("refused").size(), 1u);
}

TEST_F(SelfRequests, NothingIsOpenedForWhoeverWaitsNoLonger) {
  SelfAnswers answers = self();
  const auto reply = std::make_shared<AheadReply>();
  reply->given_up = true;
  Peer peer;
  answers.ask_ahead(kWorkload, peer, {.wanted = {}, .reason = "late"}, reply);
  EXPECT_FALSE(reply->body);
  EXPECT_TRUE(desk_.approvals->open_tickets().empty());
}

TEST_F(SelfRequests, AreTheWorkloadsOwn) {
  ask();
  EXPECT_TRUE(look(1));
  EXPECT_FALSE(look(1, {.slot = 9, .generation = 9}));
  EXPECT_FALSE(look(2));
}

TEST_F(SelfRequests, OutliveARestart) {
  ask();
  desk_.begin();
  EXPECT_EQ((*look(1))["state"], "open");
  EXPECT_TRUE(ticket().asked_ahead);
  answer(1, approval(ticket()));
  EXPECT_EQ((*look(1))["state"], "approved");
}

}  // namespace
}  // namespace stayd
