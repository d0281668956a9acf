// SPDX-License-Identifier: Apache-2.0
#include "approval/self_events.h"

#include <gtest/gtest.h>

#include "support/operation_builder.h"

namespace stayd {
namespace {

using namespace test;

constexpr WorkloadId kOther{.slot = 4, .generation = 1};

class SelfEventLog : public ::testing::Test {
 protected:
  SelfEventLog() { events_.start_after(1000); }

  std::uint64_t deny(const std::string& path, WorkloadId workload = kWorkload,
                     DenialReason why = DenialReason::policy) {
    Operation operation = an_operation(0);
    operation.path = path;
    return events_.add(workload, denied_event(operation, why, {}));
  }
  std::vector<std::string> after(std::uint64_t number) {
    std::vector<std::string> objects;
    for (const SelfEvent* event : events_.since(kWorkload, number).events)
      objects.push_back(event->object);
    return objects;
  }

  int added_ = 0;
  SelfEvents events_{[this] { ++added_; }};
};

TEST_F(SelfEventLog, NumbersGrowForEachWorkloadAlone) {
  EXPECT_EQ(events_.latest(kWorkload), 1000u);
  EXPECT_EQ(deny("/a"), 1001u);
  EXPECT_EQ(deny("/b"), 1002u);
  EXPECT_EQ(deny("/c", kOther), 1001u) << "nobody can count what happens to others";
  EXPECT_EQ(events_.latest(kWorkload), 1002u);
  EXPECT_EQ(added_, 3);
}

TEST_F(SelfEventLog, OnlyWhatCameAfterTheNumberIsGiven) {
  deny("/a");
  deny("/b");
  EXPECT_EQ(after(0), (std::vector<std::string>{"/a", "/b"}));
  EXPECT_EQ(after(1001), (std::vector<std::string>{"/b"}));
  EXPECT_TRUE(after(1002).empty());
  EXPECT_TRUE(events_.since(kWorkload, 1001).complete);
}

TEST_F(SelfEventLog, ANumberOfAnEarlierStaydIsAnsweredWithAllThatIsKnown) {
  EXPECT_FALSE(events_.since(kWorkload, 57).complete) << "what that one knew is lost";
  deny("/a");
  EXPECT_EQ(after(57), (std::vector<std::string>{"/a"}));
  EXPECT_FALSE(events_.since(kWorkload, 57).complete);
  EXPECT_EQ(after(99999), (std::vector<std::string>{"/a"})) << "its clock was ahead";
  EXPECT_FALSE(events_.since(kWorkload, 99999).complete);
}

TEST_F(SelfEventLog, TheSameInARowIsOneThatCountsUnderANewNumber) {
  deny("/a");
  deny("/b");
  deny("/b");
  EXPECT_EQ(deny("/b"), 1004u);
  const SelfEvents::Since since = events_.since(kWorkload, 0);
  ASSERT_EQ(since.events.size(), 2u);
  EXPECT_EQ(since.events[1]->times, 3u);
  EXPECT_EQ(since.events[1]->seq, 1004u);
  EXPECT_EQ(after(1003), (std::vector<std::string>{"/b"}));
}

TEST_F(SelfEventLog, AFloodTakesOnePlaceWhateverItsObjectsAre) {
  deny("/before");
  for (int i = 0; i < 5000; ++i) deny("/" + std::to_string(i), kWorkload, DenialReason::flooding);
  const SelfEvents::Since since = events_.since(kWorkload, 0);
  ASSERT_EQ(since.events.size(), 2u);
  EXPECT_EQ(since.events[0]->object, "/before");
  EXPECT_EQ(since.events[1]->object, "/4999");
  EXPECT_EQ(since.events[1]->times, 5000u);
  EXPECT_TRUE(since.complete);
}

TEST_F(SelfEventLog, TheLatestAreKeptAndWhoeverIsTooLateIsToldSo) {
  for (std::size_t i = 0; i < SelfEvents::kMax + 2; ++i) deny("/" + std::to_string(i));
  EXPECT_EQ(after(0).size(), SelfEvents::kMax);
  EXPECT_FALSE(events_.since(kWorkload, 0).complete);
  EXPECT_FALSE(events_.since(kWorkload, 1001).complete);
  EXPECT_TRUE(events_.since(kWorkload, 1002).complete);
}

TEST_F(SelfEventLog, WhenNobodyCouldFollowEveryWorkloadIsToldSo) {
  deny("/a");
  events_.miss();
  EXPECT_GT(events_.latest(kWorkload), 1001u) << "whoever waits wakes up";
  EXPECT_FALSE(events_.since(kWorkload, 1001).complete);
  EXPECT_TRUE(events_.since(kWorkload, events_.latest(kWorkload)).complete);
  EXPECT_FALSE(events_.since(kOther, 0).complete) << "also one that was told nothing yet";
  deny("/b", kOther);
  EXPECT_FALSE(events_.since(kOther, 0).complete);
}

TEST_F(SelfEventLog, AWorkloadThatIsForgottenBeginsAnew) {
  deny("/a");
  events_.forget(kWorkload);
  EXPECT_TRUE(after(0).empty());
  EXPECT_EQ(events_.latest(kWorkload), 1000u);
}

TEST_F(SelfEventLog, AnEventIsBoundedWhateverItsOperationIs) {
  Operation operation = an_operation(0);
  operation.kind = OperationKind::exec;
  operation.path = std::string(4095, '\xff');
  operation.arguments.assign(64, std::string(1000, '"'));
  operation.caller.program = std::string(4095, '\n');
  const RuleReference rule{std::string(4095, 'x'), 7, std::string(4095, '\\')};
  EXPECT_LE(to_json(denied_event(operation, DenialReason::unjudged, rule, std::string(9999, '{')))
                .dump()
                .size(),
            2u * 3 * 1024);
}

}  // namespace
}  // namespace stayd
