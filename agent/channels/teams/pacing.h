// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

namespace stayd::teams {

// Decides when the next request may go to a conversation, so that Teams never sees more of them
// than it documents: 7 in any second, 8 in two, 60 in 30 and 1800 in an hour for each conversation,
// and 30 in a second for all. A request may arrive at any moment from when it is sent until its
// answer is there, so it counts from the one until a window after the other: however long it was
// under way, the other side never sees too many. Pure: time is an argument.
//
// Bounded by kMaxConversations; of those beyond, the ones that are idle are forgotten.
class Pacing {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::size_t kMaxConversations = 10'000;

  // Returns when one more may go: `now`, or later; nothing: once a request has been answered.
  std::optional<Time> ready_at(const std::string& conversation, Time now);

  // A request is sent, and, later, answered or given up.
  void sent(const std::string& conversation);
  void answered(const std::string& conversation, Time now);
  // It was not sent after all.
  void unsent(const std::string& conversation);

  // Teams asks to be left alone until then (Retry-After).
  void hold(const std::string& conversation, Time until);

 private:
  struct Limit {
    std::size_t most;
    std::chrono::seconds window;
  };
  struct Lane {
    std::size_t under_way = 0;
    std::deque<Time> answered;  // oldest first, those of the longest window
    Time held_until{};
  };

  template <std::size_t size>
  static std::optional<Time> ready(Lane& lane, const Limit (&limits)[size], Time now);
  void forget_idle(Time now);

  static constexpr Limit kEach[] = {{7, std::chrono::seconds(1)},
                                    {8, std::chrono::seconds(2)},
                                    {60, std::chrono::seconds(30)},
                                    {1800, std::chrono::seconds(3600)}};
  static constexpr Limit kAll[] = {{30, std::chrono::seconds(1)}};

  std::map<std::string, Lane> lanes_;
  Lane all_;
};

}  // namespace stayd::teams
