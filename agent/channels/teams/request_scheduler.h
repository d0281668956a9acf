// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "channels/teams/pacing.h"

namespace stayd::teams {

// The order of requests: a new card goes first, because somebody waits for it.
enum class Priority : std::uint8_t { new_card, update, text };

// Lets requests to Teams pass as Pacing allows, by priority and then in the order in which they
// came; a lane that has to wait does not keep others waiting. One thread.
class RequestScheduler {
 public:
  static constexpr std::size_t kMaxUnderWay = 8;

  explicit RequestScheduler(boost::asio::any_io_executor executor)
      : executor_(executor), timer_(executor) {}

  // Ends once the request may be sent; answered() has to follow. False: stopped.
  boost::asio::awaitable<bool> wait(std::string lane, Priority priority);
  // `retry_after`: nobody may send in this lane until then, those who wait already included.
  void answered(const std::string& lane, std::chrono::milliseconds retry_after = {});
  // Instead of answered(): nothing was sent.
  void unused(const std::string& lane);

  // Ends all waiting.
  void stop();

 private:
  struct Waiting {
    const std::string& lane;
    boost::asio::steady_timer& timer;
    bool passed = false;
  };

  void serve();

  boost::asio::any_io_executor executor_;
  boost::asio::steady_timer timer_;
  Pacing pacing_;
  std::size_t under_way_ = 0;
  std::uint64_t last_ = 0;
  std::map<std::pair<Priority, std::uint64_t>, Waiting*> waiting_;
  bool stopped_ = false;
};

}  // namespace stayd::teams
