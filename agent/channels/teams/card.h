// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/time.h"
#include "tickets/ticket.h"

namespace stayd::teams {

// What a card needs besides its ticket.
struct CardOptions {
  std::string nonce{};
  std::string details_url{};  // Config::details_url
  bool buttons = true;        // else people answer elsewhere
};

// The whole activity, whatever the ticket holds.
inline constexpr std::size_t kMaxActivity = 20 * 1024;

// An Adaptive Card (version 1.5) that shows the ticket: with buttons while it is open, with its
// end afterwards. What a workload, or a person, wrote is in TextRuns only, which no client reads
// as markup, and is escaped; every other text is of ours. At most kMaxActivity with what
// activity_with() puts around it.
nlohmann::json ticket_card(const Ticket& ticket, const CardOptions& options);

// A card of the same kind that holds nothing. `state`: "" while it waits, else what came of it.
nlohmann::json test_card(const std::string& id, const std::string& nonce, std::string_view state);

// A card without buttons: a title of ours, and lines that are escaped.
nlohmann::json text_card(std::string_view title, const std::vector<std::string>& lines);

// A message that consists of the card. `summary` is shown by notifications. Never both a text and
// a card: Teams would make two messages of it, and give no id.
nlohmann::json activity_with(nlohmann::json card, const std::string& summary);

// "Approval request 17", "Approved: request 17": for notifications.
std::string summary_of(const Ticket& ticket);

// "2 m", "1 h 5 m", "40 s".
std::string duration_text(std::chrono::milliseconds time);

}  // namespace stayd::teams
