// SPDX-License-Identifier: Apache-2.0
#include "workloads/learning_sessions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "support/operation_builder.h"

namespace stayd {
namespace {

using namespace std::chrono_literals;
using namespace test;
using testing::HasSubstr;

constexpr const char* kCgroup = "/ai.slice/support";

class LearningSession : public ::testing::Test {
 protected:
  static Policy policy(const char* name) {
    Policy policy;
    policy.name = name;
    return policy;
  }
  std::string start(std::optional<Policy> before = std::nullopt, std::chrono::seconds limit = 1h) {
    Result<nlohmann::json> started = sessions_.start(kCgroup, std::move(before), limit);
    return started ? "" : started.error().message;
  }
  void observe() {
    Operation operation = an_operation(0);
    operation.disposition = Disposition::audited;
    sessions_.observe(kCgroup, operation, {});
  }

  boost::asio::io_context context_;
  std::vector<std::optional<Policy>> put_under_;
  std::string refusal_;
  LearningSessions sessions_{context_.get_executor(),
                             [this](const std::string&, const std::optional<Policy>& policy) {
                               if (!refusal_.empty()) return Result<>(Error{refusal_});
                               put_under_.push_back(policy);
                               return Result<>();
                             }};
};

TEST_F(LearningSession, PutsTheWorkloadUnderAPolicyThatHoldsNothingAndThenBack) {
  ASSERT_EQ(start(policy("support")), "");
  ASSERT_EQ(put_under_.size(), 1u);
  EXPECT_TRUE(put_under_[0]->report_once);
  const Result<nlohmann::json> ended = sessions_.end(kCgroup);
  ASSERT_TRUE(ended) << ended.error().message;
  ASSERT_EQ(put_under_.size(), 2u);
  EXPECT_EQ(put_under_[1]->name, "support");
}

TEST_F(LearningSession, ADraftIsMadeOfWhatWasSeenUntilItsEnd) {
  ASSERT_EQ(start(), "");
  observe();
  observe();
  const Result<nlohmann::json> ended = sessions_.end(kCgroup);
  ASSERT_TRUE(ended) << ended.error().message;
  EXPECT_EQ((*ended)["operations"], 2);
  EXPECT_THAT((*ended)["draft"].get<std::string>(), HasSubstr("/srv/customers"));
  EXPECT_FALSE(put_under_.at(1)) << "it was under no policy before";
}

TEST_F(LearningSession, EndsByItselfAtItsLimitAndKeepsWhatItLearned) {
  ASSERT_EQ(start(policy("support"), 0s), "");
  observe();
  context_.run();
  EXPECT_EQ(put_under_.size(), 2u);
  observe();
  const Result<nlohmann::json> ended = sessions_.end(kCgroup);
  ASSERT_TRUE(ended) << ended.error().message;
  EXPECT_EQ((*ended)["operations"], 1);
  EXPECT_EQ(put_under_.size(), 2u) << "it was put back twice";
}

TEST_F(LearningSession, OneThatRunsCannotBeStartedAndOneThatDoesNotCannotBeEnded) {
  ASSERT_EQ(start(), "");
  EXPECT_THAT(start(), HasSubstr("is being learned already"));
  ASSERT_TRUE(sessions_.end(kCgroup));
  EXPECT_FALSE(sessions_.end(kCgroup));
}

TEST_F(LearningSession, AWorkloadThatCannotBePutUnderItIsNotLearned) {
  refusal_ = "there are 256 workloads already";
  EXPECT_EQ(start(), refusal_);
  EXPECT_FALSE(sessions_.end(kCgroup));
}

}  // namespace
}  // namespace stayd
