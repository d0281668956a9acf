// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "bpf/run.h"
#include "kernel/siphash.h"
#include "stayd/counters.h"
#include "stayd/hints.h"
#include "stayd/wire.h"
#include "walk_test.skel.h"

namespace stayd::test {
namespace {

constexpr __u32 kDevice = 42;

class Walk : public BpfTest<walk_test> {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(BpfTest::SetUp());
    policy_ += 2;
    bpf_->bss->policy = policy_;
    bpf_->bss->device = kDevice;
  }

  // From the file to the root. The inode of a level has this number, and its name is "name" and the
  // index.
  void make_path(const std::vector<__u64>& numbers) {
    bpf_->bss->levels = static_cast<__u32>(numbers.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      bpf_->bss->numbers[i] = numbers[i];
      const std::string name = "name" + std::to_string(i);
      std::memcpy(bpf_->bss->names[i], name.c_str(), name.size() + 1);
    }
  }
  void hint(__u64 inode) {
    bpf_->bss->node_hints[STAYD_HINT_WORD(inode, STAYD_NODE_HINT_WORDS)] |=
        1ULL << STAYD_HINT_SHIFT(inode);
  }
  void say(__u64 inode, const stayd_node& node) { say(inode, node, policy_, kDevice); }
  void say(__u64 inode, const stayd_node& node, __u32 policy, __u32 device) {
    const stayd_node_key key{.inode = inode, .device = device, .policy = policy};
    ASSERT_EQ(bpf_map_update_elem(bpf_map__fd(bpf_->maps.policy_nodes), &key, &node, BPF_ANY), 0);
    hint(inode);
  }
  void say_of_name(__u64 directory, const std::string& name, const stayd_node& node,
                   __u64 expected) {
    const stayd_entry_key key{
        .inode = directory, .name = siphash({}, name), .device = kDevice, .policy = policy_};
    const stayd_entry entry{.node = node, .inode = expected, .device = kDevice, .reserved = 0};
    ASSERT_EQ(bpf_map_update_elem(bpf_map__fd(bpf_->maps.policy_entries), &key, &entry, BPF_ANY),
              0);
  }
  const stayd_node& walk() {
    run_once(bpf_->progs.make_tree);
    run_once(bpf_->progs.run_walk);
    std::memcpy(&found_, &bpf_->bss->found, sizeof(found_));
    return found_;
  }
  static stayd_node node(__u8 read_verdict, __u32 rule, __u64 labels = 0) {
    stayd_node node{};
    node.verdicts[STAYD_ACCESS_READ] = read_verdict;
    node.rules[STAYD_ACCESS_READ] = rule;
    node.labels = labels;
    return node;
  }

  // Each test has a policy of its own, since entries stay in the maps.
  static inline __u32 policy_ = 7;
  stayd_node found_{};
};

// Only the level that decides about programs says whether others may be able to write them.
TEST_F(Walk, TheLevelThatDecidesAboutProgramsSaysWhatItMeansForThoseThatOthersCanWrite) {
  const auto exec = [](__u32 flags) {
    stayd_node node{};
    node.verdicts[STAYD_ACCESS_EXEC] = STAYD_VERDICT_ALLOW;
    node.flags = flags;
    return node;
  };
  make_path({100, 50, 2});
  say(2, exec(STAYD_NODE_EXEC_SAID));
  EXPECT_TRUE(walk().flags & STAYD_NODE_EXEC_SAID);
  say(50, exec(0));
  EXPECT_FALSE(walk().flags & STAYD_NODE_EXEC_SAID);
  say(100, node(STAYD_VERDICT_HOLD, 1));
  EXPECT_FALSE(walk().flags & STAYD_NODE_EXEC_SAID);
}

TEST_F(Walk, NothingIsSetWhereThePolicyNamesNoLevel) {
  make_path({100, 50, 2});
  EXPECT_EQ(walk().verdicts[STAYD_ACCESS_READ], STAYD_VERDICT_UNSET);
  EXPECT_EQ(bpf_->bss->result, 0u);
}

TEST_F(Walk, TheNearestLevelThatSaysSomethingWins) {
  make_path({100, 50, 30, 2});
  say(2, node(STAYD_VERDICT_DENY, 1));
  say(50, node(STAYD_VERDICT_ALLOW, 2));
  EXPECT_EQ(walk().verdicts[STAYD_ACCESS_READ], STAYD_VERDICT_ALLOW);
  EXPECT_EQ(found_.rules[STAYD_ACCESS_READ], 2u);
}

TEST_F(Walk, TheRootCounts) {
  make_path({100, 50, 2});
  say(2, node(STAYD_VERDICT_HOLD, 3));
  EXPECT_EQ(walk().verdicts[STAYD_ACCESS_READ], STAYD_VERDICT_HOLD);
}

TEST_F(Walk, LabelsOfEveryLevelAreUnited) {
  make_path({100, 50, 2});
  say(100, node(STAYD_VERDICT_UNSET, 0, 1));
  say(50, node(STAYD_VERDICT_ALLOW, 1, 2));
  say(2, node(STAYD_VERDICT_DENY, 2, 4));
  EXPECT_EQ(walk().labels, 7u);
}

TEST_F(Walk, AnotherPolicyAndAnotherDeviceSayNothing) {
  make_path({100, 2});
  say(100, node(STAYD_VERDICT_DENY, 1), policy_ + 1, kDevice);
  say(100, node(STAYD_VERDICT_DENY, 1), policy_, kDevice + 1);
  EXPECT_EQ(walk().verdicts[STAYD_ACCESS_READ], STAYD_VERDICT_UNSET);
}

TEST_F(Walk, ALevelThatIsNotHintedIsNotLookedUp) {
  make_path({100, 2});
  say(100, node(STAYD_VERDICT_DENY, 1));
  std::memset(bpf_->bss->node_hints, 0, sizeof(bpf_->bss->node_hints));
  EXPECT_EQ(walk().verdicts[STAYD_ACCESS_READ], STAYD_VERDICT_UNSET);
}

TEST_F(Walk, AWatchedNameCountsWhateverFileBearsIt) {
  make_path({100, 50, 2});
  stayd_node watched = node(STAYD_VERDICT_ALLOW, 1);
  watched.flags = STAYD_NODE_WATCHED;
  say(50, watched);
  say_of_name(50, "name0", node(STAYD_VERDICT_DENY, 2), 100);
  EXPECT_EQ(walk().verdicts[STAYD_ACCESS_READ], STAYD_VERDICT_DENY);
  bpf_->bss->numbers[0] = 101;
  EXPECT_EQ(walk().verdicts[STAYD_ACCESS_READ], STAYD_VERDICT_DENY);
  std::memcpy(bpf_->bss->names[0], "other", sizeof("other"));
  EXPECT_EQ(walk().verdicts[STAYD_ACCESS_READ], STAYD_VERDICT_ALLOW);
}

TEST_F(Walk, MoreDirectoriesThanAreWalkedAreAReasonToRefuse) {
  std::vector<__u64> numbers(128);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = 1000 + i;
  make_path(numbers);
  walk();
  EXPECT_EQ(bpf_->bss->result, 0u);
  numbers.push_back(5000);
  make_path(numbers);
  walk();
  EXPECT_EQ(bpf_->bss->result, static_cast<__u32>(STAYD_COUNT_denied_path_too_deep));
}

}  // namespace
}  // namespace stayd::test
