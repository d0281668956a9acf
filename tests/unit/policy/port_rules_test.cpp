// SPDX-License-Identifier: Apache-2.0
#include "policy/port_rules.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

#include <algorithm>
#include <random>

namespace stayd {
namespace {

stayd_port_rule rule(int first, int last, int protocol, Verdict verdict, int id) {
  return {static_cast<std::uint16_t>(first),   static_cast<std::uint16_t>(last),
          static_cast<std::uint8_t>(protocol), static_cast<std::uint8_t>(verdict),
          static_cast<std::uint16_t>(id),      0};
}

Verdict said(const PortRules& rules, Verdict otherwise, int port, int protocol) {
  for (const stayd_port_rule& each : rules)
    if (each.first <= port && port <= each.last &&
        (each.protocol == 0 || each.protocol == protocol))
      return Verdict{each.verdict};
  return otherwise;
}

TEST(PortRules, NothingIsAddedWhereTheOtherListIsNotStricter) {
  const PortRules own{rule(443, 443, 0, Verdict::hold, 1)};
  EXPECT_EQ(stricter_of(own, Verdict::deny, {rule(0, 65535, 0, Verdict::hold, 2)}).size(), 1u);
  EXPECT_EQ(stricter_of(own, Verdict::allow, {}).size(), 1u);
}

TEST(PortRules, ARuleIsNamedRatherThanTheDefaultThatSaysTheSame) {
  const PortRules both = stricter_of({}, Verdict::hold, {rule(443, 443, 0, Verdict::hold, 2)});
  ASSERT_EQ(both.size(), 1u);
  EXPECT_EQ(both[0].rule, 2);
}

TEST(PortRules, OfAnyTwoListsTheStricterCountsAtEveryPortAndProtocol) {
  std::mt19937 random(5);
  const auto list = [&](int first_id) {
    PortRules rules;
    for (unsigned i = random() % 4; i > 0; --i) {
      const int from = static_cast<int>(random() % 8), to = from + static_cast<int>(random() % 4);
      const int protocols[] = {0, IPPROTO_TCP, IPPROTO_UDP};
      rules.push_back(rule(from, to, protocols[random() % 3],
                           Verdict{static_cast<std::uint8_t>(1 + random() % 4)}, first_id++));
    }
    return rules;
  };
  for (int round = 0; round < 2000; ++round) {
    const Verdict otherwise{static_cast<std::uint8_t>(1 + random() % 4)};
    const PortRules own = list(1), first = list(10), second = list(20);
    const PortRules all = stricter_of(stricter_of(own, otherwise, first), otherwise, second);
    for (int port = 0; port < 12; ++port)
      for (int protocol : {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP}) {
        const Verdict expected = stricter(said(own, otherwise, port, protocol),
                                          stricter(said(first, Verdict::allow, port, protocol),
                                                   said(second, Verdict::allow, port, protocol)));
        ASSERT_EQ(said(all, otherwise, port, protocol), expected) << round << " " << port;
      }
  }
}

TEST(PortRules, AnExceptionExemptsWhatItMatchesAndChangesNoVerdict) {
  std::mt19937 random(6);
  const auto one = [&](int id) {
    const int from = static_cast<int>(random() % 8), to = from + static_cast<int>(random() % 6);
    const int protocols[] = {0, IPPROTO_TCP, IPPROTO_UDP};
    return rule(from, to, protocols[random() % 3],
                Verdict{static_cast<std::uint8_t>(1 + random() % 4)}, id);
  };
  const auto matches = [](const stayd_port_rule& each, int port, int protocol) {
    return each.first <= port && port <= each.last &&
           (each.protocol == 0 || each.protocol == protocol);
  };
  for (int round = 0; round < 2000; ++round) {
    PortRules rules;
    for (unsigned i = random() % 4; i > 0; --i) rules.push_back(one(static_cast<int>(i)));
    const stayd_port_rule first = one(0), second = one(0);
    const PortRules all =
        with_exception(with_exception(rules, Verdict::audit, first, 1), Verdict::audit, second, 2);
    for (int port = 0; port < 14; ++port)
      for (int protocol : {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP}) {
        ASSERT_EQ(said(all, Verdict::audit, port, protocol),
                  said(rules, Verdict::audit, port, protocol));
        const auto found = std::ranges::find_if(
            all, [&](const stayd_port_rule& each) { return matches(each, port, protocol); });
        const int exempt = found == all.end() ? 0 : found->exempt;
        ASSERT_EQ(exempt, (matches(first, port, protocol) ? 1 : 0) +
                              (matches(second, port, protocol) ? 2 : 0))
            << round << " " << port;
      }
  }
}

}  // namespace
}  // namespace stayd
