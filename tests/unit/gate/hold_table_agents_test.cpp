// SPDX-License-Identifier: Apache-2.0
// Holds that the evaluator has still to judge, and those that pass from one agent to the next.
#include "unit/gate/hold_table_fixture.h"

namespace stayd::test {
namespace {

TEST_F(HoldTableTest, ADeferredOperationIsToldWhenItsVerdictIsToHold) {
  EXPECT_EQ(lines(table_.reported(incomplete(1), std::nullopt)), Lines{});
  EXPECT_EQ(table_.load().deferred, 1u);
  EXPECT_EQ(lines(table_.verdict_arrived(verdict(1, What::hold))),
            (Lines{"tell held 1", "seize 11"}));
  EXPECT_EQ(table_.load().deferred, 0u);
  stop_and_park(1);
  EXPECT_EQ(answer(1), (Lines{"write 1 allow", "process 10 has 0 parked", "let go 11"}));
  expect_empty();
}

TEST_F(HoldTableTest, ADeferredVerdictAfterTheHoldIsGoneHasNoEffect) {
  (void)table_.reported(incomplete(1), std::nullopt);
  EXPECT_EQ(gone(1), (Lines{"forget 1", "handled"})) << "nobody has been told of it";
  EXPECT_EQ(lines(table_.verdict_arrived(verdict(1, What::hold))), Lines{});
  expect_empty();
}

TEST_F(HoldTableTest, ASecondDeferredVerdictHasNoEffect) {
  (void)table_.reported(incomplete(1), std::nullopt);
  (void)table_.verdict_arrived(verdict(1, What::hold));
  EXPECT_EQ(lines(table_.verdict_arrived(verdict(1, What::deny))), Lines{});
  (void)table_.reported(incomplete(2, 12), std::nullopt);
  (void)table_.verdict_arrived(verdict(2, What::deny));
  EXPECT_EQ(lines(table_.verdict_arrived(verdict(2, What::allow))), Lines{});
}

TEST_F(HoldTableTest, ADeferredHoldThatIsAnsweredAwaitsNoVerdict) {
  (void)table_.reported(incomplete(1), std::nullopt);
  EXPECT_EQ(answer(1, HoldAnswer::deny), (Lines{"write 1 deny", "handled"}));
  EXPECT_EQ(lines(table_.verdict_arrived(verdict(1, What::allow))), Lines{});
  expect_empty();
}

// Else the thread would be parked for the call that its handler interrupted, and not learn of the
// verdict.
TEST_F(HoldTableTest, AHandlersDeferredOperationIsNotParkedForTheInterruptedCall) {
  raise(1);
  EXPECT_EQ(lines(table_.reported(incomplete(2), std::nullopt)),
            (Lines{"handled", "write 1 away"}));
  EXPECT_EQ(lines(table_.stopped(kThread, 0)), Lines{"let go 11"});
  EXPECT_EQ(lines(table_.verdict_arrived(verdict(2, What::allow))),
            (Lines{"write 2 allow", "handled"}));
  EXPECT_EQ(lines(table_.resumed(back(1))), Lines{"seize 11"});
}

TEST_F(HoldTableTest, AVerdictAnswersAndWhatIsToBeKnownIsToldWithoutAHold) {
  const auto at_once = [](What what, bool observed = false) {
    HoldTable table;
    return lines(
        table.reported(incomplete(1), DeferredVerdict{.what = what, .observed = observed}));
  };
  EXPECT_EQ(at_once(What::allow), (Lines{"write 1 allow", "handled"}));
  EXPECT_EQ(at_once(What::again), (Lines{"write 1 again", "handled"}));
  EXPECT_EQ(at_once(What::audit), (Lines{"write 1 allow", "handled", "tell audited"}));
  EXPECT_EQ(at_once(What::deny), (Lines{"write 1 deny", "handled", "tell denied"}));
  EXPECT_EQ(at_once(What::hold), (Lines{"tell held 1", "seize 11"}));
  EXPECT_EQ(at_once(What::hold, true), (Lines{"write 1 allow", "handled", "tell would hold"}));
  EXPECT_EQ(at_once(What::deny, true), (Lines{"write 1 allow", "handled", "tell would deny"}));
}

TEST_F(HoldTableTest, WhatCouldNotWaitIsToldAsRefusedWhateverItsVerdict) {
  const auto told = [](std::optional<What> what) {
    HoldTable table;
    std::optional<DeferredVerdict> verdict;
    if (what) verdict = DeferredVerdict{.what = *what};
    return lines(table.reported(incomplete(0), verdict));
  };
  EXPECT_EQ(told(What::hold), Lines{"tell cannot wait"});
  EXPECT_EQ(told(What::allow), Lines{"tell denied"});
  EXPECT_EQ(told(What::deny), Lines{"tell denied"});
  EXPECT_EQ(told(std::nullopt), Lines{"tell denied"});
}

TEST_F(HoldTableTest, LabelsThatOnlyTheEvaluatorKnewGoWithTheApprovalAlone) {
  const DeferredVerdict labelled{.what = What::hold, .labels = 6};
  (void)table_.reported(incomplete(1), labelled);
  (void)table_.reported(incomplete(2, 12), labelled);
  EXPECT_EQ(std::get<WriteAnswer>(table_.answer({1, HoldAnswer::allow, 0})[0]).answer.labels, 6u);
  EXPECT_EQ(std::get<WriteAnswer>(table_.answer({2, HoldAnswer::deny, 0})[0]).answer.labels, 0u);
}

TEST_F(HoldTableTest, AnAdoptedHoldIsParkedWhenItsThreadReports) {
  EXPECT_EQ(lines(table_.adopt({1, 2}, kStart)), (Lines{"write 1 away", "write 2 away"}));
  EXPECT_EQ(lines(table_.resumed(back(1))), Lines{"seize 11"});
  EXPECT_EQ(lines(table_.stopped(kThread, 0)), Lines{"at restart? 11"})
      << "nobody knows whether the earlier agent had counted it";
  (void)table_.at_restart(1, true);
  EXPECT_EQ(answer(1), (Lines{"write 1 allow", "process 10 has 0 parked", "let go 11"}));
}

TEST_F(HoldTableTest, AnAdoptedHoldThatIsNotHeardOfEndsInTime) {
  (void)table_.adopt({1}, kStart);
  EXPECT_EQ(lines(table_.tick(kStart + HoldTable::kAdoptionNs)), Lines{});
  EXPECT_EQ(lines(table_.tick(kStart + HoldTable::kAdoptionNs + 1)),
            (Lines{"forget 1", "tell gone 1"}));
  EXPECT_EQ(lines(table_.resumed(back(1))), Lines{});
  expect_empty();
}

TEST_F(HoldTableTest, AnAdoptedHoldCanBeAnsweredBeforeItsThreadReports) {
  (void)table_.adopt({1}, kStart);
  EXPECT_EQ(answer(1), Lines{"write 1 allow"});
  EXPECT_EQ(lines(table_.resumed(back(1))), Lines{});
  expect_empty();
}

TEST_F(HoldTableTest, AnAdoptedHoldWhoseFirstReportWasUnreadIsParkedOnce) {
  (void)table_.adopt({1}, kStart);
  EXPECT_EQ(lines(table_.reported(held(1), std::nullopt)), (Lines{"tell held 1", "seize 11"}));
  EXPECT_EQ(lines(table_.resumed(back(1))), Lines{});
  stop_and_park(1);
  EXPECT_EQ(table_.load().waiting, 1u);
  EXPECT_EQ(table_.load().parked, 1u);
  EXPECT_EQ(answer(1).back(), "let go 11");
  expect_empty();
}

// The desk would keep a question that nobody waits for.
TEST_F(HoldTableTest, AnAdoptedHoldThatIsReportedAgainAsDeferredIsToldWhenItEnds) {
  (void)table_.adopt({1, 2}, kStart);
  (void)table_.reported(incomplete(1), std::nullopt);
  EXPECT_EQ(gone(1), (Lines{"forget 1", "tell gone 1"}));
  (void)table_.reported(incomplete(2, 12), std::nullopt);
  EXPECT_EQ(lines(table_.verdict_arrived(verdict(2, What::allow))),
            (Lines{"write 2 allow", "tell gone 2"}));
  expect_empty();
}

TEST_F(HoldTableTest, HandingOverTellsEveryThreadToReportAndLetsTheStoppedGo) {
  (void)table_.adopt({6}, kStart);
  (void)table_.reported(incomplete(1, 11), std::nullopt);
  raise(2, 12);
  raise(3, 13);
  (void)table_.stopped(13, 0);
  park(4, 14);
  park(5, 15);
  (void)table_.signal_sent(to_thread(15));
  Lines handed = lines(table_.hand_over());
  std::ranges::sort(handed);
  EXPECT_EQ(handed, (Lines{"let go 13", "let go 14", "process 10 has 0 parked", "write 1 again",
                           "write 2 away", "write 3 away", "write 4 away", "write 5 away",
                           "write 6 away"}));
  expect_empty();
}

TEST_F(HoldTableTest, AfterHandingOverNothingHasAnEffectButAThreadThatStillStops) {
  park(1, 11);
  raise(2, 12);
  (void)table_.hand_over();
  EXPECT_EQ(answer(1), Lines{});
  EXPECT_EQ(lines(table_.resumed(back(1))), Lines{});
  EXPECT_EQ(lines(table_.signal_sent(to_process())), Lines{});
  EXPECT_EQ(lines(table_.tick(kStart)), Lines{});
  EXPECT_EQ(lines(table_.stopped(12, 0)), Lines{"let go 12"});
  EXPECT_EQ(lines(table_.hand_over()), Lines{});
}

TEST_F(HoldTableTest, TheNextAgentParksWhatTheFirstHandedOver) {
  park(1);
  const Actions handed = table_.hand_over();
  HoldTable next;
  const Actions adopted = next.adopt({1}, kStart);
  EXPECT_NE(std::get<WriteAnswer>(handed[0]).answer.session,
            std::get<WriteAnswer>(adopted[0]).answer.session)
      << "else the thread's limit would not begin anew";
  EXPECT_EQ(lines(next.resumed(back(1))), Lines{"seize 11"});
  (void)next.stopped(kThread, 0);
  (void)next.at_restart(1, true);
  EXPECT_EQ(next.load().parked, 1u);
  EXPECT_EQ(lines(next.answer({1, HoldAnswer::allow, 0})),
            (Lines{"write 1 allow", "process 10 has 0 parked", "let go 11"}));
  EXPECT_EQ(answer(1), Lines{}) << "the first one answers it no more";
}

}  // namespace
}  // namespace stayd::test
