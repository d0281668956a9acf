// SPDX-License-Identifier: Apache-2.0
#include "workloads/learning_sessions.h"

#include <utility>

#include "base/escape.h"
#include "base/log.h"
#include "policy/draft.h"
#include "policy/values.h"
#include "workloads/host_resolvers.h"

namespace stayd {
Result<nlohmann::json> LearningSessions::start(const std::string& cgroup,
                                               std::optional<Policy> before,
                                               std::chrono::seconds limit) {
  if (learning_.contains(cgroup))
    return Error{cgroup + " is being learned already; 'stayctl learn " + cgroup +
                 "' without --for ends that and prints the draft"};
  const std::vector<Address> resolvers = host_resolvers();
  if (Result<> put = put_under_(cgroup, learning_policy(resolvers)); !put) return put.error();
  auto [entry, is_new] =
      learning_.try_emplace(cgroup, LearningSession{{},
                                                    resolvers,
                                                    std::move(before),
                                                    std::chrono::steady_clock::now(),
                                                    boost::asio::steady_timer(executor_, limit)});
  entry->second.limit.async_wait([this, cgroup](const boost::system::error_code& error) {
    if (auto session = learning_.find(cgroup); !error && session != learning_.end())
      stop(cgroup, session->second);
  });
  return {boost::system::in_place_value, nlohmann::json{{"cgroup", escape(cgroup)}}};
}

void LearningSessions::stop(const std::string& cgroup, LearningSession& session) {
  if (std::exchange(session.over, true)) return;
  if (Result<> back = put_under_(cgroup, session.before); !back)
    log_error("end of learning: {}", escape(back.error().message));
}

Result<nlohmann::json> LearningSessions::end(const std::string& cgroup) {
  const auto session = learning_.find(cgroup);
  if (session == learning_.end())
    return Error{cgroup + " is not being learned; add --for 1h to begin"};
  stop(session->first, session->second);
  const auto period = std::chrono::duration_cast<std::chrono::seconds>(
      std::chrono::steady_clock::now() - session->second.begun);
  const Observations& seen = session->second.learner.seen();
  nlohmann::json reply = {
      {"operations", seen.operations},
      {"draft", draft(seen, {cgroup, to_text(period), session->second.resolvers})}};
  learning_.erase(session);
  return {boost::system::in_place_value, std::move(reply)};
}

void LearningSessions::observe(const std::string& cgroup, const Operation& operation,
                               const std::vector<std::string>& host_names) {
  if (auto session = learning_.find(cgroup); session != learning_.end() && !session->second.over)
    session->second.learner.observe(operation, host_names);
}

}  // namespace stayd
