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

TEST(Rfc3339, TimesBeforeTheEpochAreStillTimes) {
  EXPECT_EQ(rfc3339(sys_time<milliseconds>{milliseconds{-1}}), "1969-12-31T23:59:59.999Z");
}

}  // namespace
}  // namespace stayd
