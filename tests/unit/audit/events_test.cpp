// SPDX-License-Identifier: Apache-2.0
#include "audit/events.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "support/operation_builder.h"
#include "tickets/ticket_json.h"

namespace stayd {
namespace {

using namespace std::chrono_literals;
using namespace test;
using nlohmann::json;

constexpr const char* kNoonText = "2023-11-14T22:13:20.000Z";
constexpr const char* kHostile = "\x1b[2J\u202e\n";

Ticket a_ticket() {
  Ticket ticket;
  ticket.id = 12;
  ticket.operation = an_operation(7);
  ticket.workload = kHostile;
  ticket.opened = kNoon;
  ticket.deadline = kNoon + 30min;
  ticket.digest = digest_of(ticket);
  return ticket;
}

Decision a_decision() {
  Decision decision;
  decision.ticket = 12;
  decision.digest = kHostile;
  decision.choice = Choice::deny;
  decision.reason = kHostile;
  decision.person = "alice (uid 1000)";
  decision.channel = "terminal";
  return decision;
}

TEST(Events, EachHasATimeAndANameAndNoByteOfTheWorkload) {
  Operation operation = an_operation(7);
  operation.path = operation.caller.comm = kHostile;
  const std::pair<const char*, json> lines[] = {
      {"operation", audit::operation(operation, kHostile)},
      {"ticket_opened", audit::opened(a_ticket())},
      {"hold_joined", audit::joined(a_ticket(), 8, kNoon)},
      {"decision", audit::decided(a_decision(), kHostile, kNoon)},
      {"decision_refused", audit::decision_refused(a_decision(), kHostile, kHostile, kNoon)},
      {"released", audit::released({.hold = 7}, kNoon)},
      {"granted", audit::granted({.workload = kWorkload}, kNoon)},
      {"refused", audit::refused({7, kWorkload, kHostile}, kNoon)},
      {"assigned", audit::assigned(kHostile, kHostile, kHostile, kNoon)},
      {"unassigned", audit::unassigned(kHostile, kNoon)},
      {"started", audit::started("lsm", kNoon)},
      {"stopped", audit::stopped(kNoon)},
  };
  for (const auto& [name, line] : lines) {
    EXPECT_EQ(line["event"], name);
    EXPECT_EQ(line["time"], kNoonText) << name;
    for (const char c : dump(line)) EXPECT_TRUE(c >= 0x20 && c < 0x7f) << name;
  }
}

TEST(Events, ATicketCanBeFollowedFromItsHoldToItsRelease) {
  Ticket ticket = a_ticket();
  const json opened = audit::opened(ticket);
  EXPECT_EQ(opened["ticket"], 12);
  EXPECT_EQ(opened["hold"], 7);
  EXPECT_EQ(opened["shown"]["digest"], ticket.digest);

  ticket.outcome = Outcome::denied;
  ticket.closed = kNoon + 5s;
  ticket.decisions = {a_decision()};
  const json closed = audit::closed(ticket);
  EXPECT_EQ(closed["ticket"], 12);
  EXPECT_EQ(closed["outcome"], "denied");
  EXPECT_EQ(closed["time"], "2023-11-14T22:13:25.000Z");
  EXPECT_EQ(closed["decision"]["person"], "alice (uid 1000)");

  const json released = audit::released(
      {.hold = 7, .answer = HoldAnswer::allow, .valid_until = kNoon + 1min, .ticket = 12}, kNoon);
  EXPECT_EQ(released["hold"], 7);
  EXPECT_EQ(released["ticket"], 12);
  EXPECT_EQ(released["valid_until"], "2023-11-14T22:14:20.000Z");
}

TEST(Events, AnExpiredTicketNamesNobody) {
  Ticket ticket = a_ticket();
  ticket.outcome = Outcome::expired;
  ticket.closed = ticket.deadline;
  EXPECT_TRUE(audit::closed(ticket)["decision"].is_null());
}

TEST(Events, AGrantSaysWhatForWhomAndHowOften) {
  Grant grant;
  grant.id = 5;
  grant.ticket = 12;
  grant.workload = kWorkload;
  grant.expires = kNoon + 10min;
  grant.uses = 1;
  const json granted = audit::granted(grant, kNoon);
  EXPECT_EQ(granted["ticket"], 12);
  EXPECT_EQ(granted["grant"]["id"], 5);
  EXPECT_EQ(granted["grant"]["uses"], 1);
  grant.uses = std::numeric_limits<std::int64_t>::max();
  EXPECT_TRUE(audit::granted(grant, kNoon)["grant"]["uses"].is_null());
  grant.end = GrantEnd::revoked;
  const json ended = audit::grant_ended({grant, "alice"}, kNoon);
  EXPECT_EQ(ended["grant"]["state"], "revoked");
  EXPECT_EQ(ended["by"], "alice");
}

}  // namespace
}  // namespace stayd
