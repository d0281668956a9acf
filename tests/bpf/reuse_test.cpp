// SPDX-License-Identifier: Apache-2.0
// What a program has looked up may become another entry while it reads, because the kernel reuses
// the memory of entries at once.
#include <gtest/gtest.h>
#include <sched.h>

#include <functional>
#include <thread>

#include "bpf/run.h"
#include "reuse_test.skel.h"
#include "stayd/wire.h"

namespace stayd::test {
namespace {

constexpr __u64 kOurs = 1;
constexpr __u64 kOthers = 100;  // the first of the other keys

// In a thread of its own: what this one is bound to, the processes of later tests would inherit.
std::thread on_processor(int number, std::function<void()> run) {
  return std::thread([number, run = std::move(run)] {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(number, &set);
    ASSERT_EQ(::sched_setaffinity(0, sizeof(set), &set), 0) << "two processors are needed";
    run();
  });
}

class Reuse : public BpfTest<reuse_test> {
 protected:
  // Runs the program on the second processor and, once it has found its entry, `replace` on the
  // first one, whose free memory the next entry takes.
  void run_while(const bpf_program* program, const std::function<void()>& replace) {
    auto& shared = *bpf_->bss;
    shared.key = kOurs;
    std::thread runner = on_processor(1, [program] { run_once(program); });
    std::thread replacer = on_processor(0, [&] {
      while (!__atomic_load_n(&shared.looked_up, __ATOMIC_ACQUIRE)) std::this_thread::yield();
      replace();
      __atomic_store_n(&shared.may_read, 1, __ATOMIC_RELEASE);
    });
    replacer.join();
    runner.join();
    ASSERT_GE(shared.memory_is_of, kOthers) << "the memory was not reused, so this shows nothing";
  }
  template <class Key, class Value>
  static void put(const bpf_map* map, const Key& key, const Value& value) {
    ASSERT_EQ(bpf_map_update_elem(bpf_map__fd(map), &key, &value, BPF_ANY), 0);
  }
  static void allow(__u64 hold) {
    put(bpf_->maps.answers, hold,
        stayd_answer{.word = STAYD_ANSWER_WORD(hold, STAYD_ANSWER_ALLOW),
                     .expires_ns = 0,
                     .labels = 0,
                     .session = 0,
                     .reserved = 0});
  }
  static void say_away(__u64 hold) {
    put(bpf_->maps.answers, hold,
        stayd_answer{.word = STAYD_ANSWER_WORD(hold, STAYD_ANSWER_AWAY),
                     .expires_ns = 0,
                     .labels = 0,
                     .session = 1,
                     .reserved = 0});
  }
  static void tag(__u64 cgroup, stayd_workload_id id) {
    put(bpf_->maps.tagged_cgroups, cgroup, stayd_tagged_cgroup{.cgroup = cgroup, .workload = id});
  }
  static stayd_judged_key file(__u64 inode) {
    return {.inode = inode, .device = 0, .inode_generation = 0, .policy = 0, .place = 0};
  }
  static void keep(__u64 inode) {
    put(bpf_->maps.judged, file(inode),
        stayd_judged{.key = file(inode), .generation = 0, .node = {}});
  }
};

TEST_F(Reuse, AHoldDoesNotTakeAnotherHoldsApprovalForItsOwn) {
  say_away(kOurs);
  run_while(bpf_->progs.run_read_answer, [] {
    say_away(kOurs);
    for (__u64 other = kOthers; other < 2 * kOthers; ++other) allow(other);
  });
  EXPECT_EQ(bpf_->bss->result, 0u) << "it has no answer yet";
}

TEST_F(Reuse, ATaskDoesNotTakeAnotherCgroupsWorkloadForItsOwn) {
  tag(kOurs, {.slot = STAYD_UNDECIDED, .generation = 1});
  run_while(bpf_->progs.run_read_workload, [] {
    tag(kOurs, {.slot = 3, .generation = 7});
    for (__u64 other = kOthers; other < 2 * kOthers; ++other)
      tag(other, {.slot = 5, .generation = 8});
  });
  EXPECT_EQ(bpf_->bss->result, 1u);
  EXPECT_EQ(bpf_->bss->slot, STAYD_UNDECIDED) << "its call starts over";
}

TEST_F(Reuse, AFileIsNotJudgedByWhatWasFoundAboutAnother) {
  // An LRU map gives an entry's memory back to the processor that took it.
  on_processor(0, [] { keep(kOurs); }).join();
  run_while(bpf_->progs.run_is_of, [] {
    const stayd_judged_key ours = file(kOurs);
    ASSERT_EQ(bpf_map_delete_elem(bpf_map__fd(bpf_->maps.judged), &ours), 0);
    for (__u64 other = kOthers; other < 2 * kOthers; ++other) keep(other);
  });
  EXPECT_EQ(bpf_->bss->result, 0u);
}

}  // namespace
}  // namespace stayd::test
