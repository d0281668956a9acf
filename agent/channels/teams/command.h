// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "channels/teams/activity.h"
#include "tickets/ticket.h"

namespace stayd::teams {

// A command that somebody wrote to the bot:
//
//   approve ID HASH    deny ID REASON    show ID    pending    help
//
// HASH is at least the first kShortestHash digits of those that the ticket's card shows, so that a
// mistyped ID approves nothing.
struct Command {
  enum class Kind : std::uint8_t { approve, deny, show, pending, help, none };
  Kind kind = Kind::none;
  TicketId ticket = 0;
  std::string hash;
  std::string reason;
};
inline constexpr std::size_t kShortestHash = 4;

// `none`: nothing of the grammar, which no prose is either. Mentions of the bot are taken out.
Command parse_command(const Activity& activity);

// Returns a message of Teams as plain text: entities decoded, mentions of `own_id` taken out, runs
// of white space made one space.
std::string plain_text(const Activity& activity, const std::string& own_id);

}  // namespace stayd::teams
