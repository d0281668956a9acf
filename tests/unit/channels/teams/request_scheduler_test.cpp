// SPDX-License-Identifier: Apache-2.0
#include "channels/teams/request_scheduler.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <string>
#include <vector>

namespace stayd::teams {
namespace {

using namespace std::chrono_literals;

class RequestSchedulerTest : public testing::Test {
 protected:
  ~RequestSchedulerTest() override {
    scheduler_.stop();
    context_.poll();
  }

  void ask(const std::string& lane) {
    boost::asio::co_spawn(context_, send(lane), boost::asio::detached);
    run();
  }
  void run() {
    context_.restart();
    context_.poll();
  }

  boost::asio::io_context context_;
  RequestScheduler scheduler_{context_.get_executor()};
  std::vector<std::string> sent_;

 private:
  boost::asio::awaitable<void> send(std::string lane) {
    if (co_await scheduler_.wait(lane, Priority::update)) sent_.push_back(lane);
  }
};

TEST_F(RequestSchedulerTest, AnAnswerThatAsksForTimeStopsThoseWhoWaitAlready) {
  ask("throttled");
  for (std::size_t i = 1; i < RequestScheduler::kMaxUnderWay; ++i) ask("busy " + std::to_string(i));
  sent_.clear();
  ask("throttled");
  ask("other");
  ASSERT_TRUE(sent_.empty()) << "as many requests as there may be are under way";

  scheduler_.answered("throttled", 1h);
  run();
  EXPECT_EQ(sent_, std::vector<std::string>{"other"});
  scheduler_.answered("busy 1");
  run();
  EXPECT_EQ(sent_.size(), 1u) << "the throttled lane is spared still";
}

}  // namespace
}  // namespace stayd::teams
