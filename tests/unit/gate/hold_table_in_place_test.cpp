// SPDX-License-Identifier: Apache-2.0
// A program that waits in place: its way there, its answers, its signals, and the next agent.
#include "unit/gate/hold_table_fixture.h"

namespace stayd::test {
namespace {

constexpr ProgramStart kProgramStart{.instruction = 4096, .blocked_signals = 6};

class InPlace : public HoldTableTest {
 protected:
  void raise_program(HoldId hold = 1, std::int32_t thread = kThread) {
    Operation operation = held(hold, thread);
    operation.in_place = true;
    (void)table_.reported(operation, std::nullopt);
    (void)table_.seized(thread, Seized::yes);
  }
  void enter(HoldId hold = 1, std::int32_t thread = kThread) {
    raise_program(hold, thread);
    (void)table_.stopped(thread, 0);
    (void)table_.at_restart(hold, true);
  }
  void arrive(HoldId hold = 1, std::int32_t thread = kThread) {
    enter(hold, thread);
    (void)table_.stopped_at_exec(thread);
    (void)table_.loaded(hold, kProgramStart);
  }
  void place(HoldId hold = 1, std::int32_t thread = kThread) {
    arrive(hold, thread);
    (void)table_.faulted(thread);
  }
  static HoldResumed back_in_place(HoldId hold) {
    HoldResumed resumed = back(hold);
    resumed.in_place = true;
    return resumed;
  }
};

TEST_F(InPlace, AProgramIsLoadedUnderTraceAndWaits) {
  raise_program();
  EXPECT_EQ(lines(table_.stopped(kThread, 0)), (Lines{"handled", "at restart? 11"}));
  EXPECT_EQ(lines(table_.at_restart(1, true)), (Lines{"write 1 pass", "enter 11"}));
  EXPECT_EQ(lines(table_.stopped_at_call(kThread, CallStop::entry)), Lines{"enter 11"});
  EXPECT_EQ(lines(table_.stopped_at_exec(kThread)), Lines{"take place 11"});
  EXPECT_EQ(lines(table_.loaded(1, kProgramStart)),
            (Lines{"process 10 has 1 parked", "write 1 in place", "meet 11"}));
  EXPECT_EQ(lines(table_.faulted(kThread)), Lines{});
  EXPECT_EQ(table_.load().parked, 1u);
  EXPECT_EQ(lines(table_.tick(kStart)), Lines{});
  EXPECT_EQ(lines(table_.tick(kStart)), Lines{}) << "it is not looked for";
}

TEST_F(InPlace, AnApprovedProgramBeginsAsItWouldHave) {
  place();
  EXPECT_EQ(answer(1), (Lines{"forget 1", "process 10 has 0 parked", "run 11 from 4096"}));
  expect_empty();
}

TEST_F(InPlace, ADeniedProgramIsToldToEndUntilItHas) {
  place();
  EXPECT_EQ(answer(1, HoldAnswer::deny), (Lines{"forget 1", "process 10 has 0 parked", "end 11"}));
  EXPECT_EQ(lines(table_.stopped_at_call(kThread, CallStop::entry)), Lines{"end 11"});
  EXPECT_EQ(lines(table_.stopped(kThread, 10)), Lines{"end 11"});
  EXPECT_EQ(lines(table_.faulted(kThread)), Lines{"end 11"});
  EXPECT_EQ(lines(table_.ended(kThread)), Lines{});
  expect_empty();
}

TEST_F(InPlace, AProgramThatCannotBeJudgedAgainEnds) {
  place();
  EXPECT_EQ(answer(1, HoldAnswer::judge_again).back(), "end 11");
}

TEST_F(InPlace, AnAnswerWhileItsCallIsMadeIsFoundThereOrWhenItIsLoaded) {
  enter();
  EXPECT_EQ(answer(1), Lines{"write 1 allow"});
  EXPECT_EQ(lines(table_.stopped_at_exec(kThread)), Lines{"let go 11"});
  expect_empty();
  enter(2);
  EXPECT_EQ(answer(2, HoldAnswer::deny), Lines{"write 2 deny"});
  EXPECT_EQ(lines(table_.stopped_at_call(kThread, CallStop::failed)), Lines{"let go 11"});
  expect_empty();
  enter(3);
  EXPECT_EQ(answer(3, HoldAnswer::deny), Lines{"write 3 deny"});
  EXPECT_EQ(lines(table_.stopped_at_exec(kThread)), Lines{"end 11"}) << "it had passed already";
}

TEST_F(InPlace, AnAnswerOnItsWayIsCarriedOutAtTheNextStop) {
  arrive();
  EXPECT_EQ(answer(1), (Lines{"forget 1", "process 10 has 0 parked", "seize 11"}));
  EXPECT_EQ(lines(table_.stopped(kThread, 10)), Lines{"run 11 from 4096 with signal 10"});
  expect_empty();
  arrive(2);
  EXPECT_EQ(answer(2).back(), "seize 11");
  EXPECT_EQ(lines(table_.faulted(kThread)), Lines{"run 11 from 4096"}) << "without its SIGSEGV";
  expect_empty();
  arrive(3);
  EXPECT_EQ(answer(3, HoldAnswer::deny).back(), "seize 11");
  EXPECT_EQ(lines(table_.stopped_with_process(kThread)), Lines{"end 11"});
}

TEST_F(InPlace, AProgramThatCannotBeLoadedEndsItsHold) {
  enter();
  EXPECT_EQ(lines(table_.stopped_at_call(kThread, CallStop::failed)),
            (Lines{"forget 1", "let go 11", "tell gone 1"}));
  expect_empty();
}

TEST_F(InPlace, ACallThatIsMadeAgainWaitsItself) {
  enter();
  EXPECT_EQ(lines(table_.stopped_at_call(kThread, CallStop::restart)),
            (Lines{"write 1 away", "let go 11"}));
  EXPECT_EQ(lines(table_.resumed(back_in_place(1))), Lines{"seize 11"});
  (void)table_.stopped(kThread, 0);
  EXPECT_EQ(lines(table_.at_restart(1, true))[1], "write 1 parked");
}

TEST_F(InPlace, AProgramThatTurnsOutToHaveAnInterpreterWaitsInItsCall) {
  enter();
  (void)table_.stopped(kThread, 10);
  EXPECT_EQ(lines(table_.resumed(back(1))), Lines{"seize 11"});
  (void)table_.stopped(kThread, 0);
  EXPECT_EQ(lines(table_.at_restart(1, true))[1], "write 1 parked");
}

TEST_F(InPlace, ASignalBeforeItIsLoadedIsMetAndItComesBack) {
  enter();
  EXPECT_EQ(lines(table_.stopped(kThread, 10)),
            (Lines{"write 1 away", "let go 11 with signal 10"}));
  (void)table_.resumed(back_in_place(1));
  (void)table_.stopped(kThread, 0);
  EXPECT_EQ(lines(table_.at_restart(1, true)), (Lines{"write 1 pass", "enter 11"}));
}

TEST_F(InPlace, ASignalIsMetUnderTrace) {
  place();
  EXPECT_EQ(lines(table_.signal_sent(to_process())), Lines{"meet 11"});
  EXPECT_EQ(lines(table_.stopped(kThread, 10)), Lines{"meet 11 with signal 10"});
  EXPECT_EQ(lines(table_.faulted(kThread)), Lines{}) << "it was ignored";
  EXPECT_EQ(lines(table_.signal_sent(to_process())), Lines{"meet 11"});
  EXPECT_EQ(lines(table_.ended(kThread)),
            (Lines{"forget 1", "process 10 has 0 parked", "tell gone 1"}));
  expect_empty();
}

TEST_F(InPlace, ASignalOnItsWayIsNotMissed) {
  arrive();
  EXPECT_EQ(lines(table_.signal_sent(to_process())), Lines{});
  EXPECT_EQ(lines(table_.faulted(kThread)), Lines{"meet 11"});
  EXPECT_EQ(lines(table_.faulted(kThread)), Lines{});
}

TEST_F(InPlace, AStopSignalStopsItUntilItIsContinued) {
  place();
  (void)table_.signal_sent(to_process());
  EXPECT_EQ(lines(table_.stopped(kThread, 20)), Lines{"meet 11 with signal 20"});
  EXPECT_EQ(lines(table_.stopped_with_process(kThread)), Lines{"stay stopped 11"});
  EXPECT_EQ(lines(table_.stopped(kThread, 0)), Lines{"meet 11"});
  EXPECT_EQ(lines(table_.faulted(kThread)), Lines{});
}

TEST_F(InPlace, AThreadThatDiesBeforeItHasAPlaceEndsItsHold) {
  enter();
  (void)table_.stopped_at_exec(kThread);
  Lines said = lines(table_.loaded(1, std::nullopt));
  EXPECT_THAT(said, ::testing::Contains("end 11"));
  EXPECT_EQ(said.back(), "tell gone 1");
  (void)table_.ended(kThread);
  expect_empty();
}

TEST_F(InPlace, AProgramThatNobodyLetLoadEnds) {
  raise(1);
  EXPECT_EQ(lines(table_.stopped_at_exec(kThread)), Lines{"end 11"});
}

TEST_F(InPlace, HandingOverLeavesItStopped) {
  place();
  EXPECT_EQ(lines(table_.hand_over()), Lines{"leave in place 11"});
  expect_empty();
}

stayd_answer left(std::uint32_t thread) {
  stayd_answer place{.state = STAYD_ANSWER_IN_PLACE, .session = 5};
  place.instruction = kProgramStart.instruction;
  place.blocked_signals = kProgramStart.blocked_signals;
  place.thread = thread;
  return place;
}

TEST_F(InPlace, TheNextAgentContinuesItAndItWaitsForTheSameAnswer) {
  EXPECT_EQ(lines(table_.adopt_in_place(1, left(11), true)),
            (Lines{"process 11 has 1 parked", "seize in place 11"}));
  EXPECT_EQ(lines(table_.seized(kThread, Seized::yes)), Lines{});
  EXPECT_EQ(lines(table_.stopped_with_process(kThread)), Lines{"continue 11"});
  EXPECT_EQ(lines(table_.continued(kThread, true)), Lines{});
  EXPECT_EQ(lines(table_.stopped(kThread, 18)), Lines{"meet 11 with signal 18"});
  EXPECT_EQ(lines(table_.faulted(kThread)), Lines{});
  EXPECT_EQ(answer(1).back(), "run 11 from 4096");
  expect_empty();
}

TEST_F(InPlace, OneThatNobodyWillAnswerEndsWhenTheNextAgentHasIt) {
  (void)table_.adopt_in_place(1, left(11), false);
  (void)table_.stopped_with_process(kThread);
  EXPECT_EQ(lines(table_.continued(kThread, true)).back(), "seize 11");
  EXPECT_EQ(lines(table_.faulted(kThread)), Lines{"end 11"});
}

TEST_F(InPlace, OneThatDiedBetweenTwoAgentsIsGone) {
  (void)table_.adopt_in_place(1, left(11), true);
  EXPECT_EQ(lines(table_.seized(kThread, Seized::gone)),
            (Lines{"forget 1", "process 11 has 0 parked", "tell gone 1"}));
  expect_empty();
}

TEST_F(InPlace, AnotherThreadWithItsIdIsLeftAlone) {
  (void)table_.adopt_in_place(1, left(11), true);
  EXPECT_EQ(lines(table_.stopped(kThread, 0)), Lines{"continue 11"});
  EXPECT_EQ(lines(table_.continued(kThread, false)),
            (Lines{"forget 1", "process 11 has 0 parked", "tell gone 1"}));
  expect_empty();
}

}  // namespace
}  // namespace stayd::test
