// SPDX-License-Identifier: Apache-2.0
#include "workloads/learning_sessions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "support/operation_builder.h"
#include "unit/policy/learned.h"

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
    return start(kCgroup, std::move(before), limit);
  }
  std::string start(const std::string& cgroup, std::optional<Policy> before,
                    std::chrono::seconds limit) {
    Result<nlohmann::json> started =
        sessions_.start(cgroup, std::move(before), limit, draft_base({}, {}));
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
  Sent sent_;
  LearningSessions sessions_{context_.get_executor(),
                             {.put_under =
                                  [this](const std::string&, const std::optional<Policy>& policy) {
                                    if (!refusal_.empty()) return Result<>(Error{refusal_});
                                    put_under_.push_back(policy);
                                    return Result<>();
                                  },
                              .sent = [this](const std::string&) { return sent_; }}};
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

TEST_F(LearningSession, AUnitThatHasEndedIsStillFoundByItsName) {
  ASSERT_EQ(start("/ai.slice/agent.scope", std::nullopt, 1h), "");
  ASSERT_EQ(start("/ai.slice/other.scope", std::nullopt, 1h), "");
  // Where a unit is taken to be whose cgroup is gone.
  const Result<nlohmann::json> ended = sessions_.end("/system.slice/agent.scope");
  ASSERT_TRUE(ended) << ended.error().message;
  EXPECT_THAT((*ended)["draft"].get<std::string>(), HasSubstr(" of /ai.slice/agent.scope in "));
  EXPECT_THAT(sessions_.end("/system.slice/agent.scope").error().message,
              HasSubstr("is not being learned; add --for 1h to begin. These are: "
                        "/ai.slice/other.scope"));
}

TEST_F(LearningSession, ANameThatTwoSessionsHaveFindsNeither) {
  ASSERT_EQ(start("/a.slice/agent.scope", std::nullopt, 1h), "");
  ASSERT_EQ(start("/b.slice/agent.scope", std::nullopt, 1h), "");
  EXPECT_FALSE(sessions_.end("/system.slice/agent.scope"));
  EXPECT_TRUE(sessions_.end("/b.slice/agent.scope"));
}

TEST_F(LearningSession, WhatIsUnderWayIsListedUntilItsDraftIsTaken) {
  ASSERT_EQ(start(policy("support"), 0s), "");
  observe();
  ASSERT_EQ(sessions_.list().size(), 1u);
  EXPECT_EQ(sessions_.list()[0]["over"], false);
  EXPECT_EQ(sessions_.list()[0]["operations"], 1);
  context_.run();
  EXPECT_EQ(sessions_.list()[0]["over"], true);
  EXPECT_FALSE(sessions_.learns(kCgroup));
  ASSERT_TRUE(sessions_.end(kCgroup));
  EXPECT_TRUE(sessions_.list().empty());
}

TEST_F(LearningSession, WhatWasSentBeforeTheSessionDoesNotCount) {
  Operation operation;
  operation.kind = OperationKind::connect;
  operation.endpoint.port = 443;
  operation.endpoint.protocol = 6;
  operation.endpoint.address[0] = 0x20;
  sent_ = {.bytes = 5 << 20, .to = {{operation.endpoint, {}, 5 << 20}}};
  ASSERT_EQ(start(), "");
  const auto contact = [&] {
    operation.time += 1min;
    sessions_.observe(kCgroup, operation, {"files.example.org"});
  };
  contact();
  sent_.to[0].bytes += 1 << 10;
  contact();
  contact();
  EXPECT_THAT((*sessions_.end(kCgroup))["draft"].get<std::string>(),
              HasSubstr("- \"files.example.org:443/tcp\"\n"));
}

}  // namespace
}  // namespace stayd
