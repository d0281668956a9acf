// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "policy/learn.h"
#include "workloads/workloads.h"

namespace stayd {

// Workloads that are being learned: put under a policy that records everything and holds
// nothing, for a while, and then back under what they were under. On the desk's thread.
class LearningSessions {
 public:
  // Puts the cgroup under the policy; nothing: under none.
  using PutUnder =
      std::function<Result<>(const std::string& cgroup, const std::optional<Policy>& policy)>;

  LearningSessions(boost::asio::any_io_executor executor, PutUnder put_under)
      : executor_(std::move(executor)), put_under_(std::move(put_under)) {}

  // `before`: what it is under now, if anything.
  Result<nlohmann::json> start(const std::string& cgroup, std::optional<Policy> before,
                               std::chrono::seconds limit);
  // {"draft", "operations"}; what has been learned is kept until somebody takes it so.
  Result<nlohmann::json> end(const std::string& cgroup);
  void observe(const std::string& cgroup, const Operation& operation,
               const std::vector<std::string>& host_names);

 private:
  struct LearningSession {
    Learner learner;
    std::vector<Address> resolvers;
    std::optional<Policy> before;
    std::chrono::steady_clock::time_point begun;
    boost::asio::steady_timer limit;
    bool over = false;
  };

  void stop(const std::string& cgroup, LearningSession& session);

  boost::asio::any_io_executor executor_;
  PutUnder put_under_;
  std::map<std::string, LearningSession> learning_;  // by cgroup
};

}  // namespace stayd
