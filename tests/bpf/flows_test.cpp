// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstring>

#include "bpf/run.h"
#include "flows_test.skel.h"
#include "stayd/wire.h"

namespace stayd::test {
namespace {

constexpr __u64 kData = 1, kOther = 2;
constexpr __u32 kBit = 7;

class Flows : public BpfTest<flows_test> {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(BpfTest::SetUp());
    bpf_->bss->policy = ++policy_;
    bpf_->bss->slot = ++slot_;
  }

  template <class Map, class Key, class Value>
  static void put(const Map* map, const Key& key, const Value& value) {
    ASSERT_EQ(bpf_map_update_elem(bpf_map__fd(map), &key, &value, BPF_ANY), 0);
  }
  void set(const stayd_policy& policy) { put(bpf_->maps.policies, policy_, policy); }
  void have_read(__u64 labels) { put(bpf_->maps.labels_read, slot_, labels); }
  // Returns the labels of a file that is read for the first time.
  __u64 read_file(__u64 labels) {
    bpf_->bss->labels = labels;
    run_once(bpf_->progs.run_count);
    return bpf_->bss->labels;
  }
  __u32 connect(const __u8 (&address)[16]) {
    std::memcpy(bpf_->bss->address, address, sizeof(address));
    bpf_->bss->port = 443;
    run_once(bpf_->progs.run_address);
    return bpf_->bss->verdict;
  }
  __u32 file(__u32 access) {
    bpf_->bss->access = access;
    run_once(bpf_->progs.run_file);
    return bpf_->bss->verdict;
  }

  // Each test has a policy and a slot of its own, since entries stay in the maps.
  static inline __u32 policy_ = 20;
  static inline __u32 slot_ = 0;
};

TEST_F(Flows, AThresholdIsReachedByTheLastOfSoManyFiles) {
  stayd_policy policy{};
  policy.threshold_count = 1;
  policy.thresholds[0] = {.labels = kData, .files = 3, .bit = kBit};
  set(policy);
  EXPECT_EQ(read_file(kData), kData);
  EXPECT_EQ(read_file(kOther), kOther) << "another label";
  EXPECT_EQ(read_file(kData | kOther), kData | kOther);
  EXPECT_EQ(read_file(kData), kData | 1ULL << kBit);
  EXPECT_EQ(read_file(kData), kData | 1ULL << kBit) << "and by every later one";
}

TEST_F(Flows, ThresholdsAreCountedApartAndPerWorkload) {
  stayd_policy policy{};
  policy.threshold_count = 2;
  policy.thresholds[0] = {.labels = kData, .files = 2, .bit = kBit};
  policy.thresholds[1] = {.labels = kData | kOther, .files = 3, .bit = kBit + 1};
  set(policy);
  EXPECT_EQ(read_file(kData), kData);
  EXPECT_EQ(read_file(kOther), kOther);
  EXPECT_EQ(read_file(kOther), kOther | 1ULL << (kBit + 1));
  bpf_->bss->slot = ++slot_;
  EXPECT_EQ(read_file(kData), kData) << "another workload";
}

TEST_F(Flows, ADestinationIsExemptOfTheFlowsThatItsRuleNames) {
  const __u8 model[16] = {1}, other[16] = {2};
  stayd_policy policy{};
  policy.flow_count = 2;
  policy.flows[0] = {.labels = kData, .verdicts = {}, .rule = 5, .reserved = 0};
  policy.flows[0].verdicts[STAYD_ACCESS_NETWORK] = STAYD_VERDICT_HOLD;
  policy.flows[0].verdicts[STAYD_ACCESS_WRITE] = STAYD_VERDICT_HOLD;
  policy.flows[1] = {.labels = kOther, .verdicts = {}, .rule = 6, .reserved = 0};
  policy.flows[1].verdicts[STAYD_ACCESS_NETWORK] = STAYD_VERDICT_DENY;
  set(policy);
  stayd_prefix_key key{.prefix_bits = 32 + 128, .policy = policy_, .address = {}};
  std::memcpy(key.address, model, sizeof(model));
  stayd_prefix prefix{};
  prefix.count = 1;
  prefix.rules[0] = {443, 443, 0, STAYD_VERDICT_ALLOW, 3, 1, 0};
  put(bpf_->maps.policy_prefixes, key, prefix);

  have_read(0);
  EXPECT_EQ(connect(other), STAYD_VERDICT_ALLOW);
  have_read(kData);
  EXPECT_EQ(connect(other), STAYD_VERDICT_HOLD);
  EXPECT_EQ(bpf_->bss->rule, 5u);
  EXPECT_EQ(connect(model), STAYD_VERDICT_ALLOW);
  EXPECT_EQ(bpf_->bss->rule, 3u);
  EXPECT_EQ(file(STAYD_ACCESS_WRITE), STAYD_VERDICT_HOLD) << "files are never exempt";
  have_read(kData | kOther);
  EXPECT_EQ(connect(model), STAYD_VERDICT_DENY) << "only of the first flow";
}

}  // namespace
}  // namespace stayd::test
