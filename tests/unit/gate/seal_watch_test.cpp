// SPDX-License-Identifier: Apache-2.0
#include "gate/seal_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stayd::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

stayd_sealed seal_of(HoldId hold) { return {.hold_id = hold, .extended = 0}; }

TEST(SealWatch, AConnectionWithASealGoesOn) {
  SealWatch watch;
  for (int i = 0; i < 3; ++i) {
    const SealWatch::Found found = watch.look({1}, {seal_of(1)});
    EXPECT_THAT(found.ended, IsEmpty());
    EXPECT_TRUE(found.anything);
  }
}

TEST(SealWatch, OneWithoutASealAtTwoLooksInARowHasEnded) {
  SealWatch watch;
  EXPECT_THAT(watch.look({1, 2}, {seal_of(2)}).ended, IsEmpty());
  EXPECT_THAT(watch.look({1, 2}, {seal_of(2)}).ended, ElementsAre(1));
  EXPECT_THAT(watch.look({2}, {seal_of(2)}).ended, IsEmpty());
}

TEST(SealWatch, OneThatGetsItsSealAfterTheFirstLookGoesOn) {
  SealWatch watch;
  EXPECT_THAT(watch.look({1}, {}).ended, IsEmpty());
  EXPECT_THAT(watch.look({1}, {seal_of(1)}).ended, IsEmpty());
  EXPECT_THAT(watch.look({1}, {}).ended, IsEmpty()) << "it begins anew";
}

TEST(SealWatch, ThereIsNothingToLookForOnceAllSealsAreOpenOrShut) {
  SealWatch watch;
  EXPECT_FALSE(watch.look({}, {}).anything);
  EXPECT_FALSE(watch.look({}, {seal_of(0)}).anything);
  EXPECT_TRUE(watch.look({}, {seal_of(7)}).anything);
  EXPECT_TRUE(watch.look({}, {{.hold_id = 0, .extended = 1}}).anything)
      << "its number of attempts is to be put back";
}

}  // namespace
}  // namespace stayd::test
