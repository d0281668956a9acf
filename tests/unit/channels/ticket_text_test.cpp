// SPDX-License-Identifier: Apache-2.0
#include "channels/terminal/ticket_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "unit/channels/ticket_builder.h"

namespace stayd::terminal {
namespace {

using nlohmann::json;
using namespace test;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::int64_t kNow = kNoonMs + 123'000;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

TEST(TicketCard, AnswersWhatWhoAndWhy) {
  EXPECT_EQ(ticket_card(ticket_json(12), kNow, 80, false),
            "Ticket 12  open  held 2m03s, 27m57s left, 1 thread waiting\n"
            "Since      2023-11-14 22:13:20 UTC\n"
            "Operation  open for reading /srv/customers/list.csv\n"
            "           device 254:3, inode 0x64\n"
            "           by openat\n"
            "Workload   /ai.slice/support-agent.service\n"
            "Program    /usr/bin/python3.11 [4242]\n"
            "           thread 4243, calls itself python3\n"
            "           cgroup /ai.slice/support-agent.service\n"
            "Started by /usr/bin/bash [4200], /usr/sbin/sshd [4100]\n"
            "           4200 as bash \"run me\"\n"
            "           4100 as sshd\n"
            "User       uid 1000, gid 1000\n"
            "Rule       files: hold /srv/customers, policy support-agent\n"
            "Digest     d12\n"
            "Until      2023-11-14 22:43:20 UTC, then it is denied\n"
            "In short   python3.11 in support-agent.service wants to read \n"
            "           /srv/customers/list.csv.\n");
}

TEST(TicketCard, ACommandIsQuotedSoThatDifferentOnesReadDifferently) {
  json one = ticket_json(1);
  one["operation"]["kind"] = "exec";
  one["operation"]["path"] = "/usr/bin/git";
  one["operation"]["arguments"] = {"git", "commit", "-m", "a b", ""};
  EXPECT_THAT(ticket_card(one, kNow, 80, false), HasSubstr("Operation  run /usr/bin/git\n"));
  EXPECT_THAT(ticket_card(one, kNow, 80, false),
              HasSubstr("Command    git commit -m \"a b\" \"\"\n"));
  one["operation"]["arguments_incomplete"] = true;
  EXPECT_THAT(ticket_card(one, kNow, 80, false), HasSubstr("arguments that could not be shown"));
}

TEST(TicketCard, AConnectShowsItsEndpoint) {
  json ticket = ticket_json(1);
  ticket["operation"]["kind"] = "connect";
  ticket["operation"]["endpoint"] = "192.0.2.7:443/tcp";
  ticket["operation"].erase("path");
  const std::string card = ticket_card(ticket, kNow, 80, false);
  EXPECT_THAT(card, HasSubstr("Operation  connect to 192.0.2.7:443/tcp\n"));
  EXPECT_THAT(card, Not(HasSubstr("inode")));
}

TEST(TicketCard, WhatCannotWaitSaysWhatAnApprovalDoes) {
  json ticket = ticket_json(1);
  ticket["operation"]["disposition"] = "cannot_wait";
  const std::string card = ticket_card(ticket, kNow, 120, false);
  EXPECT_THAT(card, HasSubstr("Ticket 1  cannot wait  asked 2m03s ago"));
  EXPECT_THAT(card, HasSubstr("If you approve, the next attempt succeeds."));
}

TEST(TicketCard, AnAnswerNamesWhoGaveItAndWhy) {
  json ticket = ticket_json(1, "denied");
  ticket["decision"] = {{"choice", "deny"},
                        {"name", "alice (uid 1000)"},
                        {"channel", "terminal"},
                        {"reason", "not this quarter"},
                        {"grant_for_s", 0}};
  EXPECT_THAT(ticket_card(ticket, kNow, 80, false),
              AllOf(HasSubstr("Ticket 1  denied  ended after 1s, 2m02s ago\n"),
                    HasSubstr("By         alice (uid 1000), terminal\n"
                              "Reason     not this quarter\n")));
  ticket["outcome"] = "approved";
  ticket["decision"]["choice"] = "approve";
  ticket["decision"]["grant_for_s"] = 900;
  ticket["decision"]["scope"] = "process";
  ticket["decision"]["uses"] = 3;
  EXPECT_THAT(ticket_card(ticket, kNow, 100, false),
              HasSubstr("this operation and repeats by this process for 15m00s, at most 3 times"));
}

TEST(TicketCard, SaysWithWhatDataWhoIsAskedAndWhatTheWorkloadClaims) {
  json ticket = ticket_json(1);
  ticket["quorum"] = 2;
  ticket["decisions"] = {{{"choice", "approve"}}};
  ticket["asked"] = {"stewards", "oncall"};
  ticket["history"] = {{{"time", "T1"}, {"what", "escalated to oncall"}}};
  ticket["circumstances"] = {
      {"host", "h1"},
      {"unit", "x.service"},
      {"container", ""},
      {"user", "svc"},
      {"intent", {{"claim", "export the list"}}},
      {"touched", {"customer-data"}},
      {"files_read", {"/srv/customers/a.csv"}},
      {"files_read_count", 4},
      {"sent",
       {{{"to", "192.0.2.7:443/tcp"}, {"names", {"files.example.org"}}, {"bytes", 1234}},
        {{"to", "192.0.2.8:53/udp"}, {"bytes", 1}}}},
      {"bytes_sent", 1300},
      {"precedent", {{"approved", 2}, {"denied", 1}, {"last", "2023-11-14T22:13:20.000Z"}}}};
  const std::string card = ticket_card(ticket, kNow, 100, false);
  for (const char* part :
       {"1 of 2 approvals", "uid 1000 (svc)", "host h1, unit x.service",
        "It claims  \"export the list\" (its own words, not verified)",
        "Before     approved 2 times, denied 1 time, last 2023-11-14 22:13:20 UTC",
        "Data       labels read: customer-data", "files read: /srv/customers/a.csv, and 3 before",
        "sent: 1234 bytes to 192.0.2.7:443/tcp (files.example.org)",
        "sent: 1 byte to 192.0.2.8:53/udp", "sent: 65 bytes to others",
        "Asked      stewards, oncall", "So far     T1 escalated to oncall"})
    EXPECT_THAT(card, HasSubstr(part));
}

// Of every kind, with all that a card can say, on a screen of 24 lines and 80 columns.
TEST(TicketCard, IsShortWithTheQuestionLast) {
  json ticket = ticket_json(1);
  ticket["class"] = "data-export";
  ticket["sets_off"] = json::array({"all network access is held"});
  ticket["asked"] = {"stewards", "oncall"};
  ticket["circumstances"] = {{"host", "h1"},
                             {"unit", "x.service"},
                             {"user", "svc"},
                             {"intent", {{"claim", std::string(200, 'w')}}},
                             {"touched", {"customer-data"}},
                             {"files_read", json::array()},
                             {"bytes_sent", 1300}};
  for (int i = 0; i < 16; ++i)
    ticket["circumstances"]["files_read"].push_back("/srv/customers/" + std::to_string(i) + ".csv");
  ticket["circumstances"]["files_read_count"] = 16;
  ticket["operation"]["arguments"] = json::array({"git"});
  for (int i = 0; i < 20; ++i) ticket["operation"]["arguments"].push_back("-c");
  ticket["operation"]["arguments"].push_back("--force");
  ticket["operation"]["endpoint"] = "192.0.2.7:443/tcp";
  ticket["operation"]["new_path"] = "/tmp/other";
  for (const char* kind : {"open", "create", "connect", "send", "exec", "delete", "rename"}) {
    ticket["operation"]["kind"] = kind;
    const std::string card = ticket_card(ticket, kNow, 80, false, Detail::brief);
    const std::vector<std::string> lines = lines_of(card);
    EXPECT_LE(lines.size(), kMaxBriefLines) << card;
    EXPECT_THAT(card, HasSubstr("Class      data-export\n"));
    EXPECT_THAT(card, HasSubstr("After this all network access is held\n"));
    EXPECT_GT(card.find("In short   "), card.find("After this")) << card;
    EXPECT_EQ(lines.back().back(), '.') << card;
  }
}

TEST(TicketCard, AWorkloadsTextCannotLookLikeALineOfTheCard) {
  json ticket = ticket_json(1);
  std::string path = "/tmp/x";
  while (path.size() < 400) path += " By         alice, terminal ";
  ticket["operation"]["path"] = path;
  for (const std::string& line : lines_of(ticket_card(ticket, kNow, 60, false))) {
    EXPECT_FALSE(line.starts_with("By ")) << line;
    EXPECT_LE(line.size(), 60u);
  }
}

TEST(TicketLine, IsOneRowAsWideAsTheScreen) {
  for (const int width : {40, 80, 120, 200, 400}) {
    const std::string line = ticket_line(ticket_json(12), kNow, width, false);
    EXPECT_EQ(line.size(), static_cast<std::size_t>(width) + 1);
    EXPECT_EQ(ticket_line_header(width, false).size(), static_cast<std::size_t>(width) + 1);
  }
  const std::string line = ticket_line(ticket_json(12), kNow, 130, false);
  for (const char* part : {" 12 ", "2m03s", "open", "/srv/customers/list.csv", "python3.11[4242]",
                           "support-agent.service"}) {
    EXPECT_THAT(line, HasSubstr(part));
  }
}

TEST(TicketText, HostileStringsMoveNothing) {
  for (const char* hostile : {"\x1b[2J\x1b]0;owned\x07", "\xe2\x80\xaetxt", "a\nBy         alice",
                              "\r\b\x9b\x7f", "\xff\xfe"}) {
    json ticket = ticket_json(1, "denied");
    ticket["decision"] = {{"choice", "deny"}, {"name", "x"}, {"channel", "x"}, {"reason", "x"}};
    ticket["operation"]["arguments"] = {"x", "y"};
    replace_strings(ticket, hostile);
    for (const bool colour : {false, true}) {
      const std::string card = ticket_card(ticket, kNow, 80, colour);
      EXPECT_TRUE(is_harmless(card)) << card;
      const std::string line = ticket_line(ticket, kNow, 80, colour);
      EXPECT_TRUE(is_harmless(line)) << line;
      EXPECT_EQ(lines_of(line).size(), 1u);
    }
    EXPECT_EQ(ticket_card(ticket, kNow, 80, false).find('\x1b'), std::string::npos);
  }
}

TEST(TicketText, JsonThatIsNoTicketIsStillDrawn) {
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  const json odd[] = {nullptr,
                      1,
                      "x",
                      json::array({1, 2}),
                      json::object(),
                      json{{"operation", {1}}, {"id", "7"}, {"decision", 3}},
                      json{{"operation", {{"caller", {{"ancestry", {1, "a"}}}}, {"arguments", 2}}}},
                      json{{"opened_ms", kMin},
                           {"deadline_ms", kMax},
                           {"closed_ms", kMin},
                           {"decision", {{"grant_for_s", kMax}}}}};
  for (const json& value : odd) {
    EXPECT_TRUE(is_harmless(ticket_card(value, kNow, 80, true)));
    EXPECT_TRUE(is_harmless(ticket_line(value, kNow, 0, true)));
  }
}

}  // namespace
}  // namespace stayd::terminal
