// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "context/evidence.h"
#include "policy/learn.h"
#include "workloads/workloads.h"

namespace stayd {

// Workloads that are being learned: put under a policy that records everything and holds
// nothing, for a while, and then back under what they were under. On the desk's thread.
class LearningSessions {
 public:
  struct Callbacks {
    // Puts the cgroup under the policy; nothing: under none.
    std::function<Result<>(const std::string& cgroup, const std::optional<Policy>& policy)>
        put_under;
    // What the workload in the cgroup has sent since it was assigned.
    std::function<Sent(const std::string& cgroup)> sent = [](const std::string&) { return Sent{}; };
  };

  LearningSessions(boost::asio::any_io_executor executor, Callbacks callbacks)
      : executor_(std::move(executor)), callbacks_(std::move(callbacks)) {}

  // `before`: what it is under now, if anything. `base`: what the draft builds on. Returns
  // {"cgroup", "session"}, the number of the session.
  Result<nlohmann::json> start(const std::string& cgroup, std::optional<Policy> before,
                               std::chrono::seconds limit, std::shared_ptr<const DraftBase> base);
  // {"draft", "operations", "covered", "allowing", "questions"}; what has been learned is kept
  // until somebody takes it so. A cgroup that is gone is also found by its last name, if that is
  // clear.
  Result<nlohmann::json> end(const std::string& cgroup);
  // [{"session", "cgroup", "operations", "over"}]
  nlohmann::json list() const;
  // True if there is a session of the cgroup, over or not; its draft has not been taken.
  bool is_known(const std::string& cgroup) const { return learning_.contains(cgroup); }
  bool learns(const std::string& cgroup) const;
  void observe(const std::string& cgroup, const Operation& operation,
               const std::vector<std::string>& host_names);

 private:
  struct LearningSession {
    std::uint64_t number = 0;
    Learner learner;
    Sent sent_before;
    std::optional<Policy> before;
    std::chrono::steady_clock::time_point begun;
    boost::asio::steady_timer limit;
    bool over = false;
  };
  using Entries = std::map<std::string, LearningSession>;  // by cgroup

  Entries::iterator find(const std::string& cgroup);
  Learner::SentTo sent_to(const std::string& cgroup, const Sent& before) const;
  void stop(const std::string& cgroup, LearningSession& session);

  boost::asio::any_io_executor executor_;
  const Callbacks callbacks_;
  Entries learning_;
  std::uint64_t begun_ = 0;
};

}  // namespace stayd
