// SPDX-License-Identifier: Apache-2.0
#include "workloads/learning_sessions.h"

#include <algorithm>
#include <utility>

#include "base/escape.h"
#include "base/log.h"
#include "policy/draft.h"
#include "policy/values.h"

namespace stayd {
namespace {

std::string_view last_of(std::string_view cgroup) { return cgroup.substr(cgroup.rfind('/') + 1); }

std::uint64_t bytes_to(const Sent& sent, const Endpoint& to) {
  std::uint64_t bytes = 0;
  for (const SentTo& each : sent.to)
    if (each.endpoint.address == to.address && each.endpoint.port == to.port &&
        each.endpoint.protocol == to.protocol)
      bytes += each.bytes;
  return bytes;
}

// Of all but the destinations that are counted apart.
std::uint64_t bytes_elsewhere(const Sent& sent) {
  std::uint64_t bytes = sent.bytes;
  for (const SentTo& each : sent.to) bytes -= std::min(bytes, each.bytes);
  return bytes;
}

std::uint64_t difference(std::uint64_t now, std::uint64_t before) {
  return now - std::min(now, before);
}

}  // namespace

// What is not counted apart may have gone to any of the others.
Learner::SentTo LearningSessions::sent_to(const std::string& cgroup, const Sent& before) const {
  return [this, cgroup, &before, read = std::optional<Sent>()](const Endpoint& to) mutable {
    if (!read) read = callbacks_.sent(cgroup);
    const std::uint64_t now = bytes_to(*read, to);
    if (now > 0 || read->to.size() < STAYD_DESTINATIONS)
      return difference(now, bytes_to(before, to));
    return difference(bytes_elsewhere(*read), bytes_elsewhere(before));
  };
}

LearningSessions::Entries::iterator LearningSessions::find(const std::string& cgroup) {
  const auto exact = learning_.find(cgroup);
  if (exact != learning_.end()) return exact;
  const auto same = [&](const auto& each) { return last_of(each.first) == last_of(cgroup); };
  const auto found = std::ranges::find_if(learning_, same);
  return std::ranges::count_if(learning_, same) == 1 ? found : learning_.end();
}

Result<nlohmann::json> LearningSessions::start(const std::string& cgroup,
                                               std::optional<Policy> before,
                                               std::chrono::seconds limit,
                                               std::shared_ptr<const DraftBase> base) {
  if (learning_.contains(cgroup))
    return Error{cgroup + " is being learned already; 'stayctl learn " + cgroup +
                 "' without --for ends that and prints the draft"};
  const Sent sent_before = callbacks_.sent(cgroup);
  if (Result<> put = callbacks_.put_under(cgroup, learning_policy(base->resolvers())); !put)
    return put.error();
  auto [entry, is_new] = learning_.try_emplace(
      cgroup, LearningSession{++begun_, Learner(std::move(base)), sent_before, std::move(before),
                              std::chrono::steady_clock::now(),
                              boost::asio::steady_timer(executor_, limit)});
  entry->second.limit.async_wait([this, cgroup](const boost::system::error_code& error) {
    if (auto session = learning_.find(cgroup); !error && session != learning_.end())
      stop(cgroup, session->second);
  });
  return {boost::system::in_place_value,
          nlohmann::json{{"cgroup", escape(cgroup)}, {"session", begun_}}};
}

void LearningSessions::stop(const std::string& cgroup, LearningSession& session) {
  if (std::exchange(session.over, true)) return;
  session.learner.finish(sent_to(cgroup, session.sent_before));
  if (Result<> back = callbacks_.put_under(cgroup, session.before); !back)
    log_error("end of learning: {}", escape(back.error().message));
}

Result<nlohmann::json> LearningSessions::end(const std::string& cgroup) {
  const auto session = find(cgroup);
  if (session == learning_.end()) {
    std::string others;
    for (const auto& [each, of] : learning_) others += (others.empty() ? "" : ", ") + each;
    return Error{cgroup + " is not being learned; add --for 1h to begin" +
                 (others.empty() ? "" : ". These are: " + others)};
  }
  stop(session->first, session->second);
  const auto period = std::chrono::duration_cast<std::chrono::seconds>(
      std::chrono::steady_clock::now() - session->second.begun);
  const Learner& learner = session->second.learner;
  const Observations& seen = learner.seen();
  const Draft made = draft(seen, learner.base(), {session->first, to_text(period)});
  nlohmann::json reply = {{"operations", seen.operations},
                          {"covered", seen.covered},
                          {"allowing", made.allowing},
                          {"questions", made.questions},
                          {"draft", made.text}};
  learning_.erase(session);
  return {boost::system::in_place_value, std::move(reply)};
}

nlohmann::json LearningSessions::list() const {
  nlohmann::json list = nlohmann::json::array();
  for (const auto& [cgroup, session] : learning_)
    list.push_back({{"session", session.number},
                    {"cgroup", escape(cgroup)},
                    {"operations", session.learner.seen().operations},
                    {"over", session.over}});
  return list;
}

bool LearningSessions::learns(const std::string& cgroup) const {
  const auto session = learning_.find(cgroup);
  return session != learning_.end() && !session->second.over;
}

void LearningSessions::observe(const std::string& cgroup, const Operation& operation,
                               const std::vector<std::string>& host_names) {
  const auto session = learning_.find(cgroup);
  if (session == learning_.end() || session->second.over) return;
  const bool is_network = !has_path(operation.kind);
  session->second.learner.observe(
      operation, host_names,
      is_network ? sent_to(cgroup, session->second.sent_before) : Learner::SentTo());
}

}  // namespace stayd
