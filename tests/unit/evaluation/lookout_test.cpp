// SPDX-License-Identifier: Apache-2.0
#include "evaluation/lookout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <optional>

#include "support/operation_builder.h"

namespace stayd {
namespace {

using namespace test;
using testing::HasSubstr;

// Runs what is posted when it is told to.
class Queue {
 public:
  void post(std::function<void()> task) {
    std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    wake_.notify_one();
  }
  void run_one() {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(wake_.wait_for(lock, std::chrono::seconds(30), [&] { return !tasks_.empty(); }));
    const std::function<void()> task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;
};

class Lookouts : public ::testing::Test {
 protected:
  Lookout::Done note(std::optional<std::string>& said) {
    return [&said](const Result<FoundFor>& found) {
      said = found ? found->path_in_fs : found.error().message;
    };
  }
  static Result<FoundFor> found(const std::string& path) {
    FoundFor result;
    result.path_in_fs = path;
    return {boost::system::in_place_value, std::move(result)};
  }

  Queue queue_;
  std::optional<Lookout> lookout_{[this](std::function<void()> task) { queue_.post(task); }};
  std::optional<std::string> first_, second_, third_;
};

TEST_F(Lookouts, WhatIsFoundComesBackOnTheThreadThatAsked) {
  lookout_->look(
      kWorkload, [] { return found("/a"); }, note(first_));
  EXPECT_FALSE(first_);
  queue_.run_one();
  EXPECT_EQ(first_, "/a");
}

TEST_F(Lookouts, AWorkloadWhoseFileSystemNeverAnswersHoldsUpNobodyElse) {
  auto never = std::make_shared<std::promise<void>>();
  lookout_->look(
      kWorkload,
      [never] {
        never->get_future().wait();
        return found("/slow");
      },
      note(first_));
  lookout_->look(
      kWorkload, [] { return found("/a"); }, note(second_));
  ASSERT_TRUE(second_) << "refused at once";
  EXPECT_THAT(*second_, HasSubstr("an earlier request"));
  lookout_->look(
      {.slot = 9, .generation = 9}, [] { return found("/b"); }, note(third_));
  queue_.run_one();
  EXPECT_EQ(third_, "/b");
  never->set_value();
  queue_.run_one();
  EXPECT_EQ(first_, "/slow");
  lookout_->look(
      kWorkload, [] { return found("/a"); }, note(second_));
  queue_.run_one();
  EXPECT_EQ(second_, "/a") << "it may ask again";
}

TEST_F(Lookouts, WhatIsFoundTooLateIsNobodys) {
  auto later = std::make_shared<std::promise<void>>();
  auto done = std::make_shared<std::promise<void>>();
  std::future<void> ended = done->get_future();
  // Goes with the last copy of the function, which the thread owns.
  std::shared_ptr<void> gone(nullptr, [done](void*) { done->set_value(); });
  lookout_->look(
      kWorkload,
      [later, gone] {
        later->get_future().wait();
        return found("/late");
      },
      note(first_));
  lookout_.reset();
  gone.reset();
  later->set_value();
  EXPECT_EQ(ended.wait_for(std::chrono::seconds(30)), std::future_status::ready);
  EXPECT_FALSE(first_);
}

}  // namespace
}  // namespace stayd
