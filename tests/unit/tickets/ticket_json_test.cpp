// SPDX-License-Identifier: Apache-2.0
#include "tickets/ticket_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "unit/tickets/desk_fixture.h"

namespace stayd {
namespace {

using namespace std::chrono_literals;
using namespace test;
using nlohmann::json;

Ticket a_ticket() {
  Ticket ticket;
  ticket.id = 12;
  ticket.operation = an_operation(7);
  ticket.workload = kContext.workload;
  ticket.policy = kContext.policy;
  ticket.rule = kContext.rule;
  ticket.opened = kNoon;
  ticket.deadline = kNoon + 30min;
  ticket.digest = digest_of(ticket);
  ticket.holds = {7};
  return ticket;
}

TEST(TicketJson, AnOpenTicketShowsWhatIsAsked) {
  const json value = to_json(a_ticket());
  EXPECT_EQ(value["id"], 12);
  EXPECT_EQ(value["operation"]["path"], "/srv/customers/list.csv");
  EXPECT_EQ(value["workload"], "/ai.slice/support-agent.service");
  EXPECT_EQ(value["opened"], "2023-11-14T22:13:20.000Z");
  EXPECT_EQ(value["opened_ms"], 1700000000000);
  EXPECT_EQ(value["deadline_ms"], 1700001800000);
  EXPECT_EQ(value["waiting"], 1);
  EXPECT_EQ(value["outcome"], "open");
  EXPECT_TRUE(value["closed"].is_null());
  EXPECT_TRUE(value["decision"].is_null());
}

TEST(TicketJson, ADecidedTicketShowsWhoAndWhy) {
  Ticket ticket = a_ticket();
  ticket.outcome = Outcome::denied;
  ticket.closed = kNoon + 5s;
  ticket.decisions = {denial(ticket)};
  ticket.decisions[0].reason = "no\x1b[31m";
  const json value = to_json(ticket);
  EXPECT_EQ(value["outcome"], "denied");
  EXPECT_EQ(value["closed_ms"], 1700000005000);
  EXPECT_EQ(value["decision"], (json{{"choice", "deny"},
                                     {"person", "unix:1000"},
                                     {"name", "alice"},
                                     {"account", "unix:1000"},
                                     {"channel", "terminal"},
                                     {"reason", "no\\x1b[31m"},
                                     {"scope", "once"},
                                     {"grant_for_s", 0},
                                     {"uses", 0}}));
}

TEST(TicketJson, NoByteOfTheWorkloadReachesTheText) {
  Ticket ticket = a_ticket();
  ticket.workload = "/ai\x9b\n";
  ticket.operation.path = "\u202e\xff\x1b";
  for (const char c : dump(to_json(ticket))) EXPECT_TRUE(c >= 0x20 && c < 0x7f);
}

TEST(TicketDigest, BindsEverythingShownAndMore) {
  const std::string digest = digest_of(a_ticket());
  const auto changed = [&digest](auto change) {
    Ticket ticket = a_ticket();
    change(ticket);
    return digest_of(ticket) != digest;
  };
  EXPECT_TRUE(changed([](Ticket& t) { t.id = 13; }));
  EXPECT_TRUE(changed([](Ticket& t) { t.workload += "x"; }));
  EXPECT_TRUE(changed([](Ticket& t) { t.policy += "x"; }));
  EXPECT_TRUE(changed([](Ticket& t) { t.rule += "x"; }));
  EXPECT_TRUE(changed([](Ticket& t) { t.opened += 1ms; }));
  EXPECT_TRUE(changed([](Ticket& t) { t.deadline += 1ms; }));
  EXPECT_TRUE(changed([](Ticket& t) { t.operation.path += "x"; }));
  EXPECT_TRUE(changed([](Ticket& t) { t.operation.write = true; }));
  EXPECT_TRUE(changed([](Ticket& t) { t.operation.caller.program += "x"; }));
  EXPECT_TRUE(changed([](Ticket& t) { t.operation.object.port = 1; }));
  EXPECT_TRUE(changed([](Ticket& t) { t.operation.object.hash = 1; }));
}

TEST(TicketDigest, BindsWhatACardHasNoRoomFor) {
  Ticket one = a_ticket();
  one.operation.path = std::string(4000, 'a');
  Ticket other = one;
  other.operation.path[2000] = 'b';
  EXPECT_EQ(to_json(one)["operation"]["path"], to_json(other)["operation"]["path"]);
  EXPECT_NE(digest_of(one), digest_of(other));
}

TEST(TicketDigest, StaysWhileTheTicketWaits) {
  Ticket ticket = a_ticket();
  const std::string digest = digest_of(ticket);
  ticket.holds = {7, 8, 9};
  ticket.joined = 3;
  ticket.digest = "x";
  EXPECT_EQ(digest_of(ticket), digest);
}

}  // namespace
}  // namespace stayd
