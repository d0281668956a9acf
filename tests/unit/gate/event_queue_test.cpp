// SPDX-License-Identifier: Apache-2.0
#include "gate/event_queue.h"

#include <gtest/gtest.h>

namespace stayd {
namespace {

Operation refused(std::uint64_t inode, std::int32_t process = 7) {
  Operation operation;
  operation.disposition = Disposition::denied;
  operation.caller.pid = process;
  operation.object.inode = inode;
  return operation;
}

Operation held(HoldId hold) {
  Operation operation;
  operation.hold_id = hold;
  return operation;
}

class KernelEventQueueTest : public ::testing::Test {
 protected:
  Operation take() {
    std::optional<KernelNotice> notice = kernel_events_.take();
    return notice ? std::get<Operation>(std::move(*notice)) : Operation{};
  }

  int wakes_ = 0;
  KernelEventQueue kernel_events_{[this] { ++wakes_; }};
};

TEST_F(KernelEventQueueTest, GivesWhatItGotInOrder) {
  kernel_events_.put(held(1));
  kernel_events_.put(HoldGone{1});
  kernel_events_.put(held(2));
  EXPECT_EQ(wakes_, 1);
  EXPECT_EQ(take().hold_id, 1u);
  EXPECT_TRUE(std::holds_alternative<HoldGone>(*kernel_events_.take()));
  EXPECT_EQ(take().hold_id, 2u);
  EXPECT_FALSE(kernel_events_.take());
  kernel_events_.put(held(3));
  EXPECT_EQ(wakes_, 2);
}

TEST_F(KernelEventQueueTest, CountsTheSameByTheSameProcessInTheFirst) {
  for (int i = 0; i < 1000; ++i) {
    kernel_events_.put(refused(1));
    kernel_events_.put(refused(2));
  }
  kernel_events_.put(refused(1, 8));
  EXPECT_EQ(take().times, 1000u);
  EXPECT_EQ(take().times, 1000u);
  EXPECT_EQ(take().times, 1u);
  EXPECT_FALSE(kernel_events_.take());
  kernel_events_.put(refused(1));
  EXPECT_EQ(take().times, 1u) << "the first has been read";
}

Operation of(std::uint32_t slot, Operation operation) {
  operation.workload = {slot, 1};
  return operation;
}

TEST_F(KernelEventQueueTest, AWorkloadsQuestionPassesAnothersThatCameByTheThousandBefore) {
  for (HoldId hold = 1; hold <= 5000; ++hold) kernel_events_.put(of(1, held(hold)));
  kernel_events_.put(of(2, held(6000)));
  EXPECT_EQ(take().hold_id, 1u);
  EXPECT_EQ(take().hold_id, 6000u);
  EXPECT_EQ(take().hold_id, 2u);
  EXPECT_EQ(kernel_events_.size(), 4998u);
}

TEST_F(KernelEventQueueTest, ACgroupThatWasMadeGoesFirst) {
  for (HoldId hold = 1; hold <= 5000; ++hold) kernel_events_.put(of(1, held(hold)));
  kernel_events_.put(CgroupMade{});
  EXPECT_TRUE(std::holds_alternative<CgroupMade>(*kernel_events_.take()));
}

TEST_F(KernelEventQueueTest, TheEndOfAWorkloadsCgroupFollowsWhatTheWorkloadDid) {
  kernel_events_.put(of(1, held(1)));
  kernel_events_.put(of(1, held(2)));
  kernel_events_.put(HoldGone{.hold = 2, .why = HoldEnd::caller_gone, .slot = 1});
  kernel_events_.put(CgroupGone{{1, 1}});
  EXPECT_EQ(take().hold_id, 1u);
  EXPECT_EQ(take().hold_id, 2u);
  EXPECT_TRUE(std::holds_alternative<HoldGone>(*kernel_events_.take()));
  EXPECT_TRUE(std::holds_alternative<CgroupGone>(*kernel_events_.take()));
}

TEST_F(KernelEventQueueTest, AFloodOfRefusalsLeavesAnotherWorkloadsRefusalsTheirRoom) {
  for (std::uint64_t i = 0; i < 2 * KernelEventQueue::kMax; ++i)
    kernel_events_.put(of(1, refused(i)));
  EXPECT_EQ(kernel_events_.left_out(), KernelEventQueue::kMax);
  for (std::uint64_t i = 0; i < KernelEventQueue::kMax / 2; ++i)
    kernel_events_.put(of(2, refused(i)));
  EXPECT_EQ(kernel_events_.left_out(), 0u);
}

TEST_F(KernelEventQueueTest, WhatWaitsIsNeverCountedInAnother) {
  kernel_events_.put(held(1));
  kernel_events_.put(held(2));
  EXPECT_EQ(take().hold_id, 1u);
  EXPECT_EQ(take().hold_id, 2u);
}

TEST_F(KernelEventQueueTest, IsBoundedAndSaysHowManyItLeftOut) {
  for (std::uint64_t i = 0; i < KernelEventQueue::kMax + 10; ++i) kernel_events_.put(refused(i));
  kernel_events_.put(held(1));
  kernel_events_.put(refused(0));
  EXPECT_EQ(kernel_events_.left_out(), 10u);
  EXPECT_EQ(kernel_events_.left_out(), 0u);
  EXPECT_EQ(take().times, 2u);
  for (std::size_t i = 1; i < KernelEventQueue::kMax; ++i) ASSERT_EQ(take().object.inode, i);
  EXPECT_EQ(take().hold_id, 1u) << "what waits has room";
  EXPECT_FALSE(kernel_events_.take());
}

}  // namespace
}  // namespace stayd
