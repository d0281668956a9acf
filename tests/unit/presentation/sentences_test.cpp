// SPDX-License-Identifier: Apache-2.0
#include "presentation/sentences.h"

#include <gtest/gtest.h>

#include <limits>

namespace stayd {
namespace {

using std::chrono::milliseconds;

TEST(Sentences, DurationsAreShort) {
  EXPECT_EQ(duration_text(milliseconds(-5)).str(), "0s");
  EXPECT_EQ(duration_text(milliseconds(45'999)).str(), "45s");
  EXPECT_EQ(duration_text(milliseconds(123'000)).str(), "2m03s");
  EXPECT_EQ(duration_text(milliseconds(3'720'000)).str(), "1h02m");
  EXPECT_EQ(duration_text(std::chrono::hours(100)).str(), "4d04h");
  EXPECT_FALSE(duration_text(milliseconds(std::numeric_limits<std::int64_t>::max())).empty());
  EXPECT_EQ(duration_text(std::chrono::seconds(40)).str(), "40s");
  EXPECT_EQ(duration_text(std::chrono::minutes(2)).str(), "2m00s");
  EXPECT_EQ(duration_text(std::chrono::minutes(65)).str(), "1h05m");
  EXPECT_EQ(duration_text(std::chrono::hours(1)).str(), "1h00m");
}

TEST(Sentences, CountsHaveTheirPlural) {
  EXPECT_EQ(count_text(1, "thread").str(), "1 thread");
  EXPECT_EQ(count_text(2000, "thread").str(), "2000 threads");
}

TEST(Sentences, TimesAreUtcToTheSecond) {
  EXPECT_EQ(utc_text(TimePoint(milliseconds(1'700'000'000'123))).str(), "2023-11-14 22:13:20 UTC");
}

TEST(Sentences, ListsSayWhatTheyLeaveOut) {
  const std::vector<Escaped> three = {escape(Untrusted("a")), escape(Untrusted("b c")),
                                      escape(Untrusted("d"))};
  EXPECT_EQ(list_text(three, 3).str(), "a, b c, d");
  EXPECT_EQ(list_text(three, 2).str(), "a, b c, and 1 more");
  EXPECT_EQ(command_line(three, 3).str(), "a \"b c\" d");
  EXPECT_EQ(command_line(three, 1).str(), "a [2 arguments left out]");
  EXPECT_TRUE(list_text({}, 3).empty());
}

TEST(Sentences, AnApprovalSaysWhatElseItAllows) {
  DecisionFacts decision;
  const TicketFacts ticket;
  EXPECT_TRUE(repeats_text(ticket, decision).empty());
  decision.scope = Scope::process;
  EXPECT_EQ(repeats_text(ticket, decision).str(), "repeats by this process until it ends");
  decision.scope = Scope::workload;
  decision.grant_for_s = 3600;
  decision.uses = 1;
  EXPECT_EQ(repeats_text(ticket, decision).str(),
            "repeats by this workload for 1h00m, at most 1 time");
}

}  // namespace
}  // namespace stayd
