// SPDX-License-Identifier: Apache-2.0
// `stayctl why` against a real self.sock.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "base/rfc3339.h"
#include "base/time.h"
#include "ctl/commands.h"
#include "unit/api/running_self.h"
#include "unit/ctl/self_events.h"

namespace stayd {
namespace {

using namespace std::chrono_literals;
using namespace test;
using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

class InAWorkload : public ::testing::Test {
 protected:
  int run(std::vector<std::string> words, const std::string& input = "") {
    out_.str("");
    err_.str("");
    std::istringstream in(input);
    words.insert(words.begin(), "--socket=" + self_.path());
    Console console{out_, err_};
    console.input = &in;
    return run_stayctl(words, console);
  }
  json at(json event, std::chrono::milliseconds ago) {
    event["time"] = rfc3339(wall_clock() - ago);
    return event;
  }
  void hold(const json& hold) {
    self_.on_desk([&](OneWorkload& knowledge, Server&) { knowledge.held.push_back(hold); });
  }

  RunningSelf self_;
  std::ostringstream out_, err_;
};

TEST_F(InAWorkload, WhySaysWhatWasDeniedAndWhatWaits) {
  self_.tell(a_denial());
  self_.tell(a_hold(6));
  hold(a_hold(7));
  EXPECT_EQ(run({"why"}), kExitOk) << err_.str();
  EXPECT_THAT(out_.str(), StartsWith("stayd: denied: exec git push --force"));
  EXPECT_THAT(out_.str(), HasSubstr("\nstayd: held: connect 192.0.2.7:443/tcp"));
  EXPECT_EQ(std::ranges::count(out_.str(), '\n'), 4) << "ticket 6 does not wait any more";
}

TEST_F(InAWorkload, WhyHasNothingToSayIsExitCode1) {
  EXPECT_EQ(run({"why"}), kExitFailure);
  EXPECT_EQ(out_.str(), "stayd: nothing was denied, and nothing waits\n");
  EXPECT_EQ(run({"why", "--json"}), kExitFailure);
  EXPECT_EQ(json::parse(out_.str()), (json{{"complete", true}, {"events", json::array()}}));
}

TEST_F(InAWorkload, WhyShowsTheLatestAsManyAsAreWanted) {
  for (int i = 0; i < 15; ++i) self_.tell(an_end("denied", "expired", "now", i + 1));
  EXPECT_EQ(run({"why", "--last", "1"}), kExitOk);
  EXPECT_THAT(out_.str(), HasSubstr("ticket 15"));
  EXPECT_EQ(std::ranges::count(out_.str(), '\n'), 2);
  EXPECT_EQ(run({"why"}), kExitOk);
  EXPECT_EQ(std::ranges::count(out_.str(), '\n'), 20);
  EXPECT_EQ(run({"why", "--last", "0"}), kExitUsage);
}

TEST_F(InAWorkload, WhyShowsOnlyWhatHappenedSince) {
  self_.tell(at(a_denial(), 2h));
  EXPECT_EQ(run({"why", "--since", "1h"}), kExitFailure);
  self_.tell(at(an_end("denied", "expired", "now"), 2min));
  EXPECT_EQ(run({"why", "--since", "1h"}), kExitOk);
  EXPECT_EQ(std::ranges::count(out_.str(), '\n'), 2);
  hold(at(a_hold(9), 3h));
  EXPECT_EQ(run({"why", "--since", "1h"}), kExitOk);
  EXPECT_THAT(out_.str(), HasSubstr("stayd: held: ")) << "it waits now";
}

TEST_F(InAWorkload, WhyInJsonGivesTheEventsAsTheyAre) {
  self_.tell(a_denial());
  EXPECT_EQ(run({"--json", "why"}), kExitOk);
  const json told = json::parse(out_.str());
  ASSERT_EQ(told["events"].size(), 1u);
  EXPECT_EQ(told["events"][0]["retry"], "never");
  EXPECT_EQ(told["events"][0]["rule"]["line"], 12);
}

TEST_F(InAWorkload, WhyOutsideOfAWorkloadIsExitCode3) {
  self_.on_desk([](OneWorkload& knowledge, Server&) { knowledge.live.reset(); });
  EXPECT_EQ(run({"why"}), kExitUntold);
  EXPECT_THAT(err_.str(), HasSubstr("in no workload"));
  self_.stop();
  EXPECT_EQ(run({"why"}), kExitUntold);
  EXPECT_EQ(out_.str(), "");
}

}  // namespace
}  // namespace stayd
