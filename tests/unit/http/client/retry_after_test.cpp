// SPDX-License-Identifier: Apache-2.0
#include "http/client/retry_after.h"

#include <gtest/gtest.h>

#include "base/rfc3339.h"
#include "http/client/backoff.h"

namespace stayd::http {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr TimePoint kNow = std::chrono::sys_days(std::chrono::November / 6 / 1994) + 8h + 49min;
constexpr milliseconds kDay = 24h;

std::string date(std::string_view text, TimePoint now = kNow) {
  const auto time = parse_http_date(text, now);
  return time ? rfc3339(*time) : "none";
}

TEST(HttpDate, AllThreeFormsAreRead) {
  constexpr const char* kTime = "1994-11-06T08:49:37.000Z";
  EXPECT_EQ(date("Sun, 06 Nov 1994 08:49:37 GMT"), kTime);
  EXPECT_EQ(date("Sunday, 06-Nov-94 08:49:37 GMT"), kTime);
  EXPECT_EQ(date("Sun Nov  6 08:49:37 1994"), kTime);
  EXPECT_EQ(date("Wed Nov 16 08:49:37 1994"), "1994-11-16T08:49:37.000Z");
  EXPECT_EQ(date("Sat, 31 Dec 2016 23:59:60 GMT"), "2017-01-01T00:00:00.000Z");  // a leap second
}

TEST(HttpDate, AYearOfTwoDigitsIsAtMostFiftyYearsAhead) {
  EXPECT_EQ(date("Sunday, 06-Nov-44 00:00:00 GMT"), "1944-11-06T00:00:00.000Z");
  const TimePoint later = std::chrono::sys_days(std::chrono::January / 1 / 2026);
  EXPECT_EQ(date("Sunday, 06-Nov-26 00:00:00 GMT", later), "2026-11-06T00:00:00.000Z");
  EXPECT_EQ(date("Sunday, 06-Nov-76 00:00:00 GMT", later), "2076-11-06T00:00:00.000Z");
  EXPECT_EQ(date("Sunday, 06-Nov-77 00:00:00 GMT", later), "1977-11-06T00:00:00.000Z");
  EXPECT_EQ(date("Sunday, 06-Nov-94 00:00:00 GMT", later), "1994-11-06T00:00:00.000Z");
}

TEST(HttpDate, WhatIsNoDateIsRefused) {
  for (const char* text :
       {"", "Sun", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 GMT ", " Sun, 06 Nov 1994 08:49:37 GMT",
        "sun, 06 nov 1994 08:49:37 gmt", "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:00 GMT",
        "Sun, 06 Nov 1994 08:00:61 GMT", "Sun, 06 Nov -994 08:49:37 GMT",
        "Xyz, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Xyz 1994 08:49:37 GMT", "1994-11-06T08:49:37Z"})
    EXPECT_EQ(date(text), "none") << text;
}

TEST(RetryAfter, SecondsAndDatesAreRead) {
  EXPECT_EQ(parse_retry_after("0", kNow, kDay), 0ms);
  EXPECT_EQ(parse_retry_after("120", kNow, kDay), 120s);
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", kNow, kDay), 37s);
}

TEST(RetryAfter, TheWaitIsNeverNegativeAndNeverLongerThanTheBound) {
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:48:00 GMT", kNow, kDay), 0ms);
  EXPECT_EQ(parse_retry_after("Fri, 31 Dec 9999 23:59:59 GMT", kNow, kDay), kDay);
  EXPECT_EQ(parse_retry_after("86401", kNow, kDay), kDay);
  EXPECT_EQ(parse_retry_after("99999999999999999999999999", kNow, kDay), kDay);
  EXPECT_EQ(parse_retry_after("1", kNow, 1500ms), 1s);
  EXPECT_EQ(parse_retry_after("2", kNow, 1500ms), 1500ms);
}

TEST(RetryAfter, WhatIsNeitherIsNothing) {
  for (const char* text : {"", " ", "-1", "+1", "1.5", "1 ", "0x10", "soon", "1;2", "1,2"})
    EXPECT_EQ(parse_retry_after(text, kNow, kDay), std::nullopt) << text;
}

TEST(Backoff, DoublesUpToItsMost) {
  const Backoff backoff{100ms, 1000ms};
  EXPECT_EQ(backoff.delay(1, 0), 100ms);
  EXPECT_EQ(backoff.delay(2, 0), 200ms);
  EXPECT_EQ(backoff.delay(4, 0), 800ms);
  EXPECT_EQ(backoff.delay(5, 0), 1000ms);
  EXPECT_EQ(backoff.delay(4'000'000'000U, 0), 1000ms);
}

TEST(Backoff, ChanceTakesOffUpToHalf) {
  const Backoff backoff{100ms, 1000ms};
  EXPECT_EQ(backoff.delay(2, 0.5), 150ms);
  EXPECT_EQ(backoff.delay(2, 1), 100ms);
  EXPECT_EQ(backoff.delay(2, 7), 100ms);
}

}  // namespace
}  // namespace stayd::http
