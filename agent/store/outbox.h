// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/database.h"
#include "tickets/ticket.h"

namespace stayd {

using OutboxId = std::int64_t;

// Something that a channel has to say to the outside.
struct OutboxItem {
  OutboxId id = 0;
  std::string key;  // what it is about: a card, for instance
  std::optional<TicketId> ticket;
  std::int64_t attempts = 0;  // this one included
  nlohmann::json body;
};

// Messages that have yet to be sent, so that a crash does not lose them. They are put there in the
// transaction that saves what they are about (Batch::also). Each item is sent at least once: one
// that was sent but not yet removed when the process ended is sent again.
//
// A newer item replaces the one of the same channel and key, under a new id, so that what is
// said is always the latest and whoever still sends the older one cannot remove it. A channel
// sends one item of a key at a time, or the older could arrive last. Items of a ticket go when
// it is pruned.
class Outbox {
 public:
  explicit Outbox(Database& database) : database_(database) {}

  // `body` as in References. Of a `ticket` that is not saved: an error.
  Result<OutboxId> put(std::string_view channel, std::string_view key, const nlohmann::json& body,
                       TimePoint due, std::optional<TicketId> ticket = std::nullopt);

  // Those that are due, first due first. Each counts as an attempt, and is due again at
  // `again` unless it is removed or put off: so an attempt that nobody finishes is repeated.
  Result<std::vector<OutboxItem>> take_due(std::string_view channel, TimePoint now, TimePoint again,
                                           std::size_t most);
  Result<std::optional<TimePoint>> next_due(std::string_view channel);

  // Does nothing if it has been replaced since.
  Result<> snooze(OutboxId id, TimePoint due);
  Result<> remove(OutboxId id);

 private:
  Result<std::vector<OutboxItem>> due(std::string_view channel, TimePoint now, std::size_t most);

  Database& database_;
};

}  // namespace stayd
