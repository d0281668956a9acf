// SPDX-License-Identifier: Apache-2.0
#include "channels/teams/pacing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <vector>

namespace stayd::teams {
namespace {

using namespace std::chrono_literals;
using Time = Pacing::Time;

// What the other side sees: requests arrive some time after they are sent, and answers later.
class Simulation {
 public:
  std::vector<Time> run(std::size_t requests, const std::vector<std::string>& lanes, int delay_ms) {
    std::vector<Time> arrivals;
    std::multimap<Time, std::string> answers;
    Time now{1h};
    std::size_t sent = 0;
    while (sent < requests || !answers.empty()) {
      Time next = now + 1h;
      if (sent < requests) {
        const std::string& lane = lanes[sent % lanes.size()];
        const auto ready = pacing_.ready_at(lane, now);
        if (ready && *ready <= now) {
          pacing_.sent(lane);
          const auto there = std::chrono::milliseconds(random_() % (delay_ms + 1));
          const auto back = std::chrono::milliseconds(random_() % (delay_ms + 1));
          arrivals.push_back(now + there);
          by_lane_[lane].push_back(now + there);
          answers.emplace(now + there + back, lane);
          ++sent;
          continue;
        }
        if (ready) next = std::min(next, *ready);
      }
      if (!answers.empty()) next = std::min(next, answers.begin()->first);
      now = std::max(now, next);
      while (!answers.empty() && answers.begin()->first <= now) {
        pacing_.answered(answers.begin()->second, now);
        answers.erase(answers.begin());
      }
    }
    std::ranges::sort(arrivals);
    return arrivals;
  }
  std::vector<Time> of(const std::string& lane) {
    std::ranges::sort(by_lane_[lane]);
    return by_lane_[lane];
  }

 private:
  Pacing pacing_;
  std::minstd_rand random_{7};
  std::map<std::string, std::vector<Time>> by_lane_;
};

std::size_t most_within(const std::vector<Time>& times, std::chrono::milliseconds window) {
  std::size_t most = 0;
  for (std::size_t begin = 0, end = 0; end < times.size(); ++end) {
    while (times[end] - times[begin] >= window) ++begin;
    most = std::max(most, end - begin + 1);
  }
  return most;
}

TEST(TeamsPacing, TheOtherSideNeverSeesMoreThanIsDocumented) {
  for (const int delay : {0, 30, 700, 5000}) {
    Simulation simulation;
    const std::vector<Time> times = simulation.run(2500, {"one"}, delay);
    EXPECT_LE(most_within(times, 1s), 7u) << delay;
    EXPECT_LE(most_within(times, 2s), 8u) << delay;
    EXPECT_LE(most_within(times, 30s), 60u) << delay;
    EXPECT_LE(most_within(times, 3600s), 1800u) << delay;
  }
}

TEST(TeamsPacing, AllConversationsTogetherHaveALimit) {
  Simulation simulation;
  std::vector<std::string> lanes;
  for (int i = 0; i < 40; ++i) lanes.push_back(std::to_string(i));
  const std::vector<Time> times = simulation.run(2000, lanes, 300);
  EXPECT_LE(most_within(times, 1s), 30u);
  EXPECT_GE(most_within(times, 1s), 20u);  // and it is made use of
  for (const std::string& lane : lanes) EXPECT_LE(most_within(simulation.of(lane), 1s), 7u);
}

TEST(TeamsPacing, TwoHundredCardsTakeAsLongAsTheyMust) {
  Simulation simulation;
  const std::vector<Time> times = simulation.run(200, {"one"}, 50);
  EXPECT_GE(times.back() - times.front(), 90s);
  EXPECT_LE(times.back() - times.front(), 110s);
}

TEST(TeamsPacing, ARequestThatIsUnderWayCounts) {
  Pacing pacing;
  const Time now{1h};
  for (int i = 0; i < 7; ++i) {
    EXPECT_EQ(pacing.ready_at("a", now), now);
    pacing.sent("a");
  }
  EXPECT_EQ(pacing.ready_at("a", now + 1h), std::nullopt);  // it may arrive at any time
  EXPECT_EQ(pacing.ready_at("b", now), now);
  pacing.unsent("a");
  EXPECT_EQ(pacing.ready_at("a", now), now);
}

TEST(TeamsPacing, ItWaitsWhenItIsAskedTo) {
  Pacing pacing;
  const Time now{1h};
  pacing.hold("a", now + 10s);
  EXPECT_EQ(pacing.ready_at("a", now), now + 10s);
  EXPECT_EQ(pacing.ready_at("b", now), now);
}

}  // namespace
}  // namespace stayd::teams
