// SPDX-License-Identifier: Apache-2.0
#include "identity/key_cache.h"

#include <gtest/gtest.h>

namespace stayd {
namespace {

using namespace std::chrono_literals;

constexpr KeyCache::Time kBegin{1000h};

TEST(KeyCache, BeginsWithoutKeysAndWantsThemAtOnce) {
  KeyCache cache;
  EXPECT_EQ(cache.keys(kBegin), nullptr);
  EXPECT_LE(cache.due(), kBegin);
  EXPECT_TRUE(cache.look_for_any(kBegin));
}

TEST(KeyCache, WantsFreshKeysAfterSixHours) {
  KeyCache cache;
  cache.fetched({}, kBegin);
  EXPECT_NE(cache.keys(kBegin), nullptr);
  EXPECT_EQ(cache.due(), kBegin + 6h);
  EXPECT_FALSE(cache.look_for_any(kBegin));
}

TEST(KeyCache, LooksForUnknownKeysAtMostOnceInFiveMinutes) {
  KeyCache cache;
  cache.fetched({}, kBegin);
  EXPECT_TRUE(cache.look_for_unknown(kBegin + 1s));
  EXPECT_FALSE(cache.look_for_unknown(kBegin + 2s));
  EXPECT_FALSE(cache.look_for_unknown(kBegin + 1s + 5min - 1ms));
  EXPECT_TRUE(cache.look_for_unknown(kBegin + 1s + 5min));
  EXPECT_FALSE(cache.look_for_unknown(kBegin + 1s + 5min));
}

TEST(KeyCache, FetchingDoesNotMakeALookPossibleSooner) {
  KeyCache cache;
  cache.fetched({}, kBegin);
  EXPECT_TRUE(cache.look_for_unknown(kBegin + 1s));
  cache.fetched({}, kBegin + 2s);
  EXPECT_FALSE(cache.look_for_unknown(kBegin + 3s));
}

TEST(KeyCache, OldKeysCountForTwoDaysAndThenNoMore) {
  KeyCache cache;
  cache.fetched({}, kBegin);
  for (KeyCache::Time now = kBegin + 6h; now < kBegin + 48h; now = cache.due()) {
    EXPECT_NE(cache.keys(now), nullptr);
    cache.failed(now, 0);
  }
  EXPECT_NE(cache.keys(kBegin + 48h - 1ms), nullptr);
  EXPECT_EQ(cache.keys(kBegin + 48h), nullptr);
}

TEST(KeyCache, FailuresAreTriedAgainEverLater) {
  KeyCache cache;
  cache.failed(kBegin, 0);
  EXPECT_EQ(cache.due(), kBegin + 2s);
  EXPECT_FALSE(cache.look_for_any(kBegin + 1s));
  EXPECT_TRUE(cache.look_for_any(kBegin + 2s));
  cache.failed(kBegin + 2s, 0);
  EXPECT_EQ(cache.due(), kBegin + 6s);
  for (int i = 0; i < 100; ++i) cache.failed(kBegin, 0);
  EXPECT_EQ(cache.due(), kBegin + 10min);
  cache.fetched({}, kBegin);
  cache.failed(kBegin, 0);
  EXPECT_EQ(cache.due(), kBegin + 2s);
}

TEST(KeyCache, DoesNotLookForUnknownKeysRightAfterAFailure) {
  KeyCache cache;
  cache.fetched({}, kBegin);
  cache.failed(kBegin + 6h, 0);
  EXPECT_FALSE(cache.look_for_unknown(kBegin + 6h + 1s));
  EXPECT_TRUE(cache.look_for_unknown(kBegin + 6h + 2s));
}

}  // namespace
}  // namespace stayd
