// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "store/database.h"
#include "tickets/ticket.h"

namespace stayd {

// Keeps what a channel has to know again after a restart: where a conversation is, which card shows
// which ticket. Values are JSON, at most what parse_json() takes; strings in them are UTF-8, so a
// workload's are escaped first. Those of a ticket go when it is pruned, the others when the channel
// removes them.
class References {
 public:
  explicit References(Database& database) : database_(database) {}

  // Replaces. Of a `ticket` that is not saved: an error.
  Result<> put(std::string_view channel, std::string_view key, const nlohmann::json& value,
               std::optional<TicketId> ticket = std::nullopt);
  Result<std::optional<nlohmann::json>> find(std::string_view channel, std::string_view key);
  Result<std::map<std::string, nlohmann::json>> all(std::string_view channel);
  Result<> remove(std::string_view channel, std::string_view key);

 private:
  Database& database_;
};

}  // namespace stayd
