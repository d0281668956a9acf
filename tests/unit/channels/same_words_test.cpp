// SPDX-License-Identifier: Apache-2.0
// Channels lay out what presentation/ says of a ticket: every one of them shows the same sentences.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "channels/teams/card.h"
#include "channels/terminal/ticket_text.h"
#include "presentation/ticket_presentation.h"
#include "tickets/ticket_json.h"
#include "unit/tickets/desk_fixture.h"

namespace stayd::test {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::HasSubstr;

Ticket a_full_ticket() {
  Ticket ticket;
  ticket.id = 17;
  ticket.operation = an_operation(1);
  ticket.operation.kind = OperationKind::exec;
  ticket.operation.path = "/usr/bin/\xd0\x85udo";
  ticket.operation.arguments = {"sudo", "rm -rf", "/"};
  ticket.operation.arguments_incomplete = true;
  ticket.operation.caller.ancestry = {{4200, "/usr/bin/bash", {"bash"}}};
  ticket.workload = "/ai.slice/agent";
  ticket.policy = "support-agent";
  ticket.rule = "exec: default hold";
  ticket.evidence.host = "h1";
  ticket.evidence.intent = Intent{.text = "tidy up", .login_uid = {}};
  ticket.evidence.touched = {"customer-data"};
  ticket.quorum = 2;
  ticket.asked = {"stewards"};
  ticket.opened = kNoon;
  ticket.deadline = kNoon + std::chrono::minutes(30);
  ticket.digest = std::string(64, 'd');
  ticket.holds = {1};
  ticket.joined = 3;
  ticket.decisions = {approval(ticket)};
  return ticket;
}

void collect_runs(const json& node, std::vector<std::string>& runs) {
  if (node.is_object() && node.value("type", "") == "TextRun") runs.push_back(node["text"]);
  if (node.is_structured())
    for (const json& each : node) collect_runs(each, runs);
}

TEST(Channels, ShowTheSameSentencesOfATicket) {
  Ticket ticket = a_full_ticket();
  for (const Outcome outcome : {Outcome::open, Outcome::approved, Outcome::denied}) {
    ticket.outcome = outcome;
    std::vector<std::string> runs;
    collect_runs(teams::ticket_card(ticket, {.nonce = "n"}), runs);
    const std::string screen =
        terminal::ticket_card(to_json(ticket), kNoon.time_since_epoch().count(), 400, false);
    std::size_t lines = 0;
    const Shown sentence = present(facts_of(ticket, 480), 8).sentence;
    EXPECT_THAT(screen, HasSubstr("In short   " + sentence.str() + "\n"));
    EXPECT_THAT(runs, Contains(sentence.str()));
    for (const Row& row : present(facts_of(ticket, 480), 8).rows) {
      for (const Line& line : row.lines) {
        EXPECT_THAT(screen, HasSubstr(line.text.str()));
        if (line.level == Level::thorough) continue;
        EXPECT_THAT(runs, Contains(line.text.str())) << row.label.text;
        ++lines;
      }
    }
    EXPECT_GE(lines, 14u);
    EXPECT_EQ(runs.size(), lines + 2) << "and sentence and name of the request, nothing else";
  }
}

}  // namespace
}  // namespace stayd::test
