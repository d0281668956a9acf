// SPDX-License-Identifier: Apache-2.0
#include "base/rfc3339.h"

#include <gtest/gtest.h>

namespace stayd {
namespace {

using std::chrono::milliseconds;
using std::chrono::sys_time;

TEST(Rfc3339, IsUtcWithMilliseconds) {
  EXPECT_EQ(rfc3339(sys_time<milliseconds>{}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(rfc3339(sys_time<milliseconds>{milliseconds{1709208307042}}),
            "2024-02-29T12:05:07.042Z");
}

TEST(Rfc3339, WhatWasWrittenCanBeReadAndNothingElse) {
  for (const std::int64_t ms : {0LL, 1709208307042LL, -1LL, 253402300799999LL}) {
    const sys_time<milliseconds> time{milliseconds{ms}};
    EXPECT_EQ(parse_rfc3339(rfc3339(time)), time);
  }
  for (const char* wrong : {"", "2024-02-29", "2024-02-29T12:05:07Z", "2024-02-30T12:05:07.042Z",
                            "2024-02-29T24:05:07.042Z", "2024-02-29T12:05:07.042+00:00",
                            "2024-02-29T12:05:07.042Z ", "2024-02-29T-1:05:07.042Z"})
    EXPECT_FALSE(parse_rfc3339(wrong)) << wrong;
}

TEST(Rfc3339, TimesBeforeTheEpochAreStillTimes) {
  EXPECT_EQ(rfc3339(sys_time<milliseconds>{milliseconds{-1}}), "1969-12-31T23:59:59.999Z");
}

}  // namespace
}  // namespace stayd
