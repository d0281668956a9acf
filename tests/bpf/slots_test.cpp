// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "bpf/run.h"
#include "slots_test.skel.h"
#include "stayd/limits.h"

namespace stayd::test {
namespace {

// enum slot_state of bpf/lib/slots.bpf.h.
enum : __u32 { kFree, kWaiting, kAllowed, kSpent, kProbed };
constexpr __u32 kNoSlot = STAYD_HOLDS_PER_CALL;

class Slots : public BpfTest<slots_test> {
 protected:
  __u32& state(int index) { return bpf_->bss->states[index]; }
  void occupy(int index, __u64 call, __u64 inode, __u32 in_state, __u64 since = 0) {
    bpf_->bss->calls[index] = call;
    bpf_->bss->inodes[index] = inode;
    bpf_->bss->since_ns[index] = since;
    bpf_->bss->states[index] = in_state;
  }
  __u32 find(__u64 call, __u64 inode) {
    bpf_->bss->call = call;
    bpf_->bss->inode = inode;
    run_once(bpf_->progs.run_find_slot);
    return bpf_->bss->result;
  }
  __u32 room_for(__u64 call) {
    bpf_->bss->call = call;
    run_once(bpf_->progs.run_find_room);
    return bpf_->bss->result;
  }
};

TEST_F(Slots, ASlotIsFoundByItsCallAndItsObjectAndNotByOneOfThem) {
  occupy(3, 7, 100, kWaiting);
  EXPECT_EQ(find(7, 100), 3u);
  EXPECT_EQ(find(8, 100), kNoSlot);
  EXPECT_EQ(find(7, 101), kNoSlot);
}

TEST_F(Slots, AFreeSlotIsNotFoundWhateverItHolds) {
  occupy(3, 7, 100, kFree);
  EXPECT_EQ(find(7, 100), kNoSlot);
}

TEST_F(Slots, RoomIsAFreeSlotThenThatOfAnotherCallThenTheOldestSpentOne) {
  for (int i = 0; i < STAYD_HOLDS_PER_CALL; ++i) occupy(i, 7, i, kSpent, 1000 - i);
  state(2) = kFree;
  EXPECT_EQ(room_for(7), 2u);
  occupy(2, 8, 2, kWaiting);
  EXPECT_EQ(room_for(7), 2u);
  occupy(2, 7, 2, kWaiting);
  EXPECT_EQ(room_for(7), STAYD_HOLDS_PER_CALL - 1u);
}

TEST_F(Slots, ThereIsNoRoomWhereEverySlotOfTheCallWaits) {
  for (int i = 0; i < STAYD_HOLDS_PER_CALL; ++i) occupy(i, 7, i, kWaiting);
  EXPECT_EQ(room_for(7), kNoSlot);
}

TEST_F(Slots, ARestartRevivesWhatItsOwnCallHasPassed) {
  occupy(0, 7, 0, kSpent);
  occupy(1, 8, 1, kSpent);
  occupy(2, 7, 2, kWaiting);
  bpf_->bss->call = 7;
  run_once(bpf_->progs.run_revive_spent);
  EXPECT_EQ(state(0), kAllowed);
  EXPECT_EQ(state(1), kSpent);
  EXPECT_EQ(state(2), kWaiting);
}

TEST_F(Slots, WhatACallHasPassedIsForgottenForThatCallAlone) {
  occupy(0, 7, 0, kSpent);
  occupy(1, 8, 1, kSpent);
  occupy(2, 7, 2, kWaiting);
  bpf_->bss->call = 7;
  run_once(bpf_->progs.run_forget_spent);
  EXPECT_EQ(state(0), kFree);
  EXPECT_EQ(state(1), kSpent);
  EXPECT_EQ(state(2), kWaiting);
}

}  // namespace
}  // namespace stayd::test
