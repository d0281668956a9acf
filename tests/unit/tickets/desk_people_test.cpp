// SPDX-License-Identifier: Apache-2.0
// Who may answer, how many must, who is asked later, and what an answer leaves behind.
#include <gtest/gtest.h>

#include <limits>

#include "unit/tickets/desk_fixture.h"

namespace stayd {
namespace {

using namespace std::chrono_literals;
using namespace test;

const People& people() {
  static const People kPeople = *People::parse(
      "people:\n"
      "  alice: {accounts: [unix: 1000, slack: {team: T, user: A}]}\n"
      "  bob: {accounts: [unix: 1001]}\n"
      "  carol: {accounts: [unix: 1002]}\n"
      "groups: {stewards: [alice, bob], oncall: [carol]}\n",
      "p.yaml", [](const std::string&) { return std::nullopt; });
  return kPeople;
}

Decision by(const std::string& person, Decision decision) {
  decision.person = decision.name = person;
  return decision;
}

class Asked : public ::testing::Test {
 protected:
  void ask(Approval approval, std::vector<Excluded> excluded = {}) {
    TicketContext context = kContext;
    context.approval = std::move(approval);
    context.excluded = std::move(excluded);
    Operation operation = an_operation(1);
    operation.caller.start_ns = 77;
    desk_.hold_raised(operation, context, kNoon);
  }
  const Ticket& ticket() const { return *desk_.find(1); }
  std::string answer(const Decision& decision, TimePoint now = kNoon + 1s) {
    Result<Effects> effects = desk_.decide(decision, people(), now);
    if (!effects) return effects.error().message;
    effects_ = *effects;
    return "";
  }

  Desk desk_;
  Effects effects_;
};

TEST_F(Asked, OnlyThoseInAGroupThatIsAsked) {
  ask({.approvers = {"stewards"}});
  EXPECT_EQ(answer(by("carol", approval(ticket()))),
            "ticket 1: carol is not among those asked (stewards)");
  EXPECT_EQ(answer(by("unix:0", approval(ticket()))),
            "ticket 1: unix:0 is in no entry of people.yaml");
  EXPECT_EQ(answer(by("bob", approval(ticket()))), "");
  EXPECT_EQ(ticket().outcome, Outcome::approved);
}

TEST_F(Asked, EverybodyInTheFileWhereNoGroupIsNamed) {
  ask({});
  EXPECT_EQ(answer(by("carol", denial(ticket()))), "");
  EXPECT_EQ(ticket().outcome, Outcome::denied);
}

TEST_F(Asked, WhoeverTheWorkloadBelongsToMayNotAnswerNotEvenNo) {
  ask({}, {{"alice", "owns the workload"}});
  EXPECT_EQ(answer(by("alice", approval(ticket()))),
            "ticket 1: alice owns the workload and cannot answer for it");
  EXPECT_EQ(answer(by("alice", denial(ticket()))),
            "ticket 1: alice owns the workload and cannot answer for it");
}

TEST_F(Asked, ARootShellFromTheOwnersSessionIsTheOwner) {
  ask({}, {{"alice", "owns the workload"}});
  Decision decision = by("bob", approval(ticket()));
  decision.behind = {"alice"};
  EXPECT_NE(answer(decision), "");
}

TEST_F(Asked, AQuorumIsOfDifferentPeople) {
  ask({.quorum = 2});
  EXPECT_EQ(answer(by("alice", approval(ticket()))), "");
  EXPECT_EQ(ticket().outcome, Outcome::open);
  EXPECT_TRUE(only<Release>(effects_).empty());
  Decision again = by("alice", approval(ticket()));
  again.account = "slack:T/A";
  EXPECT_EQ(answer(again), "ticket 1: alice has approved already; 1 more must, somebody else");
  Decision behind = by("carol", approval(ticket()));
  behind.behind = {"alice"};
  EXPECT_NE(answer(behind), "");
  EXPECT_EQ(answer(by("bob", approval(ticket()))), "");
  EXPECT_EQ(ticket().outcome, Outcome::approved);
  EXPECT_EQ(only<Release>(effects_).at(0).answer, HoldAnswer::allow);
  EXPECT_EQ(ticket().decisions.size(), 2u);
}

TEST_F(Asked, OneNoEndsAQuorum) {
  ask({.quorum = 3});
  EXPECT_EQ(answer(by("alice", approval(ticket()))), "");
  EXPECT_EQ(answer(by("alice", denial(ticket()))), "") << "a mind may be changed to no";
  EXPECT_EQ(ticket().outcome, Outcome::denied);
  EXPECT_NE(only<Release>(effects_).at(0).answer, HoldAnswer::allow);
}

TEST_F(Asked, OthersAreAskedWhenItsTimeHasCome) {
  ask({.approvers = {"stewards"}, .escalate = {{10min, {"oncall"}}}});
  EXPECT_EQ(desk_.next_deadline(), kNoon + 10min);
  EXPECT_NE(answer(by("carol", approval(ticket()))), "");
  const Effects effects = desk_.tick(kNoon + 10min);
  EXPECT_EQ(only<Changed>(effects).size(), 1u);
  EXPECT_EQ(ticket().asked, (std::vector<std::string>{"stewards", "oncall"}));
  EXPECT_EQ(ticket().history.back().what, "escalated to oncall");
  EXPECT_EQ(desk_.next_deadline(), kNoon + 30min);
  EXPECT_EQ(answer(by("carol", approval(ticket())), kNoon + 11min), "");
}

TEST_F(Asked, EscalationNeverNarrowsAQuestionToEverybody) {
  ask({.escalate = {{10min, {"oncall"}}}});
  desk_.tick(kNoon + 10min);
  EXPECT_TRUE(ticket().asked.empty());
}

TEST_F(Asked, NotNowDeniesNothingAndEndsNothing) {
  ask({.approvers = {"stewards"}});
  ASSERT_TRUE(desk_.snooze(1, by("alice", approval(ticket())), people(), kNoon + 5min, kNoon));
  EXPECT_EQ(ticket().outcome, Outcome::open);
  EXPECT_EQ(ticket().snooze.at(0).first, "alice");
  EXPECT_FALSE(desk_.snooze(1, by("carol", approval(ticket())), people(), kNoon + 5min, kNoon));
  EXPECT_FALSE(desk_.snooze(1, by("alice", approval(ticket())), people(), kNoon, kNoon));
  EXPECT_EQ(answer(by("alice", approval(ticket()))), "");
}

TEST_F(Asked, WithNobodyToHearItTheAnswerIsAtOnceThatNobodyCould) {
  TicketContext context = kContext;
  context.reachable = false;
  const Effects effects = desk_.hold_raised(an_operation(1), context, kNoon);
  EXPECT_EQ(ticket().outcome, Outcome::no_approver);
  EXPECT_NE(only<Release>(effects).at(0).answer, HoldAnswer::allow);
  context.approval.wait_if_unreachable = true;
  desk_.hold_raised(an_operation(2, 2), context, kNoon);
  EXPECT_EQ(desk_.find(2)->outcome, Outcome::open);
}

TEST_F(Asked, AGrantIsNoWiderThanTheNarrowestApproval) {
  ask({.quorum = 2});
  Decision wide = by("alice", approval(ticket()));
  wide.scope = Scope::workload;
  Decision narrow = by("bob", approval(ticket()));
  narrow.scope = Scope::process;
  narrow.grant_for = 10min;
  narrow.uses = 3;
  EXPECT_EQ(answer(wide), "");
  EXPECT_EQ(answer(narrow), "");
  const Grant grant = only<Granted>(effects_).at(0).grant;
  EXPECT_EQ(grant.scope, Scope::process);
  EXPECT_EQ(grant.process, (ProcessInstance{4242, 77}));
  EXPECT_EQ(grant.expires, kNoon + 1s + 10min);
  EXPECT_EQ(grant.uses, 3);
}

TEST_F(Asked, AGrantExpiresIsRevokedAndEndsWithItsWorkload) {
  for (std::uint64_t inode = 1; inode <= 3; ++inode) {
    desk_.hold_raised(an_operation(inode, inode), kContext, kNoon);
    Decision decision = by("bob", approval(*desk_.find(inode)));
    decision.scope = Scope::workload;
    if (inode == 1) decision.grant_for = 10min;
    ASSERT_EQ(answer(decision), "");
    EXPECT_EQ(only<Granted>(effects_).at(0).grant.uses, std::numeric_limits<std::int64_t>::max());
  }
  EXPECT_EQ(only<GrantEnded>(desk_.tick(kNoon + 11min)).at(0).grant.end, GrantEnd::expired);
  const Result<Effects> revoked = desk_.revoke(2, "alice");
  ASSERT_TRUE(revoked);
  EXPECT_EQ(only<GrantEnded>(*revoked).at(0).grant.end, GrantEnd::revoked);
  EXPECT_EQ(only<GrantEnded>(*revoked).at(0).by, "alice");
  EXPECT_FALSE(desk_.revoke(2, "alice"));
  EXPECT_EQ(only<GrantEnded>(desk_.policy_changed(kWorkload, kNoon)).at(0).grant.end,
            GrantEnd::workload_ended);
  EXPECT_TRUE(desk_.grants().live().empty());
}

TEST_F(Asked, BreakingTheGlassApprovesAllOfTheWorkloadAndSaysSo) {
  ask({.approvers = {"stewards"}, .quorum = 2});
  desk_.hold_raised(an_operation(2, 2), kContext, kNoon);
  desk_.hold_raised(an_operation(3, 3, {.slot = 9, .generation = 9}), kContext, kNoon);
  Decision root = by("unix:0", Decision{});
  root.reason = "the pager";
  const Effects effects = desk_.break_glass(kWorkload, root, kNoon + 15min, kNoon);
  EXPECT_EQ(only<Release>(effects).size(), 2u);
  EXPECT_TRUE(final_decision(ticket())->break_glass);
  EXPECT_EQ(final_decision(ticket())->digest, ticket().digest);
  EXPECT_TRUE(only<Granted>(effects).empty());
  EXPECT_EQ(desk_.find(3)->outcome, Outcome::open);

  const Effects later = desk_.hold_raised(an_operation(4, 4), kContext, kNoon + 14min);
  EXPECT_EQ(only<Changed>(later).size(), 1u);
  EXPECT_EQ(only<Release>(later).at(0).answer, HoldAnswer::allow);
  EXPECT_TRUE(
      only<Release>(desk_.hold_raised(an_operation(5, 5), kContext, kNoon + 15min)).empty());
}

TEST_F(Asked, ARestoredTicketIsAnsweredLikeAnyOther) {
  ask({.approvers = {"stewards"}, .escalate = {{10min, {"oncall"}}}});
  Desk later;
  later.restore(ticket());
  later.start_after(5, 3);
  EXPECT_EQ(later.next_deadline(), kNoon + 10min);
  EXPECT_TRUE(later.would_join(an_operation(9)));
  const auto effects = later.decide(by("bob", approval(ticket())), people(), kNoon + 1s);
  ASSERT_TRUE(effects);
  EXPECT_EQ(only<Release>(*effects).at(0).hold, 1u);
  later.hold_raised(an_operation(10, 10), kContext, kNoon);
  EXPECT_NE(later.find(6), nullptr);
}

}  // namespace
}  // namespace stayd
