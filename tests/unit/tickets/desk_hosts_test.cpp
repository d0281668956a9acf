// SPDX-License-Identifier: Apache-2.0
// One question for a host, whatever addresses it has.
#include <gmock/gmock.h>

#include "unit/tickets/wide_grants.h"

namespace stayd {
namespace {

using namespace test;
using testing::ElementsAre;

class OncePerHost : public WideGrants {
 protected:
  OncePerHost() {
    around_ = {.rule = "network.default", .names = {"a.example.org"}, .touched = {}, .steps = {}};
  }
  bool would_join(Operation operation) {
    operation.time = now_;
    return desk_.would_join(operation, around_);
  }
};

TEST_F(OncePerHost, TheAddressesOfOneNameAreOneQuestionAndOneAnswer) {
  raise(connect_to(1, 1));
  EXPECT_TRUE(would_join(connect_to(2, 2)));
  desk_.hold_joined(connect_to(2, 2), now_, around_);
  raise(connect_to(3, 3));
  ASSERT_EQ(desk_.open_tickets().size(), 1u);
  const Ticket& ticket = *desk_.find(1);
  EXPECT_THAT(ticket.holds, ElementsAre(1u, 2u, 3u));
  EXPECT_EQ(ticket.also.size(), 2u);
  const auto effects = desk_.decide(approval(ticket), kAnybody, now_);
  ASSERT_TRUE(effects);
  EXPECT_EQ(only<Release>(*effects).size(), 3u);
}

TEST_F(OncePerHost, AnotherPortProtocolNameRuleOrLabelReadIsAnotherQuestion) {
  raise(connect_to(1, 1));
  Operation other = connect_to(2, 2);
  other.object.port = 80;
  EXPECT_FALSE(would_join(other));
  other = connect_to(2, 2);
  other.object.protocol = IPPROTO_UDP;
  EXPECT_FALSE(would_join(other));
  around_.names = {"b.example.org"};
  EXPECT_FALSE(would_join(connect_to(2, 2)));
  around_.names = {};
  EXPECT_FALSE(would_join(connect_to(2, 2)));
  around_.names = {"a.example.org"};
  around_.rule = "network.hold: 192.0.2.2";
  EXPECT_FALSE(would_join(connect_to(2, 2)));
  around_.rule = "network.default";
  around_.touched = {"customer-data"};
  EXPECT_FALSE(would_join(connect_to(2, 2)));
}

// IPv4 after IPv6 was approved and did not answer.
TEST_F(OncePerHost, OneAttemptMayGoOnWithOtherAddressesForAMinute) {
  approve(connect_to(1, 1), Scope::once, 0s);
  EXPECT_NE(settled(connect_to(2, 2)), 0u);
  EXPECT_EQ(settled(connect_to(1, 3)), 0u) << "the same again is another attempt";
  Operation elsewhere = connect_to(3, 4);
  elsewhere.caller.pid = 1;
  EXPECT_EQ(settled(elsewhere), 0u) << "another process";
  now_ += 1min;
  EXPECT_EQ(settled(connect_to(4, 5)), 0u);
}

TEST_F(OncePerHost, ALateApprovalIsForTheNextAttemptAtWhateverAddress) {
  raise(connect_to(1, 1));
  desk_.hold_gone(1, now_);
  const auto effects = desk_.decide(approval(*desk_.find(1)), kAnybody, now_);
  ASSERT_TRUE(effects);
  ASSERT_EQ(only<Granted>(*effects).size(), 1u);
  Operation next = connect_to(9, 2);
  next.caller.pid = 1;
  EXPECT_NE(settled(next), 0u);
  EXPECT_EQ(settled(connect_to(1, 3)), 0u) << "once";
}

TEST_F(OncePerHost, ALateDenialRefusesEveryAddressThatWasTried) {
  raise(connect_to(1, 1));
  desk_.hold_joined(connect_to(2, 2), now_, around_);
  desk_.hold_gone(1, now_);
  desk_.hold_gone(2, now_);
  ASSERT_TRUE(desk_.decide(denial(*desk_.find(1)), kAnybody, now_));
  for (const std::uint8_t address : {1, 2}) {
    EXPECT_EQ(settled(connect_to(address, 3)), 0u);
    EXPECT_TRUE(last_) << "refused";
  }
  settled(connect_to(3, 4));
  EXPECT_FALSE(last_);
}

TEST_F(OncePerHost, AHostIsGrantedByItsNameAtAllAddresses) {
  const Grant grant = only<Granted>(approve(connect_to(1, 1), Scope::host)).at(0).grant;
  EXPECT_EQ(grant.what, "connect to a.example.org:443/tcp, at whatever address");
  EXPECT_EQ(settled(connect_to(9, 2)), grant.id);
  around_.names = {"a.example.org", "cdn.example.net"};
  EXPECT_EQ(settled(connect_to(8, 3)), grant.id);
  around_.names = {"cdn.example.net"};
  EXPECT_EQ(settled(connect_to(7, 4)), 0u);
}

// Whoever owns a name can give it to the address of another host, and then to one of its own.
TEST_F(OncePerHost, AnAddressThatLacksOneOfTheNamesIsAnotherHost) {
  around_.names = {"a.example.org", "stranger.example.net"};
  raise(connect_to(1, 1));
  for (const char* each : {"a.example.org", "stranger.example.net"}) {
    around_.names = {each};
    EXPECT_FALSE(would_join(connect_to(2, 2))) << each;
  }
  around_.names = {"a.example.org", "other.example.org", "stranger.example.net"};
  EXPECT_TRUE(would_join(connect_to(2, 2)));

  around_.names = {"a.example.org", "stranger.example.net"};
  const Grant grant = only<Granted>(approve(connect_to(3, 3), Scope::host)).at(0).grant;
  EXPECT_EQ(
      grant.what,
      "connect to a.example.org and stranger.example.net:443/tcp, at whatever address has all "
      "of these names");
  for (const char* each : {"a.example.org", "stranger.example.net"}) {
    around_.names = {each};
    EXPECT_EQ(settled(connect_to(4, 4)), 0u) << each;
  }
  around_.names = {"a.example.org", "stranger.example.net"};
  EXPECT_EQ(settled(connect_to(5, 5)), grant.id);
}

TEST_F(OncePerHost, RepeatsForTheWorkloadAreAtTheAddressesThatWereTried) {
  raise(connect_to(1, 1));
  desk_.hold_joined(connect_to(2, 2), now_, around_);
  Decision decision = approval(*desk_.find(1));
  decision.scope = Scope::workload;
  decision.grant_for = 15min;
  const auto effects = desk_.decide(decision, kAnybody, now_);
  ASSERT_TRUE(effects);
  ASSERT_EQ(only<Granted>(*effects).size(), 2u);
  EXPECT_EQ(only<Granted>(*effects)[1].grant.object.address[15], 2);
  EXPECT_TRUE(is_for_kernel(only<Granted>(*effects)[1].grant));
}

TEST_F(OncePerHost, AClosedTicketIsNobodysHostAnyMore) {
  raise(connect_to(1, 1));
  ASSERT_TRUE(desk_.decide(denial(*desk_.find(1)), kAnybody, now_));
  EXPECT_FALSE(would_join(connect_to(2, 2)));
}

}  // namespace
}  // namespace stayd
