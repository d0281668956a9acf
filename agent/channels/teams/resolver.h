// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "channels/teams/connector.h"

namespace stayd::teams {

// Finds out who somebody is, by the members of conversations that the bot is in. What was found
// is known for kKept. One thread.
class Resolver {
 public:
  static constexpr std::size_t kMax = 256;
  static constexpr std::chrono::minutes kKept{5};
  using Time = std::chrono::steady_clock::time_point;

  // `connector` must live as long as the executor runs.
  Resolver(boost::asio::any_io_executor executor, Connector& connector)
      : executor_(executor), connector_(connector) {}

  // {pending: true}, or {pending: false, tenant, object, name}. `conversations` are tried in turn.
  Result<nlohmann::json> resolve(const std::string& user, std::vector<std::string> conversations,
                                 const std::string& service_url);

 private:
  struct Entry {
    Time asked{};
    std::optional<Result<Member>> found;
  };
  using Entries = std::map<std::string, Entry>;

  static boost::asio::awaitable<void> ask(std::shared_ptr<Entries> entries, Connector& connector,
                                          std::string user, std::vector<std::string> conversations,
                                          std::string service_url);

  boost::asio::any_io_executor executor_;
  Connector& connector_;
  std::shared_ptr<Entries> entries_ = std::make_shared<Entries>();
};

}  // namespace stayd::teams
