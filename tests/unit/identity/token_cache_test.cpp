// SPDX-License-Identifier: Apache-2.0
#include "identity/token_cache.h"

#include <gtest/gtest.h>

namespace stayd {
namespace {

using namespace std::chrono_literals;

constexpr TokenCache::Time kBegin{1000h};

TEST(TokenCache, RenewsAfterFourFifthsOfALifeOrFiveMinutesBeforeItsEnd) {
  EXPECT_EQ(TokenCache::renewal_after(24h), 1152min);
  EXPECT_EQ(TokenCache::renewal_after(3600s), 2880s);
  EXPECT_EQ(TokenCache::renewal_after(1500s), 1200s);  // where both are the same
  EXPECT_EQ(TokenCache::renewal_after(900s), 600s);
  EXPECT_EQ(TokenCache::renewal_after(400s), 200s);  // half of it at least
  EXPECT_EQ(TokenCache::renewal_after(10s), 5s);
}

TEST(TokenCache, AsksAtOnceAndThenWhenItIsTime) {
  TokenCache cache;
  EXPECT_EQ(cache.token(kBegin), nullptr);
  EXPECT_TRUE(cache.wants_token(kBegin));
  cache.received({"one", 3600s}, kBegin);
  EXPECT_EQ(*cache.token(kBegin), "one");
  EXPECT_FALSE(cache.wants_token(kBegin + 2879s));
  EXPECT_TRUE(cache.wants_token(kBegin + 2880s));
  EXPECT_EQ(*cache.token(kBegin + 3599s), "one");
  EXPECT_EQ(cache.token(kBegin + 3600s), nullptr);
}

TEST(TokenCache, ATokenCountsWhileItsRenewalFails) {
  TokenCache cache;
  cache.received({"one", 3600s}, kBegin);
  cache.failed(Error{"down"}, kBegin + 2880s, 0, 0ms);
  EXPECT_EQ(*cache.token(kBegin + 3000s), "one");
  EXPECT_FALSE(cache.wants_token(kBegin + 2880s + 999ms));
  EXPECT_TRUE(cache.wants_token(kBegin + 2881s));
}

TEST(TokenCache, FailuresAreTriedAgainEverLaterAndNotSoonerThanAsked) {
  TokenCache cache;
  cache.failed(Error{"down"}, kBegin, 0, 0ms);
  EXPECT_EQ(cache.error().message, "down");
  EXPECT_TRUE(cache.wants_token(kBegin + 1s));
  cache.failed(Error{"down"}, kBegin, 0, 0ms);
  EXPECT_FALSE(cache.wants_token(kBegin + 1s));
  for (int i = 0; i < 100; ++i) cache.failed(Error{"down"}, kBegin, 0, 0ms);
  EXPECT_TRUE(cache.wants_token(kBegin + 1min));
  cache.failed(Error{"slow down"}, kBegin, 0, 5min);
  EXPECT_FALSE(cache.wants_token(kBegin + 5min - 1ms));
  EXPECT_TRUE(cache.wants_token(kBegin + 5min));
}

TEST(TokenCache, ARefusedTokenIsDroppedAndAnotherOneAskedForButNotAtOnce) {
  TokenCache cache;
  cache.received({"one", 3600s}, kBegin);
  cache.invalidate("one");
  EXPECT_EQ(cache.token(kBegin + 1s), nullptr);
  EXPECT_FALSE(cache.wants_token(kBegin + 4s));
  EXPECT_TRUE(cache.wants_token(kBegin + 5s));
}

TEST(TokenCache, ALaterTokenIsNotDroppedForAnEarlierOne) {
  TokenCache cache;
  cache.received({"one", 3600s}, kBegin);
  cache.received({"two", 3600s}, kBegin + 2880s);
  cache.invalidate("one");
  EXPECT_EQ(*cache.token(kBegin + 2881s), "two");
  cache.invalidate("");
  EXPECT_EQ(*cache.token(kBegin + 2881s), "two");
}

}  // namespace
}  // namespace stayd
