// SPDX-License-Identifier: Apache-2.0
#include "lessons.h"

#include <fstream>
#include <utility>

#include "base/escape.h"
#include "base/log.h"
#include "policy/draft.h"
#include "policy/values.h"

namespace stayd {
namespace {

// The resolvers that this host's programs ask, resolv.conf(5).
std::vector<Address> host_resolvers() {
  std::ifstream file("/etc/resolv.conf");
  std::vector<Address> resolvers;
  for (std::string word; file >> word;) {
    if (word != "nameserver" || !(file >> word)) continue;
    if (Result<Destinations> server = parse_destinations(word))
      resolvers.push_back(server->prefix.address);
  }
  return resolvers;
}

}  // namespace

Result<nlohmann::json> Lessons::start(const std::string& cgroup, std::optional<Policy> before,
                                      std::chrono::seconds limit) {
  if (lessons_.contains(cgroup))
    return Error{cgroup + " is being learned already; 'stayctl learn " + cgroup +
                 "' without --for ends that and prints the draft"};
  const std::vector<Address> resolvers = host_resolvers();
  if (Result<> put = put_under_(cgroup, learning_policy(resolvers)); !put) return put.error();
  auto [entry, is_new] =
      lessons_.try_emplace(cgroup, Lesson{{},
                                          resolvers,
                                          std::move(before),
                                          std::chrono::steady_clock::now(),
                                          boost::asio::steady_timer(executor_, limit)});
  entry->second.limit.async_wait([this, cgroup](const boost::system::error_code& error) {
    if (auto lesson = lessons_.find(cgroup); !error && lesson != lessons_.end())
      stop(cgroup, lesson->second);
  });
  return {boost::system::in_place_value, nlohmann::json{{"cgroup", escape(cgroup)}}};
}

void Lessons::stop(const std::string& cgroup, Lesson& lesson) {
  if (std::exchange(lesson.over, true)) return;
  if (Result<> back = put_under_(cgroup, lesson.before); !back)
    log_error("end of learning: {}", escape(back.error().message));
}

Result<nlohmann::json> Lessons::end(const std::string& cgroup) {
  const auto lesson = lessons_.find(cgroup);
  if (lesson == lessons_.end())
    return Error{cgroup + " is not being learned; add --for 1h to begin"};
  stop(lesson->first, lesson->second);
  const auto period = std::chrono::duration_cast<std::chrono::seconds>(
      std::chrono::steady_clock::now() - lesson->second.begun);
  const Observations& seen = lesson->second.learner.seen();
  nlohmann::json reply = {
      {"operations", seen.operations},
      {"draft", draft(seen, {cgroup, to_text(period), lesson->second.resolvers})}};
  lessons_.erase(lesson);
  return {boost::system::in_place_value, std::move(reply)};
}

void Lessons::observe(const std::string& cgroup, const Operation& operation,
                      const std::vector<std::string>& host_names) {
  if (auto lesson = lessons_.find(cgroup); lesson != lessons_.end() && !lesson->second.over)
    lesson->second.learner.observe(operation, host_names);
}

}  // namespace stayd
