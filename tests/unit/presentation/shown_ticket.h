// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "support/operation_builder.h"
#include "tickets/ticket.h"

namespace stayd::test {

// An open ticket with all that a channel shows of every ticket.
inline Ticket a_ticket() {
  Ticket ticket;
  ticket.id = 17;
  ticket.operation = an_operation(1);
  ticket.workload = "/ai.slice/agent";
  ticket.policy = "support-agent";
  ticket.rule = "files: default hold";
  ticket.opened = kNoon;
  ticket.deadline = kNoon + std::chrono::minutes(30);
  ticket.digest = std::string(64, 'd');
  ticket.holds = {1};
  return ticket;
}

}  // namespace stayd::test
