// SPDX-License-Identifier: Apache-2.0
#include "unit/gate/hold_table_fixture.h"

namespace stayd::test {
namespace {

std::uint32_t session_in(const Actions& actions) {
  for (const Action& each : actions)
    if (const auto* write = std::get_if<WriteAnswer>(&each)) return write->answer.session;
  return 0;
}

TEST_F(HoldTableTest, AHeldThreadIsAskedToStopAndParkedWhereItWillMakeItsCallAgain) {
  EXPECT_EQ(lines(table_.reported(held(1), std::nullopt)), (Lines{"tell held 1", "seize 11"}));
  EXPECT_EQ(lines(table_.seized(kThread, Seized::yes)), Lines{});
  EXPECT_EQ(lines(table_.stopped(kThread, 0)), (Lines{"handled", "at restart? 11"}));
  EXPECT_EQ(lines(table_.at_restart(1, true)),
            (Lines{"process 10 has 1 parked", "write 1 parked", "signal? 11"}));
  EXPECT_EQ(lines(table_.signal_pending(1, false)), Lines{});
  EXPECT_EQ(table_.load().parked, 1u);
  EXPECT_FALSE(table_.needs_tick()) << "the kernel reports everything about a parked thread";
}

TEST_F(HoldTableTest, AnAnswerIsWrittenBeforeTheThreadThatWillReadItIsLetGo) {
  park(1);
  EXPECT_EQ(answer(1), (Lines{"write 1 allow", "process 10 has 0 parked", "let go 11"}));
  expect_empty();
}

TEST_F(HoldTableTest, AnApprovalEndsWhenItSaysAndOtherAnswersHaveNoEnd) {
  park(1);
  const Actions allowed = table_.answer({1, HoldAnswer::allow, 77});
  EXPECT_EQ(std::get<WriteAnswer>(allowed.at(0)).answer.expires_ns, 77u);
  park(2);
  const Actions denied = table_.answer({2, HoldAnswer::deny, 77});
  EXPECT_EQ(std::get<WriteAnswer>(denied.at(0)).answer.word,
            STAYD_ANSWER_WORD(2, STAYD_ANSWER_DENY));
  EXPECT_EQ(std::get<WriteAnswer>(denied.at(0)).answer.expires_ns, 0u);
  park(3);
  EXPECT_EQ(answer(3, HoldAnswer::judge_again)[0], "write 3 again");
}

TEST_F(HoldTableTest, AStopThatArrivesBeforeTheSeizeIsAccountedParksTheThread) {
  (void)table_.reported(held(1), std::nullopt);
  stop_and_park(1);
  EXPECT_EQ(lines(table_.seized(kThread, Seized::yes)), Lines{});
  EXPECT_EQ(table_.load().parked, 1u);
  EXPECT_EQ(answer(1), (Lines{"write 1 allow", "process 10 has 0 parked", "let go 11"}));
  expect_empty();
}

TEST_F(HoldTableTest, AnAnswerBeforeTheStopLetsTheThreadGoWhenItStops) {
  raise(1);
  EXPECT_EQ(answer(1), (Lines{"write 1 allow", "handled"}));
  EXPECT_EQ(lines(table_.stopped(kThread, 0)), Lines{"let go 11"});
  expect_empty();
}

TEST_F(HoldTableTest, AnAnswerWhileTheStopIsLookedAtLetsTheThreadGoOnce) {
  raise(1);
  (void)table_.stopped(kThread, 0);
  EXPECT_EQ(answer(1), (Lines{"write 1 allow", "let go 11"}));
  EXPECT_EQ(lines(table_.at_restart(1, true)), Lines{});
  expect_empty();
}

TEST_F(HoldTableTest, AThreadThatStopsForItsNextHoldIsParkedThereThoughTheFirstIsAnswered) {
  raise(1);
  (void)answer(1);
  EXPECT_EQ(lines(table_.reported(held(2), std::nullopt)), (Lines{"tell held 2", "seize 11"}));
  (void)table_.seized(kThread, Seized::yes);
  EXPECT_EQ(lines(table_.stopped(kThread, 0)), (Lines{"handled", "at restart? 11"}));
  EXPECT_EQ(lines(table_.at_restart(2, true))[1], "write 2 parked");
}

TEST_F(HoldTableTest, AThreadThatExitsWhileItIsParkedEndsItsHoldOnce) {
  park(1);
  EXPECT_EQ(lines(table_.ended(kThread)),
            (Lines{"forget 1", "process 10 has 0 parked", "tell gone 1"}));
  EXPECT_EQ(gone(1), Lines{"forget 1"}) << "the kernel side reports it, too";
  expect_empty();
}

TEST_F(HoldTableTest, AHoldThatIsGoneWhileItsThreadIsParkedLetsTheThreadGo) {
  park(1);
  EXPECT_EQ(gone(1), (Lines{"forget 1", "process 10 has 0 parked", "let go 11", "tell gone 1"}));
  EXPECT_EQ(lines(table_.ended(kThread)), Lines{});
  expect_empty();
}

// The kernel side denied hold 1 in time, the thread went on to hold 2 and was stopped there, and
// the stop was taken before the two reports.
TEST_F(HoldTableTest, AThreadThatWasParkedForAHoldItHadLeftIsParkedForTheNextOne) {
  park(1);
  (void)gone(1);
  EXPECT_EQ(lines(table_.reported(held(2), std::nullopt)), (Lines{"tell held 2", "seize 11"}));
  stop_and_park(2);
  EXPECT_EQ(answer(2), (Lines{"write 2 allow", "process 10 has 0 parked", "let go 11"}));
  expect_empty();
}

TEST_F(HoldTableTest, AHandlersHoldTakesAStoppedThreadFromTheCallThatItInterrupted) {
  park(1);
  EXPECT_EQ(
      lines(table_.reported(held(2), std::nullopt)),
      (Lines{"tell held 2", "write 1 away", "process 10 has 0 parked", "let go 11", "seize 11"}));
  stop_and_park(2);
  EXPECT_EQ(answer(2).back(), "let go 11");
  EXPECT_EQ(lines(table_.resumed(back(1))), Lines{"seize 11"});
  stop_and_park(1);
  EXPECT_EQ(answer(1).back(), "let go 11");
  expect_empty();
}

TEST_F(HoldTableTest, AHandlersHoldTakesASpinningThreadWhoseCallReportsItsReturn) {
  raise(1);
  EXPECT_EQ(lines(table_.reported(held(2), std::nullopt)),
            (Lines{"tell held 2", "handled", "write 1 away", "seize 11"}));
  stop_and_park(2);
  (void)answer(2);
  EXPECT_EQ(lines(table_.resumed(back(1))), Lines{"seize 11"});
}

TEST_F(HoldTableTest, ASignalForAProcessSendsItsParkedThreadsAway) {
  park(1, 11);
  park(2, 12);
  (void)table_.reported(held(3, 31, 30), std::nullopt);
  stop_and_park(3, 31);
  Lines sent = lines(table_.signal_sent(to_process()));
  std::ranges::sort(sent);
  EXPECT_EQ(sent, (Lines{"let go 11", "let go 12", "process 10 has 0 parked",
                         "process 10 has 1 parked", "write 1 away", "write 2 away"}));
  EXPECT_EQ(table_.load().parked, 1u);
  EXPECT_EQ(table_.load().waiting, 3u);
}

TEST_F(HoldTableTest, ASignalForOneThreadLeavesItsSiblingsParked) {
  park(1, 11);
  park(2, 12);
  EXPECT_EQ(lines(table_.signal_sent(to_thread(12))),
            (Lines{"write 2 away", "process 10 has 1 parked", "let go 12"}));
}

TEST_F(HoldTableTest, ASignalBetweenTheAnswerAndItsReportChangesNothing) {
  park(1);
  (void)answer(1);
  EXPECT_EQ(lines(table_.signal_sent(to_process())), Lines{});
}

TEST_F(HoldTableTest, ASignalThatCameBeforeTheParkingIsMet) {
  raise(1);
  (void)table_.stopped(kThread, 0);
  (void)table_.at_restart(1, true);
  EXPECT_EQ(lines(table_.signal_pending(1, true)),
            (Lines{"write 1 away", "process 10 has 0 parked", "let go 11"}));
}

TEST_F(HoldTableTest, AThreadThatStopsForASignalMeetsItAndIsParkedOnItsReturn) {
  raise(1);
  EXPECT_EQ(lines(table_.stopped(kThread, 10)),
            (Lines{"handled", "write 1 away", "let go 11 with signal 10"}));
  EXPECT_EQ(lines(table_.resumed(back(1))), Lines{"seize 11"});
  EXPECT_EQ(lines(table_.stopped(kThread, 0)), Lines{"at restart? 11"}) << "it is counted once";
  EXPECT_EQ(lines(table_.at_restart(1, true))[1], "write 1 parked");
}

TEST_F(HoldTableTest, AThreadThatStopsElsewhereIsLetGoAndReportsItsReturn) {
  raise(1);
  (void)table_.stopped(kThread, 0);
  EXPECT_EQ(lines(table_.at_restart(1, false)), (Lines{"write 1 away", "let go 11"}));
}

TEST_F(HoldTableTest, EveryParkingAndLeavingHasASessionOfItsOwn) {
  raise(1);
  (void)table_.stopped(kThread, 0);
  const std::uint32_t parked = session_in(table_.at_restart(1, true));
  const std::uint32_t away = session_in(table_.signal_sent(to_process()));
  (void)table_.resumed(back(1));
  (void)table_.stopped(kThread, 0);
  const std::uint32_t parked_again = session_in(table_.at_restart(1, true));
  EXPECT_NE(parked, away);
  EXPECT_NE(away, parked_again);
  EXPECT_EQ(session_in(table_.answer({1, HoldAnswer::deny, 0})), parked_again);
}

TEST_F(HoldTableTest, AnAnswerWhileTheThreadIsAwayIsFoundOnItsReturn) {
  park(1);
  (void)table_.signal_sent(to_process());
  EXPECT_EQ(answer(1), Lines{"write 1 allow"});
  EXPECT_EQ(lines(table_.resumed(back(1))), Lines{}) << "reported before it found the answer";
  expect_empty();
}

TEST_F(HoldTableTest, ASecondAnswerHasNoEffect) {
  park(1);
  EXPECT_NE(answer(1, HoldAnswer::deny), Lines{});
  EXPECT_EQ(answer(1, HoldAnswer::allow), Lines{});
}

TEST_F(HoldTableTest, AnAnswerToAHoldThatWasNeverHeardOfHasNoEffect) {
  EXPECT_EQ(answer(5), Lines{});
  EXPECT_EQ(lines(table_.at_restart(5, true)), Lines{});
  EXPECT_EQ(lines(table_.signal_pending(5, true)), Lines{});
  EXPECT_EQ(lines(table_.ended(55)), Lines{});
  expect_empty();
}

// The thread had ended when the answer was written, and the report of that was still unread.
TEST_F(HoldTableTest, AHoldThatIsGoneAfterItsAnswerIsNotToldAndLeavesNoAnswerBehind) {
  raise(1);
  (void)answer(1);
  EXPECT_EQ(gone(1), Lines{"forget 1"});
}

TEST_F(HoldTableTest, ASupersededHoldIsToldAsSuch) {
  raise(1);
  EXPECT_EQ(gone(1, HoldEnd::superseded), (Lines{"forget 1", "handled", "tell superseded 1"}));
}

TEST_F(HoldTableTest, AThreadThatCannotBeSeizedIsDeniedAndTold) {
  (void)table_.reported(held(1), std::nullopt);
  EXPECT_EQ(lines(table_.seized(kThread, Seized::refused)),
            (Lines{"write 1 deny", "handled", "tell traced 1"}));
  EXPECT_EQ(gone(1), Lines{"forget 1"});
  expect_empty();
}

TEST_F(HoldTableTest, AThreadThatEndedBeforeTheSeizeEndsItsHold) {
  (void)table_.reported(held(1), std::nullopt);
  EXPECT_EQ(lines(table_.seized(kThread, Seized::gone)),
            (Lines{"forget 1", "handled", "tell gone 1"}));
  expect_empty();
}

TEST_F(HoldTableTest, ASeizeThatFailsAfterItsHoldWasAnsweredLeavesNothingTraced) {
  (void)table_.reported(held(1), std::nullopt);
  (void)answer(1);
  EXPECT_EQ(lines(table_.seized(kThread, Seized::refused)), Lines{});
  expect_empty();
}

// execve(2): every other thread ends, and the caller takes the id of the process.
TEST_F(HoldTableTest, AThreadWhoseIdChangedByExecIsLetGoWhenItStops) {
  raise(1);
  (void)answer(1);
  EXPECT_EQ(lines(table_.stopped(kProcess, 0)), Lines{"let go 10"});
  EXPECT_TRUE(table_.needs_tick()) << "its old id is still noted as traced";
  EXPECT_EQ(lines(table_.tick(kStart)), Lines{});
  EXPECT_EQ(lines(table_.tick(kStart)), Lines{"ended? 11"});
  EXPECT_EQ(lines(table_.found_ended({0, kThread})), Lines{});
  expect_empty();
}

TEST_F(HoldTableTest, AThreadWithTheIdOfOneThatVanishedIsSeizedAnew) {
  raise(1);
  (void)answer(1);
  EXPECT_EQ(lines(table_.reported(held(2), std::nullopt)), (Lines{"tell held 2", "seize 11"}));
}

TEST_F(HoldTableTest, AThreadThatEndsUnreportedIsFoundAtTheSecondTick) {
  park(1);
  (void)table_.signal_sent(to_process());
  EXPECT_EQ(lines(table_.tick(kStart)), Lines{});
  EXPECT_EQ(lines(table_.tick(kStart)), Lines{"ended? 11"});
  EXPECT_EQ(lines(table_.found_ended({1, kThread})), (Lines{"forget 1", "tell gone 1"}));
  EXPECT_EQ(lines(table_.found_ended({1, kThread})), Lines{});
  expect_empty();
}

TEST_F(HoldTableTest, AParkedThreadIsNotLookedFor) {
  park(1);
  EXPECT_EQ(lines(table_.tick(kStart)), Lines{});
  EXPECT_EQ(lines(table_.tick(kStart)), Lines{});
}

TEST_F(HoldTableTest, HoldsOfOneThreadEndOnTheirOwn) {
  park(1);
  (void)table_.signal_sent(to_process());
  raise(2);
  EXPECT_EQ(lines(table_.ended(kThread)), (Lines{"forget 2", "handled", "tell gone 2"}));
  EXPECT_EQ(gone(1), (Lines{"forget 1", "tell gone 1"}));
  expect_empty();
}

}  // namespace
}  // namespace stayd::test
