// SPDX-License-Identifier: Apache-2.0
//
// Prints cards for texts that somebody chose to do harm with. Reads lines of base64url, each one
// text's bytes, and writes for each line one JSON object: {escaped, cards: [{name, activity}]},
// where the text stands wherever a workload or a person can put one. The first texts come in every
// card there is, the others in those that differ most.
#include <iostream>
#include <string>
#include <vector>

#include "base/base64.h"
#include "base/escape.h"
#include "base/json.h"
#include "base/untrusted.h"
#include "channels/teams/card.h"
#include "support/operation_builder.h"
#include "tickets/ticket.h"

namespace {

using namespace stayd;
using nlohmann::json;

constexpr auto kNow = test::kNoon + std::chrono::minutes(2);

Ticket ticket_with(const std::string& text, OperationKind kind) {
  Ticket ticket;
  ticket.id = 17;
  ticket.operation = test::an_operation(1);
  Operation& operation = ticket.operation;
  operation.kind = kind;
  operation.path = operation.new_path = text;
  operation.arguments = {text, "-c", text};
  operation.caller.comm = operation.caller.program = operation.caller.cgroup = text;
  operation.caller.ancestry = {{4200, text, {text, text}}, {4100, text, {}}};
  ticket.workload = ticket.policy = ticket.rule = text;
  Evidence& facts = ticket.evidence;
  facts.host = facts.unit = facts.container = facts.user = facts.login_user = text;
  facts.intent = Intent{.text = text, .declared = test::kNoon, .process = 4200, .login_uid = {}};
  facts.touched = facts.files_read = {text, text};
  facts.files_read_count = 2;
  ticket.asked = {text};
  ticket.quorum = 2;
  ticket.opened = test::kNoon;
  ticket.deadline = test::kNoon + std::chrono::minutes(30);
  ticket.digest = std::string(64, 'd');
  ticket.holds = {1, 2};
  ticket.joined = 14;
  return ticket;
}

// Ended by somebody whose name and reason are the text.
Ticket ended(Ticket ticket, Outcome outcome, const std::string& text) {
  Decision decision;
  decision.choice = outcome == Outcome::denied ? Choice::deny : Choice::approve;
  decision.name = decision.reason = decision.account = decision.person = text;
  decision.channel = "teams";
  ticket.decisions = {decision};
  ticket.outcome = outcome;
  ticket.closed = kNow;
  note(ticket, kNow, "approved by " + escape(text));
  return ticket;
}

json cards_with(const std::string& text, bool every_card) {
  const teams::CardOptions bot{.nonce = "bm9uY2U", .details_url = "https://stayd.example.com"};
  json cards = json::array();
  const auto add = [&](const std::string& name, const Ticket& ticket,
                       const teams::CardOptions& options) {
    cards.push_back({{"name", name},
                     {"activity", teams::activity_with(teams::ticket_card(ticket, options),
                                                       teams::summary_of(ticket))}});
  };
  const Ticket exec = ticket_with(text, OperationKind::exec);
  add("exec", exec, bot);
  add("rename", ticket_with(text, OperationKind::rename), bot);
  add("denied", ended(exec, Outcome::denied, text), bot);
  cards.push_back({{"name", "announcement"},
                   {"activity", teams::activity_with(teams::text_card(Literal("Break-glass"),
                                                                      {escape(Untrusted(text))}),
                                                     "stayd")}});
  if (!every_card) return cards;
  for (const OperationKind kind :
       {OperationKind::open, OperationKind::create, OperationKind::connect, OperationKind::send,
        OperationKind::remove, OperationKind::unix_socket})
    add(to_string(kind), ticket_with(text, kind), bot);
  add("without a link", exec, {.nonce = "bm9uY2U", .details_url = {}});
  add("without buttons", exec, {.nonce = {}, .details_url = bot.details_url, .buttons = false});
  Ticket flood = exec;
  flood.flood = true;
  add("flood", flood, bot);
  for (const Outcome outcome : {Outcome::approved, Outcome::denied, Outcome::expired,
                                Outcome::no_approver, Outcome::cancelled, Outcome::superseded})
    add(to_string(outcome), ended(exec, outcome, text), bot);
  return cards;
}

}  // namespace

int main() {
  int left = 5;
  for (std::string line; std::getline(std::cin, line);) {
    const std::optional<std::string> text = decode_base64url(line);
    if (!text) return std::cerr << "not base64url: " << line << '\n', 1;
    std::cout << dump({{"escaped", escape(*text)}, {"cards", cards_with(*text, left-- > 0)}})
              << '\n';
  }
  return 0;
}
