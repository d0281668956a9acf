// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "unit/store/store_fixture.h"

// What is in earlier_version.sql: a database as it was written at version 2 of the schema, whose
// bodies are CBOR.
namespace stayd::test {

// Every byte there is, and what escape() and JSON each treat in a way of their own.
inline std::string hostile_bytes() {
  std::string bytes = "/srv/\"quoted\\\n\r\t\x1b[31m\xe2\x80\xae {{${  }}\xc3\xa4\xff\xc0\x80 ";
  for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
  return bytes;
}

// Tickets 1 and 5 are open, 2 was approved, 3 denied, 4 expired. The record lacks a line about 5.
inline std::vector<Ticket> earlier_tickets() {
  std::vector<Ticket> tickets;
  for (TicketId id = 1; id <= 5; ++id) {
    tickets.push_back(an_open_ticket(id));
    tickets.back().scopes = {Scope::process, Scope::workload};  // all that there were
  }

  Ticket& hostile = tickets[0];
  hostile.flood = true;
  hostile.quorum = 2;
  hostile.operation.path = hostile_bytes();
  hostile.operation.new_path = std::string(4000, '\xff');
  hostile.operation.off_host = true;
  hostile.operation.caller.comm = "\x1b[2J";
  hostile.operation.caller.login_uid = 1000;
  hostile.operation.caller.ancestry = {
      {.pid = 7, .program = "/bin/sh", .arguments = {"sh", "-c", "echo \"\\\" \0 $HOME"}},
      {.pid = 1, .program = "", .arguments = {}}};
  hostile.operation.node.labels = ~0ULL;
  hostile.operation.generation = ~0ULL;
  hostile.evidence.host = "db-1.example";
  hostile.evidence.intent = Intent{hostile_bytes(), kNoon, 7, 0};
  hostile.evidence.touched = {"customers", "{{"};
  hostile.evidence.files_read = {"/srv/customers/a", ""};
  hostile.evidence.files_read_count = 12;
  hostile.evidence.sent = {{{.port = 443, .protocol = 6}, {"api.example", "\xff"}, 1 << 20}};
  hostile.evidence.precedent = {.approved = 3, .denied = 1, .last = kNoon};
  hostile.excluded = {{"bob", "owns the workload"}};
  hostile.asked = {"oncall"};
  hostile.escalations = {{std::chrono::minutes(5), {"leads", "security"}}};
  hostile.holds = {1, ~0ULL};
  hostile.decisions = {approval(hostile)};
  hostile.decisions[0].behind = {"carol"};
  hostile.snooze = {{"dave", kNoon}};

  tickets[1] = closed(tickets[1], Outcome::approved, kNoon);
  tickets[2] = closed(tickets[2], Outcome::denied, kNoon);
  tickets[3].operation.kind = OperationKind::exec;
  tickets[3].operation.arguments = {"", "a\nb", hostile_bytes()};
  tickets[3] = closed(tickets[3], Outcome::expired, kNoon);
  tickets[4].operation.kind = OperationKind::connect;
  tickets[4].operation.endpoint = {.address = {0x20, 1, 0xd, 0xb8}, .port = 65535, .protocol = 17};
  return tickets;
}

// Grant 1 is live, 2 is used up.
inline std::vector<Grant> earlier_grants() {
  std::vector<Grant> grants = {a_grant(1, 2), a_grant(2, 2)};
  grants[0].what = hostile_bytes();
  grants[0].expires = kNoon;
  grants[1].end = GrantEnd::used_up;
  return grants;
}

// The first is recorded, the second is not.
inline std::vector<Decision> earlier_decisions() {
  std::vector<Decision> decisions = {approval(earlier_tickets()[0]), denial(earlier_tickets()[4])};
  decisions[0].scope = Scope::workload;
  decisions[0].grant_for = std::chrono::hours(1);
  decisions[1].reason = hostile_bytes();
  return decisions;
}

}  // namespace stayd::test
