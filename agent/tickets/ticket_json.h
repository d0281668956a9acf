// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "tickets/grant.h"
#include "tickets/ticket.h"

namespace stayd {

// The contract between stayd and whatever shows tickets. Strings are escaped (base/escape.h) and
// have at most `text_max` characters.
//
//   id               number
//   digest           what a decision on this ticket has to carry
//   flood            true: asks whether the workload may raise more tickets
//   asked_ahead      true: the workload asked before it tried; nothing is held by it at first
//   stated_reason    why, in the workload's own words; "" of other tickets
//   operation        see context/operation_json.h
//   circumstances    see context/evidence.h
//   workload, policy, rule
//   class            of the rule: "data-export", …; null if it has none
//   names            connect, send: what the address is called; attempts at other addresses of
//                    these names join
//   scopes           [{scope: "process" | …, lets_through}]: what an approval may let through
//                    besides the operation, in words
//   quorum           how many people have to approve
//   excluded         [{person, why}]: must not answer
//   opened, deadline           RFC 3339, UTC; also opened_ms, deadline_ms, Unix time
//   asked            groups; empty: everybody who may answer
//   escalations      [{at, to: [group]}] still to come
//   waiting          threads parked now
//   joined           attempts so far, the first included
//   also             the other addresses that have been tried, as endpoints
//   called           connect, send: what the workload calls the address, which nobody has verified
//   sets_off         what becomes stricter if the operation goes on, in words
//   caller_left      since when nobody waits for it any more, so that an approval is for the next
//                    attempt; null: somebody does, or nobody ever could
//   lingers_until    until when it can be answered then; null with caller_left
//   outcome          "open", "approved", "denied", "expired", "no_approver", "cancelled",
//                    "superseded"
//   closed, closed_ms          null while open
//   decisions        [decision]; decision: the one that ended it, else null
//   put_off          [{person, until}]
//   history          [{time, what}]
nlohmann::json to_json(const Ticket& ticket, std::size_t text_max = 512);

// {choice: "approve" | "deny", person, name, account, channel, reason, scope: "once" |
//  "process" | "workload" | "directory" | "host" | "rule", grant_for_s: 0 for until it ends, uses:
//  0 for any number, break_glass: true, propose_rule: true}, the last two only if they are. A
//  reason has at most four
// times `text_max` characters.
nlohmann::json to_json(const Decision& decision, std::size_t text_max = 512);

// {id, ticket, workload, scope, process: pid or null, what, person, granted, expires: or null,
//  uses: left or null for any number, state}
nlohmann::json to_json(const Grant& grant);

// Binds all that is shown and never changes while the ticket waits, with nothing left out
// of long strings, and the object byte for byte. `ticket.digest` is not read.
std::string digest_of(const Ticket& ticket);

}  // namespace stayd
