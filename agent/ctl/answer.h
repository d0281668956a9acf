// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/result.h"
#include "channels/terminal/ticket_text.h"
#include "ctl/client.h"
#include "ctl/console.h"
#include "ctl/option.h"
#include "tickets/ticket.h"

namespace stayd {

// The operand ID of commands about one ticket.
Operand ticket_operand(TicketId& to);
// Error: it is not a number. `text` is escaped there.
Result<TicketId> ticket_id(const std::string& text);

Result<nlohmann::json> fetch_ticket(Client& client, TicketId id);
void print_card(const nlohmann::json& ticket, const Console& console,
                terminal::Detail detail = terminal::Detail::brief);

// Sends the decision; stayd knows person and channel itself. Returns the ticket afterwards.
Result<nlohmann::json> send_decision(Client& client, const Decision& decision);

// Describes the result in one sentence, for the person who answered.
std::string describe_outcome(const nlohmann::json& ticket);

// Shows the ticket, sends the decision with the digest of what was shown, and says what came of
// it. Gives an ExitCode.
int answer_ticket(Decision decision, const Console& console);

}  // namespace stayd
