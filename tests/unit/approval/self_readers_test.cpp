// SPDX-License-Identifier: Apache-2.0
#include "approval/self_readers.h"

#include <gtest/gtest.h>

namespace stayd {
namespace {

constexpr WorkloadId kOne{.slot = 1, .generation = 1}, kTwo{.slot = 2, .generation = 1};

TEST(SelfReaders, EachReaderHasItsOwnPlace) {
  SelfReaders readers;
  EXPECT_EQ(readers.read(kOne, "claude/a", 5), std::nullopt);
  EXPECT_EQ(readers.read(kOne, "claude/a", 8), 5u);
  EXPECT_EQ(readers.read(kOne, "claude/b", 9), std::nullopt);
  EXPECT_EQ(readers.read(kTwo, "claude/a", 3), std::nullopt) << "of another workload";
}

TEST(SelfReaders, ThoseWhoAskedLastAreKnown) {
  SelfReaders readers;
  readers.read(kOne, "old", 1);
  readers.read(kOne, "busy", 1);
  for (std::size_t i = 0; i < SelfReaders::kMax; ++i) {
    readers.read(kOne, "r" + std::to_string(i), 2);
    EXPECT_TRUE(readers.read(kOne, "busy", 3));
  }
  EXPECT_EQ(readers.read(kOne, "old", 4), std::nullopt);
}

TEST(SelfReaders, AWorkloadThatEndedTakesItsReadersAlong) {
  SelfReaders readers;
  readers.read(kOne, "a", 7);
  readers.forget(kOne);
  EXPECT_EQ(readers.read(kOne, "a", 1), std::nullopt);
}

}  // namespace
}  // namespace stayd
