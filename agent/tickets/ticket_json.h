// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "tickets/ticket.h"

namespace stayd {

// The contract between stayd and whatever shows tickets. Strings are escaped (base/escape.h).
//
//   id               number
//   digest           what a decision on this ticket has to carry
//   operation        see context/operation_json.h
//   workload, policy, rule
//   opened, deadline           RFC 3339, UTC; also opened_ms, deadline_ms, Unix time
//   waiting          threads parked now
//   joined           attempts so far, the first included
//   outcome          "open", "approved", "denied", "expired", "no_approver", "cancelled",
//                    "superseded"
//   closed, closed_ms          null while open
//   decision         null, or {choice: "approve" | "deny", person, channel, reason,
//                    grant_for_s: 0 for once}
nlohmann::json to_json(const Ticket& ticket);

// {choice, person, channel, reason, grant_for_s}, escaped.
nlohmann::json to_json(const Decision& decision);

// Binds all that is shown and never changes while the ticket waits, with nothing left out
// of long strings, and the object byte for byte. `ticket.digest` is not read.
std::string digest_of(const Ticket& ticket);

}  // namespace stayd
