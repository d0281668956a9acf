// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "tickets/grant.h"
#include "tickets/ticket.h"

namespace stayd {

// Tickets, grants and decisions as text for the disk, with nothing lost: JSON
// {"version": 5, "ticket" | "grant" | "decision": {member: value, …}}. Every string is escaped
// (base/escape.h), since a workload's need not be UTF-8; addresses, nodes and the object that a
// decision binds are hexadecimal digits.
//
// Decoding is strict: another version, a member that is missing, unknown, of another type or
// out of its range, and anything larger or deeper than we write is an error that names the
// place. What is decoded is what was written; whether it makes sense is for the desk.
std::string encode(const Ticket& ticket);
std::string encode(const Grant& grant);
std::string encode(const Decision& decision);

Result<Ticket> decode_ticket(std::string_view bytes);
Result<Grant> decode_grant(std::string_view bytes);
Result<Decision> decode_decision(std::string_view bytes);

}  // namespace stayd
