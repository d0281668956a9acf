// SPDX-License-Identifier: Apache-2.0
// A late answer counts: tickets outlive whoever waited for them.
#include <gtest/gtest.h>

#include "tickets/ticket_json.h"
#include "unit/tickets/desk_fixture.h"

namespace stayd {
namespace {

using namespace std::chrono_literals;
using namespace test;

class Lingering : public ::testing::Test {
 protected:
  // Ticket 1, whose only caller left a minute after noon.
  void ask_and_leave(const TicketContext& context = kContext) {
    desk_.hold_raised(an_operation(1), context, kNoon);
    desk_.hold_gone(1, kNoon + 1min);
  }
  const Ticket& ticket(TicketId id = 1) { return *desk_.find(id); }
  Effects decide(const Decision& decision, TimePoint now) {
    const Result<Effects> effects = desk_.decide(decision, kAnybody, now);
    EXPECT_TRUE(effects) << effects.error().message;
    return effects ? *effects : Effects{};
  }
  static Operation attempt(HoldId hold, TimePoint now, std::uint64_t inode = 100) {
    Operation operation = an_operation(hold, inode);
    operation.time = now;
    return operation;
  }

  Desk desk_;
};

TEST_F(Lingering, ATicketStaysAnswerableUntilItsTimeoutAndSaysSinceWhenNobodyWaits) {
  ask_and_leave();
  EXPECT_EQ(ticket().outcome, Outcome::open);
  EXPECT_EQ(ticket().caller_left, kNoon + 1min);
  EXPECT_EQ(ticket().history.back().what, "nobody waits for it any more");
  EXPECT_EQ(desk_.next_deadline(), kNoon + 30min);
  desk_.tick(kNoon + 30min);
  EXPECT_EQ(ticket().outcome, Outcome::expired);
}

TEST_F(Lingering, ATicketWhoseThreadsAreTracedSaysItOnceHoweverManyTry) {
  for (HoldId hold = 1; hold < 200; ++hold) {
    desk_.hold_raised(an_operation(hold), kContext, kNoon);
    desk_.hold_gone(hold, kNoon, HoldEnd::traced);
  }
  EXPECT_EQ(ticket().outcome, Outcome::open);
  ASSERT_EQ(ticket().history.size(), 3u);
  EXPECT_EQ(ticket().history[1].what,
            "a thread was denied at once: another program traces it, so it cannot be stopped");
  EXPECT_EQ(ticket().history[2].what, "nobody waits for it any more");
}

TEST_F(Lingering, ATicketIsCancelledAfterAsLongAsItsPolicySays) {
  TicketContext context = kContext;
  context.approval.linger = 5min;
  ask_and_leave(context);
  EXPECT_EQ(desk_.next_deadline(), kNoon + 6min);
  EXPECT_FALSE(desk_.check(approval(ticket()), kAnybody, kNoon + 6min))
      << "although nothing ticked";
  EXPECT_TRUE(desk_.tick(kNoon + 6min - 1ms).empty());
  desk_.tick(kNoon + 6min);
  EXPECT_EQ(ticket().outcome, Outcome::cancelled);
}

TEST_F(Lingering, AnApprovalLetsTheNextAttemptThroughOnce) {
  ask_and_leave();
  const Effects effects = decide(approval(ticket()), kNoon + 5min);
  EXPECT_TRUE(only<Release>(effects).empty());
  ASSERT_EQ(only<Granted>(effects).size(), 1u);
  const Grant grant = only<Granted>(effects)[0].grant;
  EXPECT_EQ(grant.workload, kWorkload);
  EXPECT_EQ(grant.object.inode, 100u);
  EXPECT_EQ(grant.scope, Scope::once);
  EXPECT_EQ(grant.uses, 1);
  EXPECT_EQ(grant.expires, kNoon + 30min);
}

TEST_F(Lingering, AfterALateApprovalTheNextAttemptStillHasTenMinutes) {
  ask_and_leave();
  const Effects effects = decide(approval(ticket()), kNoon + 29min);
  EXPECT_EQ(only<Granted>(effects).at(0).grant.expires, kNoon + 39min);
}

TEST_F(Lingering, ALongQuestionsApprovalIsGoodForADay) {
  TicketContext context = kContext;
  context.approval.timeout = 24h * 7;
  ask_and_leave(context);
  const Effects effects = decide(approval(ticket()), kNoon + 1h);
  EXPECT_EQ(only<Granted>(effects).at(0).grant.expires, kNoon + 25h);
}

TEST_F(Lingering, AnApprovalForTheProcessLetsAnotherProcesssAttemptThroughOnceToo) {
  ask_and_leave();
  Decision decision = approval(ticket());
  decision.scope = Scope::process;
  const Effects effects = decide(decision, kNoon + 5min);
  ASSERT_EQ(only<Granted>(effects).size(), 2u);
  EXPECT_EQ(only<Granted>(effects)[0].grant.process.pid, 4242);
  EXPECT_EQ(only<Granted>(effects)[1].grant.process.pid, 0);
  EXPECT_EQ(only<Granted>(effects)[1].grant.uses, 1);
}

TEST_F(Lingering, TheNextAttemptBeforeTheAnswerJoinsAndIsWaitedFor) {
  ask_and_leave();
  EXPECT_TRUE(desk_.would_join(attempt(2, kNoon + 2min)));
  desk_.hold_joined(attempt(2, kNoon + 2min), kNoon + 2min);
  EXPECT_FALSE(ticket().caller_left);
  const Effects effects = decide(approval(ticket()), kNoon + 3min);
  EXPECT_EQ(only<Release>(effects).at(0).answer, HoldAnswer::allow);
  EXPECT_TRUE(only<Granted>(effects).empty());
}

TEST_F(Lingering, ComingBackEndsTheLingeringOfAShortPolicy) {
  TicketContext context = kContext;
  context.approval.linger = 5min;
  ask_and_leave(context);
  desk_.hold_joined(attempt(2, kNoon + 2min), kNoon + 2min);
  desk_.tick(kNoon + 20min);
  EXPECT_EQ(ticket().outcome, Outcome::open);
  desk_.hold_gone(2, kNoon + 21min);
  EXPECT_EQ(desk_.next_deadline(), kNoon + 26min);
}

TEST_F(Lingering, ComingAndGoingManyTimesFillsNoHistory) {
  ask_and_leave();
  for (HoldId hold = 2; hold < 200; ++hold) {
    desk_.hold_joined(attempt(hold, kNoon + 2min), kNoon + 2min);
    desk_.hold_gone(hold, kNoon + 2min);
  }
  EXPECT_EQ(ticket().history.size(), 2u);
}

TEST_F(Lingering, AQuorumCountsApprovalsFromBeforeAndAfterTheCallerLeft) {
  TicketContext context = kContext;
  context.approval.quorum = 2;
  desk_.hold_raised(an_operation(1), context, kNoon);
  decide(approval(ticket()), kNoon + 30s);
  desk_.hold_gone(1, kNoon + 1min);
  Decision second = approval(ticket());
  EXPECT_FALSE(desk_.decide(second, kAnybody, kNoon + 2min)) << "alice has approved already";
  second.person = second.name = "bob";
  const Effects effects = decide(second, kNoon + 2min);
  EXPECT_EQ(only<Granted>(effects).size(), 1u);
}

TEST_F(Lingering, WhoeverMayNotAnswerMayNotAnswerLate) {
  TicketContext context = kContext;
  context.excluded = {{"unix:1000", "owns the workload"}};
  ask_and_leave(context);
  EXPECT_FALSE(desk_.decide(approval(ticket()), kAnybody, kNoon + 2min));
}

TEST_F(Lingering, AfterADenialTheNextAttemptIsRefusedAsLongAsTheTimeoutLasts) {
  ask_and_leave();
  decide(denial(ticket()), kNoon + 5min);
  const Refusal* refusal = desk_.refusal_of(attempt(2, kNoon + 29min));
  ASSERT_NE(refusal, nullptr);
  EXPECT_EQ(refusal->ticket, 1u);
  EXPECT_EQ(refusal->by, "alice");
  EXPECT_EQ(refusal->reason, "not this quarter");
  EXPECT_EQ(desk_.refusal_of(attempt(2, kNoon + 30min)), nullptr);
  EXPECT_EQ(desk_.refusal_of(attempt(2, kNoon + 6min, 101)), nullptr) << "another file";
}

TEST_F(Lingering, ADenialThatSomebodyWaitedForRefusesNothingLater) {
  desk_.hold_raised(an_operation(1), kContext, kNoon);
  decide(denial(ticket()), kNoon + 5min);
  EXPECT_EQ(desk_.refusal_of(attempt(2, kNoon + 6min)), nullptr);
}

TEST_F(Lingering, ARefusalEndsWithThePolicyOrTheWorkloadThatItWasFor) {
  ask_and_leave();
  decide(denial(ticket()), kNoon + 5min);
  desk_.policy_changed(kWorkload, kNoon + 6min);
  EXPECT_EQ(desk_.refusal_of(attempt(2, kNoon + 7min)), nullptr);
}

TEST_F(Lingering, BrokenGlassCountsMoreThanARefusal) {
  ask_and_leave();
  decide(denial(ticket()), kNoon + 5min);
  desk_.break_glass(kWorkload, {}, kNoon + 20min, kNoon + 6min);
  EXPECT_EQ(desk_.refusal_of(attempt(2, kNoon + 7min)), nullptr);
  EXPECT_NE(desk_.refusal_of(attempt(2, kNoon + 21min)), nullptr);
}

TEST_F(Lingering, ThoseThatNobodyWaitsForMakeRoomOldestFirst) {
  Desk desk({.open_per_workload = 2});
  for (const HoldId hold : {1, 2}) desk.hold_raised(an_operation(hold, hold), kContext, kNoon);
  desk.hold_gone(2, kNoon + 1min);
  desk.hold_gone(1, kNoon + 2min);
  const Effects effects = desk.hold_raised(an_operation(3, 3), kContext, kNoon + 3min);
  EXPECT_TRUE(only<Release>(effects).empty());
  EXPECT_EQ(desk.find(2)->outcome, Outcome::cancelled);
  EXPECT_EQ(desk.find(1)->outcome, Outcome::open);
  desk.hold_raised(an_operation(4, 4), kContext, kNoon + 3min);
  EXPECT_EQ(desk.find(1)->outcome, Outcome::cancelled);
  EXPECT_EQ(only<Refused>(desk.hold_raised(an_operation(5, 5), kContext, kNoon + 3min)).size(), 1u)
      << "somebody waits for each of the others";
}

TEST_F(Lingering, ACallThatCameBackWithAnotherObjectLeavesNothingToAnswer) {
  desk_.hold_raised(an_operation(1), kContext, kNoon);
  desk_.hold_gone(1, kNoon + 1min, HoldEnd::superseded);
  EXPECT_EQ(ticket().outcome, Outcome::superseded);
}

TEST_F(Lingering, TheNextDeskKnowsWhatLingersAndWhatIsRefused) {
  TicketContext context = kContext;
  context.approval.linger = 5min;
  ask_and_leave(context);
  desk_.hold_raised(an_operation(2, 200), kContext, kNoon);
  desk_.hold_gone(2, kNoon + 1min);
  decide(denial(ticket(2)), kNoon + 2min);
  Desk next;
  next.restore(ticket(2));
  next.restore(ticket(1));
  EXPECT_EQ(next.refusal_of(attempt(3, kNoon + 3min, 200)), nullptr) << "of another boot, perhaps";
  next.restore_refusals();
  EXPECT_NE(next.refusal_of(attempt(3, kNoon + 3min, 200)), nullptr);
  EXPECT_EQ(next.next_deadline(), kNoon + 6min);
  const auto effects = next.decide(approval(*next.find(1)), kAnybody, kNoon + 3min);
  ASSERT_TRUE(effects);
  EXPECT_EQ(only<Granted>(*effects).size(), 1u);
}

TEST_F(Lingering, TheMostRefusalsThereCanBeAreThoseThatEndLast) {
  Refusals refusals;
  Ticket denied;
  denied.outcome = Outcome::denied;
  denied.caller_left = kNoon;
  denied.decisions = {denial(denied)};
  for (std::uint64_t each = 0; each <= Refusals::kMax; ++each) {
    denied.operation = an_operation(1, each);
    denied.deadline = kNoon + std::chrono::seconds(each + 1);
    refusals.add(denied);
  }
  EXPECT_EQ(refusals.find(attempt(2, kNoon, 0), kNoon), nullptr);
  EXPECT_NE(refusals.find(attempt(2, kNoon, 1), kNoon), nullptr);
}

Operation asked_ahead(std::uint64_t inode = 100) {
  Operation operation = an_operation(0, inode);
  operation.disposition = Disposition::asked_ahead;
  return operation;
}
TicketContext with_a_reason() {
  TicketContext context = kContext;
  context.stated_reason = "to count the lines";
  return context;
}

TEST(AskedAhead, OpensATicketThatHoldsNothingAndSaysSo) {
  Desk desk;
  desk.hold_raised(asked_ahead(), with_a_reason(), kNoon);
  const Ticket& ticket = *desk.find(1);
  EXPECT_TRUE(ticket.asked_ahead);
  EXPECT_EQ(ticket.stated_reason, "to count the lines");
  EXPECT_TRUE(ticket.holds.empty());
  EXPECT_EQ(ticket.caller_left, kNoon);
  EXPECT_EQ(ticket.history.at(0).what, "asked in advance");
  EXPECT_EQ(desk.newest(), 1u);
  EXPECT_EQ(desk.open_about(asked_ahead()), 1u);
  EXPECT_EQ(desk.open_about(asked_ahead(200)), 0u);
}

TEST(AskedAhead, IsAnswerableUntilItsTimeoutHoweverShortOthersLinger) {
  Desk desk;
  TicketContext context = with_a_reason();
  context.approval.linger = 0s;
  desk.hold_raised(asked_ahead(), context, kNoon);
  desk.tick(kNoon + 29min);
  EXPECT_EQ(desk.find(1)->outcome, Outcome::open);
  desk.tick(kNoon + 30min);
  EXPECT_EQ(desk.find(1)->outcome, Outcome::expired);
}

TEST(AskedAhead, AnApprovalLetsTheAttemptThroughOnceAndADenialRefusesIt) {
  Desk desk;
  desk.hold_raised(asked_ahead(), with_a_reason(), kNoon);
  const auto effects = desk.decide(approval(*desk.find(1)), kAnybody, kNoon + 1min);
  ASSERT_TRUE(effects);
  EXPECT_EQ(only<Granted>(*effects).at(0).grant.uses, 1);
  desk.hold_raised(asked_ahead(200), with_a_reason(), kNoon + 1min);
  ASSERT_TRUE(desk.decide(denial(*desk.find(2)), kAnybody, kNoon + 2min));
  Operation attempt = an_operation(5, 200);
  attempt.time = kNoon + 3min;
  EXPECT_NE(desk.refusal_of(attempt), nullptr);
}

TEST(AskedAhead, TheAttemptJoinsItsQuestionAndLeavesNothingToUseLater) {
  Desk desk;
  desk.hold_raised(asked_ahead(), with_a_reason(), kNoon);
  desk.hold_raised(an_operation(1), kContext, kNoon + 1min);
  EXPECT_EQ(desk.find(1)->holds, std::vector<HoldId>{1});
  const auto effects = desk.decide(approval(*desk.find(1)), kAnybody, kNoon + 2min);
  ASSERT_TRUE(effects);
  EXPECT_EQ(only<Release>(*effects).size(), 1u);
  EXPECT_TRUE(only<Granted>(*effects).empty());
}

TEST(AskedAhead, WhatSomebodyWaitsForIsAskedAboutOnce) {
  Desk desk;
  desk.hold_raised(an_operation(1), kContext, kNoon);
  desk.hold_raised(asked_ahead(), with_a_reason(), kNoon + 1min);
  EXPECT_EQ(desk.open_tickets().size(), 1u);
  EXPECT_FALSE(desk.find(1)->caller_left) << "somebody waits";
  EXPECT_FALSE(desk.find(1)->asked_ahead) << "what is shown never changes";
}

TEST(AskedAhead, CountsAsAnyQuestionAndMakesRoomForAttempts) {
  Desk desk({.open_per_workload = 1});
  desk.hold_raised(asked_ahead(1), with_a_reason(), kNoon);
  EXPECT_EQ(only<Refused>(desk.hold_raised(asked_ahead(2), with_a_reason(), kNoon)).size(), 1u);
  EXPECT_EQ(desk.open_about(asked_ahead(1)), 1u) << "a request makes no room";
  desk.hold_raised(an_operation(3, 3), kContext, kNoon);
  EXPECT_EQ(desk.find(1)->outcome, Outcome::cancelled);
}

TEST(AskedAhead, TheDigestBindsTheReason) {
  Ticket ticket;
  const std::string before = digest_of(ticket);
  ticket.stated_reason = "x";
  const std::string with_reason = digest_of(ticket);
  EXPECT_NE(before, with_reason);
  ticket.asked_ahead = true;
  EXPECT_NE(digest_of(ticket), with_reason);
}

// The kernel side knows both by one entry: the end of the first would take the second with it.
TEST(Grants, AnotherForTheSameTakesThePlaceOfTheFirst) {
  Grants grants;
  Effects effects;
  Grant grant;
  grant.workload = kWorkload;
  grant.object = an_operation(1).object;
  grant.expires = kNoon + 1min;
  grants.add(grant, effects);
  Grant of_a_process = grant;
  of_a_process.process = {.pid = 7, .start_ns = 1};
  grants.add(of_a_process, effects);
  EXPECT_TRUE(only<GrantEnded>(effects).empty());
  grant.expires = kNoon + 10min;
  grants.add(grant, effects);
  ASSERT_EQ(only<GrantEnded>(effects).size(), 1u);
  EXPECT_EQ(only<GrantEnded>(effects)[0].grant.id, 1u);
  EXPECT_EQ(only<GrantEnded>(effects)[0].grant.end, GrantEnd::replaced);
  EXPECT_TRUE(std::holds_alternative<Granted>(effects.back())) << "the end comes first";
  EXPECT_EQ(grants.live().size(), 2u);
}

}  // namespace
}  // namespace stayd
