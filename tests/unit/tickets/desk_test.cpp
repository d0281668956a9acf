// SPDX-License-Identifier: Apache-2.0
#include "tickets/desk.h"

#include <gtest/gtest.h>

#include <limits>

#include "unit/tickets/desk_fixture.h"

namespace stayd {
namespace {

using namespace std::chrono_literals;
using namespace test;

const Ticket& the_ticket(const Desk& desk) { return *desk.open_tickets().at(0); }

TEST(Desk, AHoldOpensATicketThatShowsIt) {
  Desk desk;
  const Effects effects = desk.hold_raised(an_operation(1), kContext, kNoon);
  ASSERT_EQ(effects.size(), 1u);
  EXPECT_EQ(only<Changed>(effects).at(0).ticket, 1u);
  const Ticket& ticket = the_ticket(desk);
  EXPECT_EQ(ticket.id, 1u);
  EXPECT_EQ(ticket.outcome, Outcome::open);
  EXPECT_EQ(ticket.workload, kContext.workload);
  EXPECT_EQ(ticket.rule, kContext.rule);
  EXPECT_EQ(ticket.deadline, kNoon + 30min);
  EXPECT_EQ(ticket.digest.size(), 64u);
  EXPECT_EQ(ticket.holds, std::vector<HoldId>{1});
  EXPECT_EQ(desk.next_deadline(), kNoon + 30min);
}

TEST(Desk, OneDecisionReleasesEveryJoinedHold) {
  Desk desk;
  for (HoldId hold = 1; hold <= 2000; ++hold) {
    desk.hold_raised(an_operation(hold), kContext, kNoon);
  }
  ASSERT_EQ(desk.open_tickets().size(), 1u);
  EXPECT_EQ(the_ticket(desk).joined, 2000u);

  const auto effects = desk.decide(approval(the_ticket(desk)), kAnybody, kNoon + 1s);
  ASSERT_TRUE(effects);
  const auto releases = only<Release>(*effects);
  ASSERT_EQ(releases.size(), 2000u);
  for (const Release& release : releases) {
    EXPECT_EQ(release.answer, HoldAnswer::allow);
    EXPECT_EQ(release.valid_until, kNoon + 1s + 1min);
    EXPECT_EQ(release.ticket, 1u);
  }
  EXPECT_TRUE(only<Granted>(*effects).empty());
  EXPECT_TRUE(std::holds_alternative<Changed>(effects->front()));
  EXPECT_EQ(desk.find(1)->outcome, Outcome::approved);
  EXPECT_EQ(final_decision(*desk.find(1))->person, "unix:1000");
  EXPECT_FALSE(desk.next_deadline());
}

TEST(Desk, OnlyTheSameWorkloadAndObjectJoin) {
  Desk desk;
  desk.hold_raised(an_operation(1, 100), kContext, kNoon);
  desk.hold_raised(an_operation(2, 101), kContext, kNoon);
  desk.hold_raised(an_operation(3, 100, {.slot = 3, .generation = 10}), kContext, kNoon);
  EXPECT_EQ(desk.open_tickets().size(), 3u);
}

TEST(Desk, TheNextIdenticalOperationAsksAgain) {
  Desk desk;
  desk.hold_raised(an_operation(1), kContext, kNoon);
  ASSERT_TRUE(desk.decide(approval(the_ticket(desk)), kAnybody, kNoon));
  desk.hold_raised(an_operation(2), kContext, kNoon);
  EXPECT_EQ(the_ticket(desk).id, 2u);
}

TEST(Desk, JoiningExtendsNothing) {
  Desk desk;
  desk.hold_raised(an_operation(1), kContext, kNoon);
  const std::string digest = the_ticket(desk).digest;
  desk.hold_raised(an_operation(2), kContext, kNoon + 29min);
  EXPECT_EQ(the_ticket(desk).deadline, kNoon + 30min);
  EXPECT_EQ(the_ticket(desk).digest, digest);
}

TEST(Desk, WhetherAnOperationWouldJoinIsKnownBeforehand) {
  Desk desk;
  Operation next = an_operation(2);
  EXPECT_FALSE(desk.would_join(next));
  desk.hold_raised(an_operation(1), kContext, kNoon);
  EXPECT_TRUE(desk.would_join(next));
  EXPECT_FALSE(desk.would_join(an_operation(2, 101)));
  next.time = kNoon + 30min;
  EXPECT_FALSE(desk.would_join(next));
}

TEST(Desk, TheSameHoldReportedAgainChangesNothing) {
  Desk desk;
  desk.hold_raised(an_operation(1), kContext, kNoon);
  const auto revision = desk.revision();
  EXPECT_TRUE(desk.hold_raised(an_operation(1), kContext, kNoon).empty());
  EXPECT_EQ(desk.revision(), revision);
  EXPECT_EQ(the_ticket(desk).joined, 1u);
}

TEST(Desk, WhatPolicyHasDecidedRaisesNoTicket) {
  Desk desk;
  for (const Disposition disposition : {Disposition::denied, Disposition::audited}) {
    Operation operation = an_operation(0);
    operation.disposition = disposition;
    EXPECT_TRUE(desk.hold_raised(operation, kContext, kNoon).empty());
  }
  EXPECT_TRUE(desk.open_tickets().empty());
}

TEST(Desk, ADenialReleasesWithTheReasonKept) {
  Desk desk;
  desk.hold_raised(an_operation(1), kContext, kNoon);
  const auto effects = desk.decide(denial(the_ticket(desk)), kAnybody, kNoon);
  ASSERT_TRUE(effects);
  EXPECT_NE(only<Release>(*effects).at(0).answer, HoldAnswer::allow);
  EXPECT_EQ(desk.find(1)->outcome, Outcome::denied);
  EXPECT_EQ(final_decision(*desk.find(1))->reason, "not this quarter");
}

TEST(Desk, AnApprovalForAWhileLeavesAGrantBeforeItReleases) {
  Desk desk;
  desk.hold_raised(an_operation(1), kContext, kNoon);
  Decision decision = approval(the_ticket(desk));
  decision.scope = Scope::workload;
  decision.grant_for = 15min;
  const auto effects = desk.decide(decision, kAnybody, kNoon + 1min);
  ASSERT_TRUE(effects);
  ASSERT_EQ(effects->size(), 3u);
  const Grant grant = std::get<Granted>(effects->at(1)).grant;
  EXPECT_EQ(grant.workload, kWorkload);
  EXPECT_EQ(grant.object.inode, 100u);
  EXPECT_EQ(grant.expires, kNoon + 16min);
  EXPECT_EQ(grant.uses, std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(std::get<Release>(effects->at(2)).answer, HoldAnswer::allow);
}

TEST(Desk, WhatCannotWaitIsAskedAboutAndLeavesOneUse) {
  Desk desk;
  desk.hold_raised(an_operation(0), kContext, kNoon);
  desk.hold_raised(an_operation(0), kContext, kNoon);
  EXPECT_EQ(the_ticket(desk).joined, 2u);
  EXPECT_TRUE(the_ticket(desk).holds.empty());
  const auto effects = desk.decide(approval(the_ticket(desk)), kAnybody, kNoon);
  ASSERT_TRUE(effects);
  EXPECT_TRUE(only<Release>(*effects).empty());
  EXPECT_EQ(only<Granted>(*effects).at(0).grant.uses, 1);
  EXPECT_EQ(only<Granted>(*effects).at(0).grant.expires, kNoon + 30min);
}

TEST(Desk, ATicketThatMayNotLingerIsCancelledWhenItsLastCallerLeaves) {
  Desk desk;
  desk.hold_raised(an_operation(1), without_lingering(), kNoon);
  desk.hold_raised(an_operation(2), without_lingering(), kNoon);
  desk.hold_gone(1, kNoon);
  EXPECT_EQ(the_ticket(desk).holds, std::vector<HoldId>{2});
  const Effects effects = desk.hold_gone(2, kNoon);
  EXPECT_TRUE(only<Release>(effects).empty());
  EXPECT_EQ(desk.find(1)->outcome, Outcome::cancelled);
  EXPECT_TRUE(desk.hold_gone(2, kNoon).empty());
}

TEST(Desk, ATicketSaysWhyItsThreadWasDeniedWithoutAnAnswer) {
  const auto history_after = [](HoldEnd why) {
    Desk desk;
    desk.hold_raised(an_operation(1), without_lingering(), kNoon);
    const Effects effects = desk.hold_gone(1, kNoon, why);
    EXPECT_EQ(only<Changed>(effects).at(0).left, why);
    EXPECT_EQ(desk.find(1)->outcome, Outcome::cancelled);
    std::vector<std::string> events;
    for (const TicketEvent& event : desk.find(1)->history) events.push_back(event.what);
    return events;
  };
  EXPECT_EQ(history_after(HoldEnd::caller_gone), (std::vector<std::string>{"opened", "cancelled"}));
  EXPECT_EQ(history_after(HoldEnd::traced),
            (std::vector<std::string>{"opened",
                                      "a thread was denied at once: another program traces it, so "
                                      "it cannot be stopped",
                                      "cancelled"}));
  EXPECT_EQ(history_after(HoldEnd::unattended).at(1),
            "a thread was denied by the kernel side while no stayd was running");
}

TEST(Desk, AQuestionFromWhatCannotWaitOutlivesCallersThatLeave) {
  Desk desk;
  desk.hold_raised(an_operation(1), kContext, kNoon);
  desk.hold_raised(an_operation(0), kContext, kNoon);
  desk.hold_gone(1, kNoon);
  EXPECT_EQ(the_ticket(desk).outcome, Outcome::open);
  desk.tick(kNoon + 30min);
  EXPECT_EQ(desk.find(1)->outcome, Outcome::expired);
}

TEST(Desk, ATimeoutIsNobodysNo) {
  Desk desk;
  desk.hold_raised(an_operation(1), kContext, kNoon);
  EXPECT_TRUE(desk.tick(kNoon + 30min - 1ms).empty());
  const Effects effects = desk.tick(kNoon + 30min);
  EXPECT_NE(only<Release>(effects).at(0).answer, HoldAnswer::allow);
  EXPECT_EQ(desk.find(1)->outcome, Outcome::expired);
  EXPECT_EQ(final_decision(*desk.find(1)), nullptr);
  EXPECT_TRUE(desk.tick(kNoon + 31min).empty());
}

TEST(Desk, AHoldAfterTheDeadlineGetsATicketOfItsOwn) {
  Desk desk;
  desk.hold_raised(an_operation(1), kContext, kNoon);
  const Effects effects = desk.hold_raised(an_operation(2), kContext, kNoon + 30min);
  EXPECT_EQ(only<Release>(effects).at(0).hold, 1u);
  EXPECT_EQ(desk.find(1)->outcome, Outcome::expired);
  EXPECT_EQ(the_ticket(desk).id, 2u);
}

TEST(Desk, AReleasedWorkloadLeavesNoTicketBehind) {
  Desk desk;
  desk.hold_raised(an_operation(1, 100), kContext, kNoon);
  desk.hold_raised(an_operation(2, 101), kContext, kNoon);
  desk.hold_raised(an_operation(3, 100, {.slot = 3, .generation = 10}), kContext, kNoon);
  const Effects effects = desk.workload_released(kWorkload, kNoon);
  EXPECT_EQ(only<Release>(effects).size(), 2u);
  for (const Release& release : only<Release>(effects))
    EXPECT_NE(release.answer, HoldAnswer::allow);
  EXPECT_EQ(desk.find(1)->outcome, Outcome::cancelled);
  EXPECT_EQ(the_ticket(desk).id, 3u);
}

TEST(Desk, NobodyToAskAndAChangedObjectAreOutcomesOfTheirOwn) {
  Desk desk;
  desk.hold_raised(an_operation(1, 100), kContext, kNoon);
  desk.hold_raised(an_operation(2, 101), kContext, kNoon);
  EXPECT_NE(only<Release>(desk.no_approver(1, kNoon)).at(0).answer, HoldAnswer::allow);
  EXPECT_NE(only<Release>(desk.superseded(2, kNoon)).at(0).answer, HoldAnswer::allow);
  EXPECT_EQ(desk.find(1)->outcome, Outcome::no_approver);
  EXPECT_EQ(desk.find(2)->outcome, Outcome::superseded);
  EXPECT_TRUE(desk.superseded(2, kNoon).empty());
  EXPECT_TRUE(desk.no_approver(77, kNoon).empty());
}

class RefusedDecision : public ::testing::Test {
 protected:
  RefusedDecision() { desk_.hold_raised(an_operation(1), kContext, kNoon); }

  std::string refusal(const Decision& decision, TimePoint now = kNoon + 1s) {
    const auto effects = desk_.decide(decision, kAnybody, now);
    return effects ? "accepted" : effects.error().message;
  }

  Desk desk_;
};

TEST_F(RefusedDecision, OnATicketThatDoesNotExist) {
  Decision decision = approval(the_ticket(desk_));
  decision.ticket = 9;
  EXPECT_EQ(refusal(decision), "ticket 9: there is no such ticket");
}

TEST_F(RefusedDecision, OnSomethingElseThanWasShown) {
  Decision decision = approval(the_ticket(desk_));
  decision.digest[0] = decision.digest[0] == '0' ? '1' : '0';
  EXPECT_NE(refusal(decision).find("the digest differs"), std::string::npos);
  decision.digest = "";
  EXPECT_NE(refusal(decision).find("the digest differs"), std::string::npos);
  EXPECT_EQ(the_ticket(desk_).outcome, Outcome::open);
}

TEST_F(RefusedDecision, AfterAnotherOne) {
  const Decision first = approval(the_ticket(desk_));
  const Decision second = denial(the_ticket(desk_));
  EXPECT_EQ(refusal(first), "accepted");
  EXPECT_EQ(refusal(second), "ticket 1: already approved by alice at 2023-11-14T22:13:21.000Z");
  EXPECT_EQ(desk_.find(1)->outcome, Outcome::approved);
}

TEST_F(RefusedDecision, AfterItWasTakenBack) {
  const Decision decision = approval(the_ticket(desk_));
  desk_.workload_released(kWorkload, kNoon);
  EXPECT_EQ(refusal(decision), "ticket 1: already cancelled at 2023-11-14T22:13:20.000Z");
}

TEST_F(RefusedDecision, AfterTheDeadlineEvenIfNothingTicked) {
  const Decision decision = approval(the_ticket(desk_));
  EXPECT_EQ(refusal(decision, kNoon + 30min),
            "ticket 1: expired at 2023-11-14T22:43:20.000Z, before the answer came");
  EXPECT_EQ(only<Release>(desk_.tick(kNoon + 30min)).size(), 1u);
  EXPECT_EQ(desk_.find(1)->outcome, Outcome::expired);
}

TEST_F(RefusedDecision, ADenialWithoutAReason) {
  EXPECT_EQ(refusal(answer(the_ticket(desk_), Choice::deny)), "ticket 1: a denial needs a reason");
  EXPECT_EQ(refusal(answer(the_ticket(desk_), Choice::deny, " \n")),
            "ticket 1: a denial needs a reason");
}

TEST_F(RefusedDecision, FromNobodyOrTooLong) {
  Decision decision = approval(the_ticket(desk_));
  decision.person = "";
  EXPECT_EQ(refusal(decision), "ticket 1: it is not known who answers");
  EXPECT_EQ(refusal(answer(the_ticket(desk_), Choice::deny, std::string(1025, 'a'))),
            "ticket 1: the reason is longer than 1024 bytes");
}

TEST_F(RefusedDecision, AGrantWithoutEnd) {
  Decision decision = approval(the_ticket(desk_));
  decision.scope = Scope::workload;
  for (const std::chrono::seconds grant_for : {std::chrono::seconds::max(), 86401s, -1s}) {
    decision.grant_for = grant_for;
    EXPECT_EQ(refusal(decision), "ticket 1: a grant lasts 1 s to 86400 s");
  }
  Decision no = denial(the_ticket(desk_));
  no.grant_for = 1s;
  EXPECT_EQ(refusal(no), "ticket 1: a denial leaves no grant");
}

TEST_F(RefusedDecision, CheckingTellsWithoutDeciding) {
  EXPECT_TRUE(desk_.check(approval(the_ticket(desk_)), kAnybody, kNoon));
  EXPECT_EQ(the_ticket(desk_).outcome, Outcome::open);
  EXPECT_FALSE(desk_.check(approval(the_ticket(desk_)), kAnybody, kNoon + 30min));
}

}  // namespace
}  // namespace stayd
