// SPDX-License-Identifier: Apache-2.0
// Destinations that a flow does not make stricter.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <random>

#include "policy/compile_network.h"
#include "policy/explanation.h"
#include "unit/policy/compiled.h"
#include "unit/policy/packs.h"

namespace stayd {
namespace {

const std::vector<std::string> kRead = {"keys"};

// After reading a key, with these exceptions.
std::string policy(const std::string& except, const std::string& network = "allow: [10.0.0.0/8]") {
  return "labels: {keys: [/k]}\nnetwork: {default: audit, dns: [10.0.0.2], " + network +
         "}\nfiles: {default: allow, read: {audit: [keys]}}\n"
         "flows: [{after: {read: keys}, network: hold, exec: deny" +
         (except.empty() ? "" : ", except: [" + except + "]") + "}]\n";
}

TEST(FlowExceptions, AnExceptedDestinationStaysAsItIsWithoutTheFlow) {
  EXPECT_EQ(verdict(policy(""), "connect:10.1.2.3:443", kRead), Verdict::hold);
  const std::string except = policy("\"10.1.2.3:443/tcp\", 192.0.2.0/24");
  EXPECT_EQ(verdict(except, "connect:10.1.2.3:443", kRead), Verdict::allow);
  EXPECT_EQ(verdict(except, "connect:10.1.2.3:443/udp", kRead), Verdict::hold);
  EXPECT_EQ(verdict(except, "connect:10.1.2.3:444", kRead), Verdict::hold);
  EXPECT_EQ(verdict(except, "connect:10.1.2.4:443", kRead), Verdict::hold);
  EXPECT_EQ(verdict(except, "connect:192.0.2.9:22", kRead), Verdict::audit) << "the default";
  EXPECT_EQ(verdict(except, "exec:/x", kRead), Verdict::deny) << "only about destinations";
}

TEST(FlowExceptions, WhatARuleHoldsOrDeniesIsNotExcepted) {
  const std::string except =
      policy("10.0.0.0/8", "allow: [10.0.0.0/8], hold: [10.1.0.0/16], deny: [10.1.2.3]");
  EXPECT_EQ(verdict(except, "connect:10.2.0.1:1", kRead), Verdict::allow);
  EXPECT_EQ(verdict(except, "connect:10.1.0.1:1", kRead), Verdict::hold);
  EXPECT_EQ(verdict(except, "connect:10.1.2.3:1", kRead), Verdict::deny);
}

TEST(FlowExceptions, AnIpv6ExceptionNeverMeansIpv4) {
  const std::string except = policy("\"::/0\"");
  EXPECT_EQ(verdict(except, "connect:[2001:db8::1]:443", kRead), Verdict::audit);
  EXPECT_EQ(verdict(except, "connect:10.1.2.3:443", kRead), Verdict::hold);
}

TEST(FlowExceptions, AHostIsExceptedByItsName) {
  const std::string except = policy("\"api.example.com:443\", \"*.model.example.com\"",
                                    "allow: [\"api.example.com:443\"]");
  EXPECT_EQ(verdict(except, "connect:api.example.com:443", kRead), Verdict::allow);
  EXPECT_EQ(verdict(except, "connect:api.example.com:80", kRead), Verdict::hold);
  EXPECT_EQ(verdict(except, "connect:a.model.example.com:80", kRead), Verdict::audit);
  EXPECT_EQ(verdict(except, "connect:evil.example.com:443", kRead), Verdict::hold);
  const CompiledPolicy only_there = compiled(policy("a.example.com"), PathTree().resolver());
  EXPECT_TRUE(only_there.settings.flags & STAYD_POLICY_DEFER_HOSTS)
      << "names have to be known for it";
  ASSERT_EQ(only_there.hosts.size(), 1u);
  EXPECT_TRUE(matches(only_there.hosts[0], "a.example.com"));
}

TEST(FlowExceptions, AnExceptionIsFromItsOwnFlowOnly) {
  const std::string both =
      "labels: {keys: [/k], data: [/d]}\n"
      "network: {default: allow}\n"
      "flows:\n"
      "  - {after: {read: keys}, network: hold, except: [10.1.2.3]}\n"
      "  - {after: {read: data}, network: deny}\n"
      "  - {after: {read: keys}, network: audit}\n";
  EXPECT_EQ(verdict(both, "connect:10.1.2.3:1", {"keys"}), Verdict::audit);
  EXPECT_EQ(verdict(both, "connect:10.1.2.4:1", {"keys"}), Verdict::hold);
  EXPECT_EQ(verdict(both, "connect:10.1.2.3:1", {"keys", "data"}), Verdict::deny);
}

TEST(FlowExceptions, APacksFlowHasThoseThatThePolicyGivesIt) {
  const PackSource packs = packs_of(
      {{"secrets", pack_text("secrets",
                             "parameters:\n"
                             "  api: {means: a, example: \"a.example.com:443\", kind: network, "
                             "default: []}\n"
                             "labels: {keys: [/k]}\n"
                             "files: {read: {audit: [keys]}}\n"
                             "flows: [{after: {read: keys}, network: hold, except: [$api]}]\n")}});
  const auto judged = [&](const std::string& with, const std::string& operation) {
    const Result<Policy> policy =
        parse_policy("policy: p\nuse: [secrets]\n" + with +
                         "network: {default: allow, dns: [10.0.0.2]}\nfiles: {default: allow}\n"
                         "exec: {default: allow}\n",
                     "p.yaml", packs);
    EXPECT_TRUE(policy) << policy.error().message;
    PathTree tree;
    const Result<CompiledPolicy> result = compile(*policy, tree.resolver());
    Result<Attempt> attempt = parse_attempt(operation, tree);
    attempt->touched = *touched_mask(*policy, *result, {"secrets/keys"});
    return decide(*result, *attempt).verdict;
  };
  EXPECT_EQ(judged("", "connect:a.example.com:443"), Verdict::hold);
  EXPECT_EQ(judged("with: {api: [\"a.example.com:443\"]}\n", "connect:a.example.com:443"),
            Verdict::allow);
  EXPECT_EQ(judged("with: {api: [\"a.example.com:443\"]}\n", "connect:b.example.com:443"),
            Verdict::hold);
}

TEST(FlowExceptions, AnExplanationLeavesOutTheFlowThatDoesNotCount) {
  const Policy said = policy_of(policy("10.1.2.3"));
  PathTree tree;
  const Result<Explanation> excepted =
      explain(said, *parse_attempt("connect:10.1.2.3:1", tree), tree, kRead);
  ASSERT_TRUE(excepted);
  EXPECT_EQ(excepted->rule_verdict.verdict, Verdict::allow);
  ASSERT_EQ(excepted->matches.size(), 1u);
  EXPECT_EQ(excepted->matches[0].rule.text, "network.allow: 10.0.0.0/8");
  const Result<Explanation> held =
      explain(said, *parse_attempt("connect:10.1.2.4:1", tree), tree, kRead);
  EXPECT_EQ(held->rule, "flows: after read of keys: network hold; exec deny");
}

TEST(FlowExceptions, MistakesAreNamedWithTheirPlace) {
  const auto error = [](const std::string& flow, const std::string& network) {
    const Result<Policy> parsed =
        parse_policy("policy: p\nlabels: {keys: [/k]}\nnetwork: {" + network +
                         "}\nfiles: {default: allow}\n"
                         "exec: {default: allow}\nflows:\n  - {" +
                         flow + "}\n",
                     "p.yaml");
    return parsed ? "no error" : parsed.error().message;
  };
  EXPECT_EQ(error("after: {read: keys}, exec: hold, except: [10.0.0.1]", "default: allow"),
            "p.yaml:7:47: 'except' names destinations, and this flow says nothing about "
            "'network'; add 'network: hold'");
  EXPECT_EQ(error("after: {read: keys}, network: hold, except: [a.example.com]", "default: allow"),
            "p.yaml:7:50: host names need a resolver to believe; add 'dns: [\"10.0.0.2\"]' under "
            "'network'");
  for (const char* wrong : {"\"unix:/run/x\"", "\"https://a.example.com\"", "\"*.com\"", "/k"})
    EXPECT_THAT(error("after: {read: keys}, network: hold, except: [" + std::string(wrong) + "]",
                      "default: allow, dns: [10.0.0.2]"),
                testing::HasSubstr("p.yaml:7:51: "))
        << wrong;
}

// What the kernel side looks up by the address alone is what is said of it with no name.
TEST(FlowExceptions, ThePrefixesSayWhatIsSaidOfEachAddress) {
  std::mt19937 random(7);
  const char* const nets[] = {"10.0.0.0/8",  "10.1.0.0/16:1-9", "10.1.2.3:5/tcp",
                              "0.0.0.0/0:5", "10.1.2.0/24",     "2001:db8::/32",
                              "::/0",        "10.1.2.3",        "10.9.0.0/16/udp"};
  const auto net = [&] { return "\"" + std::string(nets[random() % std::size(nets)]) + "\""; };
  for (int round = 0; round < 300; ++round) {
    std::string text = "labels: {a: [/a], b: [/b]}\nnetwork: {default: audit, allow: [" + net() +
                       ", " + net() + "], hold: [" + net() + "]}\nflows:\n";
    for (const char* label : {"a", "b"})
      text += "  - {after: {read: " + std::string(label) + "}, network: deny, except: [" + net() +
              ", " + net() + "]}\n";
    const CompiledPolicy result = compiled(text, PathTree().resolver());
    for (const char* written :
         {"10.1.2.3", "10.1.2.4", "10.1.9.9", "10.9.9.9", "192.0.2.1", "2001:db8::1", "fd00::1"}) {
      const Address address = parse_destinations(written)->prefix.address;
      const std::pair<Prefix, stayd_prefix>* longest = nullptr;
      for (const auto& each : result.prefixes)
        if (contains(each.first, address) && (!longest || each.first.bits > longest->first.bits))
          longest = &each;
      const stayd_prefix by_name = rules_for_address(result, address, {});
      for (std::uint16_t port : {1, 5, 9, 80})
        for (std::uint8_t protocol : {IPPROTO_TCP, IPPROTO_UDP}) {
          const auto first = [&](const stayd_prefix* in) {
            for (std::uint32_t i = 0; in && i < in->count; ++i) {
              const stayd_port_rule& rule = in->rules[i];
              if (rule.first <= port && port <= rule.last &&
                  (rule.protocol == 0 || rule.protocol == protocol))
                return std::pair(rule.verdict, rule.exempt);
            }
            return std::pair(result.settings.verdicts[STAYD_ACCESS_NETWORK], std::uint16_t{0});
          };
          ASSERT_EQ(first(longest ? &longest->second : nullptr), first(&by_name))
              << written << ":" << port << "\n"
              << text;
        }
    }
  }
}

}  // namespace
}  // namespace stayd
