// SPDX-License-Identifier: Apache-2.0
#include "channels/teams/card.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "channels/teams/elements.h"
#include "unit/presentation/shown_ticket.h"
#include "unit/tickets/desk_fixture.h"

namespace stayd::teams {
namespace {

using namespace test;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

// A card cannot be made of a string that nobody has escaped.
template <class Text>
concept CanBeALine = requires(Text text) {
  Line{text};
};
template <class Text>
concept CanBeAText = requires(CardBody body, Text text) {
  body.text(text);
};
template <class Text>
concept CanBeAHeading = requires(CardBody body, Text text) {
  body.heading(text);
};
static_assert(CanBeALine<Escaped> && CanBeAText<Shown> && CanBeAHeading<Literal>);
static_assert(!CanBeALine<std::string> && !CanBeALine<const char*> && !CanBeALine<Untrusted>);
static_assert(!CanBeALine<std::string_view> && !CanBeALine<json>);
static_assert(!CanBeAText<std::string> && !CanBeAText<const char*> && !CanBeAText<Untrusted>);
static_assert(!CanBeAHeading<std::string> && !CanBeAHeading<const char*>);
static_assert(!CanBeAHeading<Escaped> && !CanBeAHeading<Shown>, "clients read it as markup");
static_assert(!std::is_constructible_v<CardBody, json> && !std::is_constructible_v<Action, json>);

const CardOptions kOptions{.nonce = "AAAAAAAAAAAAAAAAAAAAAA", .details_url = "https://s.example"};

// Everything that a workload, or a person, can choose.
Ticket filled_with(const std::string& text, std::size_t lists) {
  Ticket ticket = a_ticket();
  Operation& operation = ticket.operation;
  operation.kind = OperationKind::exec;
  operation.path = operation.new_path = ticket.workload = ticket.rule = ticket.policy = text;
  operation.caller.program = operation.caller.comm = operation.caller.cgroup = text;
  operation.arguments.assign(lists, text);
  operation.caller.ancestry.assign(lists, {.pid = 1, .program = text, .arguments = {text}});
  Evidence& facts = ticket.evidence;
  facts.host = facts.unit = facts.container = facts.user = facts.login_user = text;
  facts.intent = Intent{.text = text, .login_uid = {}};
  facts.touched.assign(lists, text);
  facts.files_read.assign(lists, text);
  facts.files_read_count = lists;
  ticket.asked.assign(lists, text);
  ticket.quorum = 3;
  ticket.decisions.assign(2, approval(ticket));
  for (Decision& each : ticket.decisions) each.name = each.reason = each.channel = text;
  return ticket;
}

// Texts of elements that clients read as markup, or show as their own.
void collect(const json& node, std::vector<std::string>& literal, std::vector<std::string>& runs) {
  if (node.is_object()) {
    const std::string type = node.value("type", "");
    for (const char* name : {"text", "title", "label", "speak", "fallbackText", "summary", "url"})
      if (node.contains(name) && node[name].is_string())
        (type == "TextRun" ? runs : literal).push_back(node[name]);
  }
  if (node.is_structured())
    for (const json& each : node) collect(each, literal, runs);
}

const char* const kHostile[] = {"[Approve](https://evil.example)",
                                "![x](https://evil.example/p.png)",
                                "{{DATE(2020-01-01)}}",
                                "\u202egpj.exe",
                                "a\nb\r\n# Approved by CISO",
                                "\xff\xfe\x00",
                                "<at>everybody</at>",
                                "\\u{202e}",
                                "   ",
                                "\xd0\x85udo"};

TEST(TeamsCard, WhatAWorkloadChoseIsInTextRunsOnlyAndEscaped) {
  for (const char* text : kHostile) {
    for (const Outcome outcome : {Outcome::open, Outcome::denied, Outcome::approved}) {
      Ticket ticket = filled_with(std::string(text) + "needle", 3);
      ticket.outcome = outcome;
      std::vector<std::string> literal, runs;
      collect(activity_with(ticket_card(ticket, kOptions), summary_of(ticket)), literal, runs);
      for (const std::string& each : literal) EXPECT_THAT(each, Not(HasSubstr("needle")));
      bool found = false;
      for (const std::string& each : runs) {
        found = found || each.find("needle") != each.npos;
        EXPECT_THAT(each, Not(HasSubstr("{{")));
        for (const unsigned char c : each) EXPECT_TRUE(c >= 0x20 && c < 0x7f) << each;
      }
      EXPECT_TRUE(found);
    }
  }
}

TEST(TeamsCard, NothingMakesItLargerThanItMayBe) {
  for (const std::size_t length : {1u, 100u, 20'000u})
    for (const std::size_t lists : {1u, 20u, 2000u})
      for (const char* unit : {"x", "\\", "\xe2\x80\xae", "\"", "\x01"}) {
        if (length * lists > 200'000) continue;
        std::string text;
        while (text.size() < length) text += unit;
        Ticket ticket = filled_with(text, lists);
        for (const Outcome outcome : {Outcome::open, Outcome::approved}) {
          ticket.outcome = outcome;
          const json activity = activity_with(ticket_card(ticket, kOptions), summary_of(ticket));
          EXPECT_LE(dump(activity).size(), kMaxActivity) << length << " " << lists << " " << unit;
        }
      }
}

TEST(TeamsCard, AnOpenOneHasButtonsAndAClosedOneHasNone) {
  Ticket ticket = a_ticket();
  const std::string open = dump(ticket_card(ticket, kOptions));
  EXPECT_THAT(open, HasSubstr("\"Approve once\""));
  EXPECT_THAT(open, HasSubstr("https://s.example/tickets/17"));
  EXPECT_THAT(open, HasSubstr(std::string("17 ") + std::string(12, 'd')));
  EXPECT_THAT(open, HasSubstr("2023-11-14 22:43:20 UTC"));
  ticket.outcome = Outcome::expired;
  ticket.closed = kNoon + std::chrono::minutes(2);
  const std::string closed = dump(ticket_card(ticket, kOptions));
  for (const char* answer : {"Action.Execute", "Action.Submit", "Action.OpenUrl"})
    EXPECT_THAT(closed, Not(HasSubstr(answer)));
  EXPECT_THAT(closed, HasSubstr("\"2m00s\""));
}

TEST(TeamsCard, WithoutButtonsItSaysWhereToAnswer) {
  CardOptions options = kOptions;
  options.buttons = false;
  const std::string card = dump(ticket_card(a_ticket(), options));
  EXPECT_THAT(card, Not(HasSubstr("Action.Execute")));
  EXPECT_THAT(card, HasSubstr("stayctl"));
}

TEST(TeamsCard, TheLinkIsTheConfiguredOneOrNone) {
  CardOptions options = kOptions;
  options.details_url.clear();
  EXPECT_THAT(dump(ticket_card(a_ticket(), options)), Not(HasSubstr("OpenUrl")));
}

TEST(TeamsCard, SaysHowManyJoinedAndHowManyApproved) {
  Ticket ticket = a_ticket();
  ticket.joined = 14;
  ticket.quorum = 2;
  ticket.decisions = {approval(ticket)};
  const std::string card = dump(ticket_card(ticket, kOptions));
  EXPECT_THAT(card, HasSubstr("14, 1 thread waiting"));
  EXPECT_THAT(card, HasSubstr("1 of 2: alice"));
}

TEST(TeamsCard, AFloodAsksForItselfAndForNothingLonger) {
  Ticket ticket = a_ticket();
  ticket.flood = true;
  const std::string card = dump(ticket_card(ticket, kOptions));
  EXPECT_THAT(card, HasSubstr("Too many requests at once"));
  EXPECT_THAT(card, Not(HasSubstr("Action.ShowCard")));
}

TEST(TeamsCard, TheSameTicketGivesTheSameCard) {
  EXPECT_EQ(ticket_card(a_ticket(), kOptions), ticket_card(a_ticket(), kOptions));
}

}  // namespace
}  // namespace stayd::teams
