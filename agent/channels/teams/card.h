// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/time.h"
#include "base/untrusted.h"
#include "tickets/ticket.h"

namespace stayd::teams {

// The options of a card besides its ticket.
struct CardOptions {
  std::string nonce{};
  std::string details_url{};  // Config::details_url
  bool buttons = true;        // else people answer elsewhere
  std::size_t shorter = 0;    // steps by which it is shorter than it would have to be
};
// After so many steps a card is as short as it can be.
inline constexpr std::size_t kShortest = 3;

// The whole activity, whatever the ticket holds.
inline constexpr std::size_t kMaxActivity = 20 * 1024;

// An Adaptive Card (version 1.5) that shows the ticket: with buttons while it is open, with its
// end afterwards. It lays out what present() says. At most kMaxActivity with what activity_with()
// puts around it.
nlohmann::json ticket_card(const Ticket& ticket, const CardOptions& options);

// A card of the same kind that holds nothing. `state`: "" while it waits, else what came of it.
nlohmann::json test_card(const std::string& id, const std::string& nonce, const Shown& state);

// A card without buttons.
nlohmann::json text_card(const Shown& title, const std::vector<Shown>& lines);

// A message that consists of the card. `summary` is shown by notifications. Never both a text and
// a card: Teams would make two messages of it, and give no id.
nlohmann::json activity_with(nlohmann::json card, const std::string& summary);

// "Approval request 17", "Approved: request 17": for notifications.
std::string summary_of(const Ticket& ticket);

// "17 dddddddddddd open /srv/x, /ai.slice/agent, for 2m03s": for lists.
Shown line_of(const Ticket& ticket, TimePoint now);

}  // namespace stayd::teams
