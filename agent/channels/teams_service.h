// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/result.h"

namespace stayd {

// Answers administrators' requests about the Teams channel, on the desk's thread and at once.
class TeamsService {
 public:
  virtual ~TeamsService() = default;

  // {mode, trouble, listen: "ADDRESS:PORT" or null, people: [{person, name, object, reached,
  //  trouble}], channels: [{group, channel, trouble}], others: accounts that have the bot and are
  //  nobody's}
  virtual nlohmann::json overview() = 0;

  // Posts a card that asks for nothing, to one person of people.yaml, or, if that is empty, to
  // all who are reached and to all channels. As test() gives it.
  virtual Result<nlohmann::json> begin_test(const std::string& person) = 0;
  virtual Result<nlohmann::json> test(const std::string& id) = 0;

  // Finds out who `user` (a user principal name, or an object id) is: {pending: true} while Teams
  // is asked, ask again; then {pending: false, tenant, object, name}.
  virtual Result<nlohmann::json> resolve(const std::string& user) = 0;
};

}  // namespace stayd
