// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>

#include "channels/teams/elements.h"
#include "tickets/ticket.h"

namespace stayd::teams {

// How much of each foreign text is shown, and of each list. Smaller until the card fits.
struct Space {
  std::size_t text = 480;
  std::size_t items = 8;
  bool details = true;  // what can be left to the terminal
};

// "Approval needed: open a file", by the kind of operation.
Literal question_of(const Ticket& ticket);
// "Approved", "Denied", "Nobody answered in time", …
Literal ending_of(const Ticket& ticket);

// What: operation, object, program. Why: rule, claim. With what data: labels, files, bytes.
void add_operation_rows(nlohmann::json& body, const Ticket& ticket, const Space& space);
// Until when, who is asked, who has approved so far, how often it was tried.
void add_waiting_rows(nlohmann::json& body, const Ticket& ticket, const Space& space);
// Who decided, when, and what then happened.
void add_ending_rows(nlohmann::json& body, const Ticket& ticket, const Space& space);

}  // namespace stayd::teams
