// SPDX-License-Identifier: Apache-2.0
// Holds whose threads go on: what waits is a connection.
#include "unit/gate/hold_table_fixture.h"

namespace stayd::test {
namespace {

Operation pending(HoldId hold) {
  Operation operation = held(hold);
  operation.kind = OperationKind::connect;
  operation.pending = true;
  operation.policy = 4;
  return operation;
}

class HoldTablePending : public HoldTableTest {
 protected:
  void raise_pending(HoldId hold) { (void)table_.reported(pending(hold), std::nullopt); }
};

TEST_F(HoldTablePending, TheThreadIsToldToGoOnAndNotStopped) {
  EXPECT_EQ(lines(table_.reported(pending(1), std::nullopt)),
            (Lines{"tell held 1", "handled", "reach the network of 11", "write 1 pend"}));
  EXPECT_EQ(table_.load().pending, 1u);
  EXPECT_EQ(table_.load().waiting, 1u);
  EXPECT_FALSE(table_.needs_tick()) << "no thread waits whose end could be missed";
}

TEST_F(HoldTablePending, AnApprovalIsWrittenBeforeTheConnectionIsMade) {
  raise_pending(1);
  EXPECT_EQ(answer(1), (Lines{"write 1 allow", "connect 1"}));
  EXPECT_EQ(table_.load().pending, 0u);
  expect_empty();
}

TEST_F(HoldTablePending, ADenialIsWrittenBeforeTheConnectionIsRefused) {
  raise_pending(1);
  EXPECT_EQ(answer(1, HoldAnswer::deny), (Lines{"write 1 deny", "refuse 1"}));
  expect_empty();
}

TEST_F(HoldTablePending, AConnectionThatEndsIsForgottenAndTheDeskTold) {
  raise_pending(1);
  EXPECT_EQ(gone(1), (Lines{"forget 1", "tell gone 1"}));
  EXPECT_EQ(table_.load().pending, 0u);
  expect_empty();
}

TEST_F(HoldTablePending, TheThreadMayBeParkedForItsNextHold) {
  raise_pending(1);
  park(2);
  EXPECT_EQ(answer(1), (Lines{"write 1 allow", "connect 1"}));
  EXPECT_EQ(table_.load().parked, 1u);
  EXPECT_EQ(answer(2).back(), "let go 11");
  expect_empty();
}

TEST_F(HoldTablePending, TheConnectionOutlivesItsThread) {
  raise_pending(1);
  EXPECT_EQ(lines(table_.ended(kThread)), Lines{});
  EXPECT_EQ(answer(1), (Lines{"write 1 allow", "connect 1"}));
}

TEST_F(HoldTablePending, AVerdictThatCameLaterThanTheReportLetsTheThreadGoOn) {
  Operation operation = pending(1);
  operation.incomplete = true;
  operation.disposition = Disposition::deferred;
  (void)table_.reported(std::move(operation), std::nullopt);
  EXPECT_EQ(lines(table_.verdict_arrived(verdict(1, What::hold))),
            (Lines{"tell held 1", "handled", "reach the network of 11", "write 1 pend"}));
}

TEST_F(HoldTablePending, AnotherPolicyIsAskedOfTheConnectionItself) {
  raise_pending(1);
  EXPECT_EQ(answer(1, HoldAnswer::judge_again), Lines{"judge 1"});
  const Operation* operation = table_.to_judge_again(1, 5);
  ASSERT_NE(operation, nullptr);
  EXPECT_EQ(operation->policy, 5u);
  EXPECT_EQ(lines(table_.verdict_arrived(verdict(1, What::allow))),
            (Lines{"write 1 allow", "connect 1"}));
  expect_empty();
}

TEST_F(HoldTablePending, AnotherPolicyMayHoldItAnew) {
  raise_pending(1);
  (void)answer(1, HoldAnswer::judge_again);
  EXPECT_EQ(lines(table_.verdict_arrived(verdict(1, What::hold))), Lines{"tell held 1"});
  EXPECT_EQ(table_.load().pending, 1u);
}

TEST_F(HoldTablePending, AnotherPolicyLeavesItsThreadParkedForTheNextHold) {
  raise_pending(1);
  park(2);
  (void)answer(1, HoldAnswer::judge_again);
  EXPECT_EQ(lines(table_.verdict_arrived(verdict(1, What::hold))), Lines{"tell held 1"});
  EXPECT_EQ(table_.load().parked, 1u);
}

TEST_F(HoldTablePending, AnotherPolicyMayDenyIt) {
  raise_pending(1);
  (void)answer(1, HoldAnswer::judge_again);
  EXPECT_EQ(lines(table_.verdict_arrived(verdict(1, What::deny))),
            (Lines{"write 1 deny", "refuse 1", "tell denied"}));
  expect_empty();
}

TEST_F(HoldTablePending, APolicyThatIsNotKnownYetIsAskedAtTheNextTick) {
  raise_pending(1);
  (void)answer(1, HoldAnswer::judge_again);
  EXPECT_EQ(lines(table_.verdict_arrived(verdict(1, What::again))), Lines{});
  EXPECT_TRUE(table_.needs_tick());
  EXPECT_EQ(lines(table_.tick(kStart)), Lines{"judge 1"});
  EXPECT_EQ(lines(table_.tick(kStart)), Lines{});
  EXPECT_EQ(lines(table_.verdict_arrived(verdict(1, What::allow))),
            (Lines{"write 1 allow", "connect 1"}));
}

TEST_F(HoldTablePending, TheNextAgentTakesItOverAndWritesNothing) {
  raise_pending(1);
  EXPECT_EQ(lines(table_.hand_over()), Lines{});
  HoldTable next;
  EXPECT_EQ(lines(next.adopt({1}, kStart, {1})), Lines{});
  EXPECT_EQ(lines(next.tick(kStart + 2 * HoldTable::kAdoptionNs)), Lines{})
      << "it reports nothing until it ends";
  EXPECT_EQ(lines(next.answer({1, HoldAnswer::allow, 0})), (Lines{"write 1 allow", "connect 1"}));
}

// The next agent does not know what was asked.
TEST_F(HoldTablePending, OneThatWasTakenOverIsRefusedUnderAnotherPolicy) {
  (void)table_.adopt({1}, kStart, {1});
  EXPECT_EQ(answer(1, HoldAnswer::judge_again), (Lines{"write 1 deny", "refuse 1"}));
}

}  // namespace
}  // namespace stayd::test
