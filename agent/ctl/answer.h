// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/result.h"
#include "ctl/client.h"
#include "tickets/ticket.h"

namespace stayd {

// Sends the decision; stayd knows person and channel itself. Returns the ticket afterwards.
Result<nlohmann::json> send_decision(Client& client, const Decision& decision);

// What came of it, in one sentence for the person who answered.
std::string describe_outcome(const nlohmann::json& ticket);

}  // namespace stayd
