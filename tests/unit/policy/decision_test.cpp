// SPDX-License-Identifier: Apache-2.0
#include "policy/decision.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

#include <random>
#include <tuple>

#include "unit/policy/compiled.h"

namespace stayd {
namespace {

Result<std::vector<Identity>> no_files(const std::string&) { return Error{"not here"}; }

Address address(std::string_view text) { return parse_destinations(text)->prefix.address; }

CompiledPolicy with_network(const std::string& rules) {
  return compiled("network: {default: audit, " + rules + "}\n", no_files);
}

Verdict verdict(const CompiledPolicy& policy, const char* to, std::uint16_t port = 80,
                std::uint16_t protocol = IPPROTO_TCP) {
  return decide_network(policy, address(to), port, protocol).verdict;
}

TEST(NetworkDecision, TheLongestPrefixWins) {
  CompiledPolicy policy =
      with_network("allow: [10.0.0.0/8, 10.1.2.3], deny: [10.1.0.0/16, 169.254.169.254]");
  EXPECT_EQ(verdict(policy, "10.9.9.9"), Verdict::allow);
  EXPECT_EQ(verdict(policy, "10.1.9.9"), Verdict::deny);
  EXPECT_EQ(verdict(policy, "10.1.2.3"), Verdict::allow);
  EXPECT_EQ(verdict(policy, "169.254.169.254"), Verdict::deny);
  EXPECT_EQ(verdict(policy, "169.254.169.253"), Verdict::audit);
}

TEST(NetworkDecision, AWiderPrefixDecidesThePortsThatANarrowerOneLeaves) {
  CompiledPolicy policy = with_network("allow: [\"10.1.0.0/16:443\"], deny: [10.0.0.0/8]");
  EXPECT_EQ(verdict(policy, "10.1.2.3", 443), Verdict::allow);
  EXPECT_EQ(verdict(policy, "10.1.2.3", 80), Verdict::deny);
  EXPECT_EQ(verdict(policy, "11.1.2.3", 80), Verdict::audit);
}

TEST(NetworkDecision, FewerPortsThenAProtocolThenTheStricter) {
  CompiledPolicy policy = with_network(
      "allow: [\"10.0.0.0/8:80\", \"10.0.0.0/8:90/tcp\"], deny: [\"10.0.0.0/8:1-100/tcp\"], "
      "hold: [\"10.0.0.0/8:90\", 10.0.0.0/8, \"10.0.0.0/8:1-100/tcp\"]");
  EXPECT_EQ(verdict(policy, "10.0.0.1", 80), Verdict::allow);
  EXPECT_EQ(verdict(policy, "10.0.0.1", 90), Verdict::allow);
  EXPECT_EQ(verdict(policy, "10.0.0.1", 90, IPPROTO_UDP), Verdict::hold);
  EXPECT_EQ(verdict(policy, "10.0.0.1", 50), Verdict::deny);
  EXPECT_EQ(verdict(policy, "10.0.0.1", 50, IPPROTO_UDP), Verdict::hold);
}

TEST(NetworkDecision, AnIpv6PrefixNeverMeansIpv4) {
  CompiledPolicy policy = with_network("allow: [\"::/0\"], deny: [\"2001:db8::/32\"]");
  EXPECT_EQ(verdict(policy, "2001:db9::1"), Verdict::allow);
  EXPECT_EQ(verdict(policy, "2001:db8::1"), Verdict::deny);
  EXPECT_EQ(verdict(policy, "ff02::1"), Verdict::allow);
  EXPECT_EQ(verdict(policy, "10.0.0.1"), Verdict::audit);
  policy = with_network("allow: [\"::/0\"], deny: [\"0.0.0.0/0:25\"]");
  EXPECT_EQ(verdict(policy, "10.0.0.1", 25), Verdict::deny);
  EXPECT_EQ(verdict(policy, "10.0.0.1", 80), Verdict::audit);
}

TEST(NetworkDecision, NamesTheRuleThatDecided) {
  CompiledPolicy policy = with_network("deny: [10.0.0.0/8, 10.1.0.0/16]");
  Judgement judgement = decide_network(policy, address("10.1.0.1"), 80, IPPROTO_TCP);
  EXPECT_EQ(policy.rules[judgement.rule], "network.deny: 10.1.0.0/16");
}

// All rules in one list, looked at one by one.
Judgement decide_naively(const Policy& policy, const Address& to, std::uint16_t port,
                         std::uint16_t protocol) {
  const NetworkRule* best = nullptr;
  auto rank = [](const NetworkRule& rule) {
    const Destinations& d = rule.destinations;
    return std::tuple(-static_cast<int>(d.prefix.bits), d.last_port - d.first_port, d.protocol == 0,
                      -static_cast<int>(rule.rule.verdict), rule.rule.id);
  };
  bool to_ipv4 = is_ipv4(Prefix{to, 128});
  for (const NetworkRule& rule : policy.network) {
    const Destinations& d = rule.destinations;
    bool matches = is_ipv4(d.prefix) == to_ipv4 && contains(d.prefix, to) && port >= d.first_port &&
                   port <= d.last_port && (d.protocol == 0 || d.protocol == protocol);
    if (matches && (!best || rank(rule) < rank(*best))) best = &rule;
  }
  if (!best) return {policy.network_default, 0};
  return {best->rule.verdict, best->rule.id};
}

// Few bits differ, so that prefixes nest and addresses hit them.
class RandomNetwork {
 public:
  std::uint32_t below(std::uint32_t bound) {
    return std::uniform_int_distribution<std::uint32_t>(0, bound - 1)(random_);
  }
  Address any_address() {
    Address result{};
    if (below(2)) result[10] = result[11] = 0xff;
    if (below(4) == 0) result[0] = static_cast<std::uint8_t>(below(4) << 6);
    for (int i = 12; i < 16; i++) result[i] = static_cast<std::uint8_t>(below(3) << 6);
    return result;
  }
  std::uint16_t any_port() { return static_cast<std::uint16_t>(1 + below(8)); }
  std::uint16_t any_protocol() { return below(2) ? IPPROTO_TCP : IPPROTO_UDP; }

  Policy any_policy() {
    constexpr Verdict kVerdicts[] = {Verdict::allow, Verdict::audit, Verdict::hold, Verdict::deny};
    Policy policy;
    policy.network_default = kVerdicts[below(4)];
    std::uint32_t size = 1 + below(24);
    for (std::uint32_t id = 1; id <= size; id++) {
      NetworkRule rule;
      Address network = any_address();
      std::uint32_t bits = below(4) == 0 ? below(129) : 96 + below(33);
      for (std::uint32_t bit = bits; bit < 128; bit++) network[bit / 8] &= ~(0x80 >> bit % 8);
      rule.destinations.prefix = {network, bits};
      if (below(3)) {
        rule.destinations.first_port = any_port();
        rule.destinations.last_port =
            static_cast<std::uint16_t>(rule.destinations.first_port + below(3));
      }
      if (below(3) == 0) rule.destinations.protocol = static_cast<std::uint8_t>(any_protocol());
      rule.rule.id = id;
      rule.rule.verdict = kVerdicts[below(4)];
      policy.network.push_back(rule);
    }
    return policy;
  }

 private:
  std::mt19937 random_{20240607};
};

TEST(NetworkDecision, TablesSayWhatTheRulesSay) {
  RandomNetwork network;
  int decided_by_rule = 0;
  for (int round = 0; round < 2000; round++) {
    Policy policy = network.any_policy();
    Result<CompiledPolicy> tables = compile(policy, no_files);
    if (!tables) {
      EXPECT_GT(policy.network.size(), std::size_t{STAYD_PORT_RULES});
      continue;
    }
    for (int i = 0; i < 50; i++) {
      Address to = network.any_address();
      std::uint16_t port = network.any_port();
      std::uint16_t protocol = network.any_protocol();
      Judgement expected = decide_naively(policy, to, port, protocol);
      ASSERT_EQ(decide_network(*tables, to, port, protocol), expected) << "round " << round;
      decided_by_rule += expected.rule != 0;
    }
  }
  EXPECT_GT(decided_by_rule, 10000);
}

}  // namespace
}  // namespace stayd
