// SPDX-License-Identifier: Apache-2.0
#include "presentation/ticket_presentation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "base/json.h"
#include "tickets/ticket_json.h"
#include "unit/presentation/shown_ticket.h"
#include "unit/tickets/desk_fixture.h"

namespace stayd {
namespace {

using namespace test;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TicketFacts facts_from(const Ticket& ticket) { return facts_of(ticket, 512); }

std::vector<std::string> lines_of(const Ticket& ticket, std::string_view label,
                                  std::size_t max_items = 8) {
  std::vector<std::string> lines;
  for (const Row& row : present(facts_from(ticket), max_items).rows)
    if (row.label.text == label)
      for (const Line& line : row.lines) lines.push_back(line.text.str());
  return lines;
}

TEST(Presentation, NamesTheOperationItsObjectAndItsRule) {
  EXPECT_THAT(lines_of(a_ticket(), "Wants to"),
              Contains("open for reading /srv/customers/list.csv"));
  EXPECT_THAT(lines_of(a_ticket(), "Rule"),
              ElementsAre("files: default hold, policy support-agent"));
  EXPECT_EQ(present(facts_from(a_ticket()), 8).heading.text, "Approval needed: open a file");
  Ticket ticket = a_ticket();
  ticket.rule.clear();
  EXPECT_THAT(lines_of(ticket, "Rule"), ElementsAre("the policy's default, policy support-agent"));
}

TEST(Presentation, TheClassOfTheRuleIsTheFirstRow) {
  Ticket ticket = a_ticket();
  EXPECT_THAT(lines_of(ticket, "Class"), IsEmpty());
  ticket.rule_class = RuleClass::data_export;
  EXPECT_THAT(lines_of(ticket, "Class"), ElementsAre("data-export"));
  EXPECT_EQ(present(facts_from(ticket), 8).rows.front().label.text, "Class");
  ticket.outcome = Outcome::expired;
  EXPECT_EQ(present(facts_from(ticket), 8).rows.front().label.text, "Class");
}

TEST(Presentation, EveryKindOfOperationHasAHeadingAndASentence) {
  Ticket ticket = a_ticket();
  ticket.operation.new_path = "/tmp/new";
  const auto says = [&](OperationKind kind, const char* heading, const char* sentence) {
    ticket.operation.kind = kind;
    EXPECT_EQ(present(facts_from(ticket), 8).heading.text, heading);
    EXPECT_THAT(lines_of(ticket, "Wants to"), Contains(sentence));
  };
  says(OperationKind::open, "Approval needed: open a file",
       "open for reading /srv/customers/list.csv");
  says(OperationKind::create, "Approval needed: create a file",
       "create /srv/customers/list.csv as a hard link to /tmp/new");
  says(OperationKind::connect, "Approval needed: connect to a network address",
       "connect to [::]:0/protocol 0");
  says(OperationKind::send, "Approval needed: send to a network address",
       "send to [::]:0/protocol 0");
  says(OperationKind::exec, "Approval needed: run a program", "run /srv/customers/list.csv");
  says(OperationKind::remove, "Approval needed: delete a file", "delete /srv/customers/list.csv");
  says(OperationKind::rename, "Approval needed: rename a file",
       "rename /srv/customers/list.csv to /tmp/new");
  says(OperationKind::unix_socket, "Approval needed: use a local socket",
       "use the socket /srv/customers/list.csv");
}

TEST(Presentation, TheTicketAndItsJsonSayTheSame) {
  Ticket ticket = a_ticket();
  ticket.operation.path = "/srv/\xe2\x80\xae{{x}} \n";
  ticket.operation.caller.ancestry = {{4200, "/usr/bin/bash", {"bash", "run me"}}};
  ticket.operation.caller.login_uid = 1000;
  ticket.evidence.intent = Intent{.text = "export\x1b", .login_uid = {}};
  ticket.evidence.touched = {"customer-data"};
  ticket.evidence.bytes_sent = 7;
  ticket.outcome = Outcome::approved;
  ticket.closed = kNoon + std::chrono::minutes(2);
  ticket.decisions = {approval(ticket)};
  const Result<nlohmann::json> sent = parse_json(dump(to_json(ticket)));
  ASSERT_TRUE(sent);
  const TicketPresentation here = present(facts_from(ticket), 8);
  const TicketPresentation there = present(facts_of(*sent), 8);
  ASSERT_EQ(here.rows.size(), there.rows.size());
  EXPECT_EQ(here.heading.text, there.heading.text);
  for (std::size_t i = 0; i < here.rows.size(); ++i) {
    EXPECT_EQ(here.rows[i].label.text, there.rows[i].label.text);
    ASSERT_EQ(here.rows[i].lines.size(), there.rows[i].lines.size());
    for (std::size_t j = 0; j < here.rows[i].lines.size(); ++j)
      EXPECT_EQ(here.rows[i].lines[j].text, there.rows[i].lines[j].text);
  }
}

TEST(Presentation, WhatIsNotPlainAsciiIsPointedOut) {
  EXPECT_THAT(lines_of(a_ticket(), "Note"), IsEmpty());
  Ticket ticket = a_ticket();
  ticket.operation.path = "/srv/\xd0\x85udo";
  EXPECT_THAT(lines_of(ticket, "Note"), Contains(HasSubstr("is shown escaped")));
  EXPECT_THAT(lines_of(ticket, "Wants to"), Contains("open for reading /srv/\\u{0405}udo"));
}

TEST(Presentation, AnOperationThatCannotBeHeldSaysWhatAnApprovalDoes) {
  Ticket ticket = a_ticket();
  EXPECT_THAT(lines_of(ticket, "Wants to"), Not(Contains(HasSubstr("cannot be held"))));
  ticket.holds.clear();
  ticket.operation.disposition = Disposition::cannot_wait;
  EXPECT_THAT(lines_of(ticket, "Wants to"),
              Contains(HasSubstr("If you approve, the next attempt")));
  EXPECT_EQ(state_of(facts_from(ticket)).str(), "cannot wait");
  ticket.outcome = Outcome::approved;
  EXPECT_THAT(lines_of(ticket, "Wants to"), Not(Contains(HasSubstr("cannot be held"))));
  EXPECT_THAT(lines_of(ticket, "Then"), ElementsAre("The operation may be tried again now."));
}

TEST(Presentation, AQuestionThatNobodyWaitsForSaysSoAndWhatAnAnswerDoes) {
  Ticket ticket = a_ticket();
  ticket.holds.clear();
  ticket.caller_left = kNoon + std::chrono::minutes(1);
  ticket.linger = std::chrono::minutes(5);
  EXPECT_THAT(lines_of(ticket, "Wants to"),
              Contains("Nobody waits for the answer any more. If you approve, the next attempt "
                       "succeeds, once."));
  EXPECT_THAT(lines_of(ticket, "Wants to"), Not(Contains(HasSubstr("cannot be held"))));
  EXPECT_THAT(lines_of(ticket, "Until"),
              ElementsAre("2023-11-14 22:19:20 UTC, then the question ends"));
  EXPECT_EQ(state_of(facts_from(ticket)).str(), "caller left");
  EXPECT_EQ(status_of(facts_from(ticket), kNoon + std::chrono::minutes(2)).str(),
            "asked 2m00s ago, nobody has waited for 1m00s, 4m00s left");
  ticket.outcome = Outcome::approved;
  ticket.decisions = {approval(ticket)};
  EXPECT_THAT(lines_of(ticket, "Then"), ElementsAre("The operation may be tried again now."));
  EXPECT_EQ(result_of(facts_from(ticket)).str(), "approved: the next attempt succeeds");
  ticket.outcome = Outcome::denied;
  ticket.decisions = {denial(ticket)};
  EXPECT_THAT(lines_of(ticket, "Then"),
              ElementsAre("The next attempt is refused, too, until the question would have "
                          "expired."));
  EXPECT_EQ(result_of(facts_from(ticket)).str(), "denied: the next attempt fails with EPERM");
}

TEST(Presentation, APendingConnectionSaysThatItsProgramWasNotStopped) {
  Ticket ticket = a_ticket();
  ticket.operation.kind = OperationKind::connect;
  EXPECT_THAT(lines_of(ticket, "Wants to"), Not(Contains(HasSubstr("pending"))));
  ticket.operation.pending = true;
  EXPECT_THAT(lines_of(ticket, "Wants to"),
              Contains("The connection is pending; the program was not stopped."));
  EXPECT_THAT(status_of(facts_from(ticket), kNoon).str(), HasSubstr("1 connection waiting"));
  ticket.outcome = Outcome::denied;
  ticket.closed = kNoon;
  EXPECT_THAT(lines_of(ticket, "Wants to"), Not(Contains(HasSubstr("pending"))));
  EXPECT_THAT(lines_of(ticket, "Then"), ElementsAre("The connection failed with ECONNREFUSED."));
}

TEST(Presentation, AnEndSaysWhoAnsweredWhatIsAllowedAndWhatFollowed) {
  Ticket ticket = a_ticket();
  ticket.outcome = Outcome::approved;
  ticket.closed = kNoon + std::chrono::minutes(2);
  ticket.joined = 14;
  ticket.decisions = {approval(ticket), approval(ticket)};
  ticket.decisions[0].name = "bob";
  ticket.decisions[0].break_glass = true;
  ticket.decisions[1].scope = Scope::process;
  ticket.decisions[1].reason = "as agreed";
  EXPECT_THAT(lines_of(ticket, "By"), ElementsAre("bob (break-glass), alice, terminal"));
  EXPECT_THAT(lines_of(ticket, "Reason"), ElementsAre("as agreed"));
  EXPECT_THAT(lines_of(ticket, "Allows"),
              ElementsAre("this operation and repeats by this process until it ends"));
  EXPECT_THAT(lines_of(ticket, "Held for"), ElementsAre("2m00s, 14 attempts"));
  EXPECT_THAT(lines_of(ticket, "Then"), ElementsAre("The operation went on."));
  ticket.outcome = Outcome::denied;
  ticket.decisions = {denial(ticket)};
  EXPECT_THAT(lines_of(ticket, "By"), ElementsAre("alice, terminal"));
  EXPECT_THAT(lines_of(ticket, "Allows"), IsEmpty());
  EXPECT_THAT(lines_of(ticket, "Then"), ElementsAre("The operation failed with EPERM."));
}

TEST(Presentation, SaysWithWhatDataAndHowTheLikeWasAnswered) {
  Ticket ticket = a_ticket();
  EXPECT_THAT(lines_of(ticket, "Data"), ElementsAre("nothing labelled read, nothing sent"));
  EXPECT_THAT(lines_of(ticket, "Before"), ElementsAre("never asked before"));
  Evidence& evidence = ticket.evidence;
  evidence.touched = {"customer-data"};
  evidence.files_read = {"/srv/a", "/srv/b", "/srv/c"};
  evidence.files_read_count = 7;
  evidence.sent = {{.endpoint = {}, .names = {"files.example.org"}, .bytes = 1234}};
  evidence.bytes_sent = 1300;
  evidence.precedent = {.approved = 2, .denied = 1, .last = kNoon};
  EXPECT_THAT(lines_of(ticket, "Data", 2),
              ElementsAre("labels read: customer-data", "files read: /srv/b, /srv/c, and 5 before",
                          "sent: 1234 bytes to [::]:0/protocol 0 (files.example.org)",
                          "sent: 66 bytes to others"));
  EXPECT_THAT(lines_of(ticket, "Before"),
              ElementsAre("approved 2 times, denied 1 time, last 2023-11-14 22:13:20 UTC"));
}

TEST(Presentation, ALongCommandSaysHowManyArgumentsItLeavesOut) {
  Ticket ticket = a_ticket();
  ticket.operation.kind = OperationKind::exec;
  ticket.operation.arguments.assign(1000, "x");
  EXPECT_THAT(lines_of(ticket, "Command", 1), ElementsAre("x x x x [996 more arguments]"));
}

TEST(Presentation, AFloodAsksForRoomAndNamesTheFirstThatHadNone) {
  Ticket ticket = a_ticket();
  ticket.flood = true;
  EXPECT_THAT(present(facts_from(ticket), 8).heading.text, HasSubstr("Too many requests at once"));
  EXPECT_THAT(lines_of(ticket, "Wants to"),
              Contains("the first that had no room: open for reading /srv/customers/list.csv"));
}

TEST(Presentation, AnUnreadableProgramIsCalledUnknownWhateverItCallsItself) {
  Ticket ticket = a_ticket();
  ticket.operation.caller.program.clear();
  EXPECT_THAT(lines_of(ticket, "Program"),
              Contains("unknown program, calls itself python3 [4242]"));
}

TEST(Presentation, TheStatusIsThatOfItsMoment) {
  Ticket ticket = a_ticket();
  const TimePoint now = kNoon + std::chrono::seconds(123);
  EXPECT_EQ(status_of(facts_from(ticket), now).str(), "held 2m03s, 27m57s left, 1 thread waiting");
  ticket.joined = 14;
  ticket.quorum = 2;
  ticket.decisions = {approval(ticket)};
  EXPECT_EQ(status_of(facts_from(ticket), now).str(),
            "held 2m03s, 27m57s left, 1 thread waiting, 14 attempts, 1 of 2 approvals");
  ticket.outcome = Outcome::expired;
  ticket.closed = kNoon + std::chrono::seconds(60);
  EXPECT_EQ(status_of(facts_from(ticket), now).str(), "ended after 1m00s, 1m03s ago");
}

TEST(Presentation, AnOutcomeOfAnotherVersionEndsTheTicketUnderItsOwnName) {
  nlohmann::json ticket = to_json(a_ticket());
  ticket["outcome"] = "delegated";
  const TicketFacts facts = facts_of(ticket);
  EXPECT_FALSE(facts.is_open());
  EXPECT_EQ(state_of(facts).str(), "delegated");
  EXPECT_EQ(result_of(facts).str(), "is now: delegated");
}

}  // namespace
}  // namespace stayd
