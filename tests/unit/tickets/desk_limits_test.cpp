// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "unit/tickets/desk_fixture.h"

namespace stayd {
namespace {

using namespace std::chrono_literals;
using namespace test;

TEST(DeskLimits, AFloodIsDeniedSaidOnceAndAskedAboutOnce) {
  Desk desk({.open_per_workload = 2});
  desk.hold_raised(an_operation(1, 1), kContext, kNoon);
  desk.hold_raised(an_operation(2, 2), kContext, kNoon);
  const Effects first = desk.hold_raised(an_operation(3, 3), kContext, kNoon);
  const Effects second = desk.hold_raised(an_operation(4, 4), kContext, kNoon);

  ASSERT_EQ(only<Refused>(first).size(), 1u);
  EXPECT_EQ(only<Refused>(first)[0].hold, 3u);
  EXPECT_EQ(only<Refused>(first)[0].reason, "flooding");
  EXPECT_EQ(only<Release>(first).at(0).hold, 3u);
  EXPECT_NE(only<Release>(first).at(0).answer, HoldAnswer::allow);
  EXPECT_TRUE(only<Refused>(second).empty());
  EXPECT_NE(only<Release>(second).at(0).answer, HoldAnswer::allow);
  ASSERT_EQ(desk.open_tickets().size(), 3u);
  EXPECT_TRUE(desk.open_tickets()[2]->flood);
  EXPECT_TRUE(desk.open_tickets()[2]->holds.empty());
}

TEST(DeskLimits, EachOperationThatIsDeniedWithoutATicketIsSaidForTheWorkload) {
  Desk desk({.open_per_workload = 1, .holds = 2});
  desk.hold_raised(an_operation(1, 1), kContext, kNoon);
  for (HoldId hold = 3; hold < 6; ++hold) {
    const Effects effects = desk.hold_raised(an_operation(hold, hold), kContext, kNoon);
    const auto denied = only<DeniedUnasked>(effects);
    ASSERT_EQ(denied.size(), 1u);
    EXPECT_EQ(denied[0].why, DeniedUnasked::Why::flooding);
    EXPECT_EQ(denied[0].workload, kWorkload);
    EXPECT_EQ(denied[0].process, 4242);
    EXPECT_EQ(denied[0].object, "/srv/customers/list.csv");
  }
  EXPECT_EQ(only<DeniedUnasked>(desk.hold_raised(an_operation(0, 9), kContext, kNoon)).size(), 1u)
      << "it could not wait, and nothing is released";
  desk.hold_raised(an_operation(2, 1), kContext, kNoon);
  const auto full = only<DeniedUnasked>(desk.hold_joined(an_operation(7, 1), kNoon));
  ASSERT_EQ(full.size(), 1u);
  EXPECT_EQ(full[0].why, DeniedUnasked::Why::too_many_holds);
}

TEST(DeskLimits, AnApprovedFloodHasRoomForAsManyTicketsMore) {
  Desk desk({.open_per_workload = 1});
  desk.hold_raised(an_operation(1, 1), kContext, kNoon);
  desk.hold_raised(an_operation(2, 2), kContext, kNoon);
  const Ticket& flood = *desk.open_tickets().at(1);
  ASSERT_TRUE(flood.flood);
  const auto effects = desk.decide(approval(flood), kAnybody, kNoon);
  ASSERT_TRUE(effects);
  EXPECT_TRUE(only<Granted>(*effects).empty());
  EXPECT_TRUE(only<Release>(desk.hold_raised(an_operation(3, 3), kContext, kNoon)).empty());
  EXPECT_EQ(only<Release>(desk.hold_raised(an_operation(4, 4), kContext, kNoon)).size(), 1u);
}

TEST(DeskLimits, ADeniedFloodIsNotAskedAboutAgainUntilItsTimeIsUp) {
  Desk desk({.open_per_workload = 1});
  const TicketContext context = kContext;
  desk.hold_raised(an_operation(1, 1), context, kNoon);
  desk.hold_raised(an_operation(2, 2), context, kNoon);
  ASSERT_TRUE(desk.decide(denial(*desk.open_tickets().at(1)), kAnybody, kNoon));
  const auto floods = [&] {
    return std::ranges::count_if(desk.open_tickets(), [](const Ticket* t) { return t->flood; });
  };
  desk.hold_gone(1, kNoon);
  for (HoldId hold = 10; hold < 20; ++hold)
    desk.hold_raised(an_operation(hold, hold), context, kNoon + 1min);
  EXPECT_EQ(floods(), 0);
  for (HoldId hold = 20; hold < 30; ++hold)
    desk.hold_raised(an_operation(hold, hold), context, kNoon + 31min);
  EXPECT_EQ(floods(), 1);
}

TEST(DeskLimits, AFloodIsSaidAgainAfterThereWasRoom) {
  Desk desk({.open_per_workload = 1});
  desk.hold_raised(an_operation(1, 1), kContext, kNoon);
  EXPECT_EQ(only<Refused>(desk.hold_raised(an_operation(2, 2), kContext, kNoon)).size(), 1u);
  desk.hold_gone(1, kNoon);
  desk.hold_raised(an_operation(3, 3), kContext, kNoon);
  EXPECT_EQ(only<Refused>(desk.hold_raised(an_operation(4, 4), kContext, kNoon)).size(), 1u);
}

TEST(DeskLimits, OneWorkloadsFloodLeavesRoomForOthersAndForJoining) {
  Desk desk({.open_per_workload = 1});
  desk.hold_raised(an_operation(1, 1), kContext, kNoon);
  EXPECT_TRUE(only<Release>(desk.hold_raised(an_operation(2, 1), kContext, kNoon)).empty());
  const WorkloadId other{.slot = 4, .generation = 11};
  EXPECT_TRUE(only<Release>(desk.hold_raised(an_operation(3, 1, other), kContext, kNoon)).empty());
}

TEST(DeskLimits, AFloodOfWhatCannotWaitHasNothingToRelease) {
  Desk desk({.open_per_workload = 1});
  desk.hold_raised(an_operation(0, 1), kContext, kNoon);
  const Effects effects = desk.hold_raised(an_operation(0, 2), kContext, kNoon);
  EXPECT_EQ(only<Refused>(effects).size(), 1u);
  EXPECT_TRUE(only<Release>(effects).empty());
}

TEST(DeskLimits, HoldsAreBoundedOverAllWorkloads) {
  Desk desk({.holds = 2});
  desk.hold_raised(an_operation(1), kContext, kNoon);
  desk.hold_raised(an_operation(2), kContext, kNoon);
  const Effects first = desk.hold_raised(an_operation(3), kContext, kNoon);
  EXPECT_EQ(only<Refused>(first).at(0).reason, "too many holds");
  EXPECT_EQ(only<Release>(first).at(0).hold, 3u);
  EXPECT_TRUE(only<Refused>(desk.hold_raised(an_operation(4), kContext, kNoon)).empty());
  desk.hold_gone(1, kNoon);
  EXPECT_TRUE(only<Release>(desk.hold_raised(an_operation(5), kContext, kNoon)).empty());
}

TEST(DeskLimits, OnlyTheLatestClosedTicketsAreKept) {
  Desk desk({.closed_kept = 3});
  for (HoldId hold = 1; hold <= 10; ++hold) {
    desk.hold_raised(an_operation(hold), without_lingering(), kNoon);
    desk.hold_gone(hold, kNoon);
  }
  desk.tick(kNoon);
  const auto closed = desk.closed_tickets();
  ASSERT_EQ(closed.size(), 3u);
  EXPECT_EQ(closed[0]->id, 10u);
  EXPECT_EQ(closed[2]->id, 8u);
  EXPECT_EQ(desk.find(7), nullptr);
}

TEST(DeskLimits, EveryTicketThatEndsAtOnceCanStillBeRecorded) {
  Desk desk({.closed_kept = 3});
  for (HoldId hold = 1; hold <= 10; ++hold) {
    desk.hold_raised(an_operation(hold, hold), kContext, kNoon);
  }
  const Effects effects = desk.tick(kNoon + 30min);
  EXPECT_EQ(only<Changed>(effects).size(), 10u);
  for (const Changed& changed : only<Changed>(effects)) {
    ASSERT_NE(desk.find(changed.ticket), nullptr);
    EXPECT_EQ(desk.find(changed.ticket)->outcome, Outcome::expired);
  }
}

TEST(DeskLimits, TimeoutsAreBoundedAtBothEnds) {
  Desk desk;
  TicketContext context = kContext;
  context.approval.timeout = std::chrono::seconds::max();
  desk.hold_raised(an_operation(1, 1), context, kNoon);
  EXPECT_EQ(desk.find(1)->deadline, kNoon + 24h * 30);
  context.approval.timeout = -1s;
  desk.hold_raised(an_operation(2, 2), context, kNoon);
  EXPECT_EQ(desk.next_deadline(), kNoon);
}

}  // namespace
}  // namespace stayd
