// SPDX-License-Identifier: Apache-2.0
#include "evaluation/host_names.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

#include <atomic>
#include <cstring>

#include "support/dns_wire.h"
#include "support/dnsmasq.h"
#include "support/handmade_resolver.h"
#include "support/waiting.h"
#include "unit/policy/compiled.h"

namespace stayd::test {
namespace {

using std::chrono::minutes;
using Names = std::vector<std::string>;

constexpr WorkloadId kWorkload{.slot = 3, .generation = 9};
constexpr std::uint32_t kPolicy = 5;
constexpr const char* kRules =
    "network: {default: deny, dns: [127.0.0.1], allow: [\"files.example.org\", "
    "\"*.wild.example.org\"]";

Address at(const std::string& address) { return parse_destinations(address)->prefix.address; }

// A response of the resolver at 127.0.0.1 to the workload.
DnsPacket packet(const std::string& message, WorkloadId workload = kWorkload) {
  DnsPacket result;
  result.workload = workload;
  result.source = result.destination = at("127.0.0.1");
  result.source_port = 53;
  result.destination_port = 40000;
  result.protocol = IPPROTO_UDP;
  const std::span<const std::byte> bytes = as_bytes(message);
  result.payload.assign(bytes.begin(), bytes.end());
  return result;
}

std::string said(const std::string& name, const std::vector<std::string>& addresses,
                 unsigned ttl = 60) {
  std::vector<std::string> records;
  for (const std::string& each : addresses) records.push_back(dns_address(name, each, ttl));
  return dns_response(7, name, kTypeA, records);
}

std::shared_ptr<const CompiledPolicy> policy_with(const std::string& more) {
  PathTree tree;
  return std::make_shared<const CompiledPolicy>(
      compiled(std::string(kRules) + more + "}\n", tree.resolver()));
}

class HostNamesTest : public ::testing::Test {
 protected:
  void listen_at(std::uint16_t port) {
    names_ = std::make_unique<HostNames>(
        [this](std::uint32_t policy, const Address& address,
               const std::optional<stayd_resolved>& value) {
          EXPECT_EQ(policy, kPolicy);
          if (value)
            kernel_[address] = *value;
          else
            kernel_.erase(address);
        },
        [this](WorkloadId) { ++settled_; }, [this] { return now_.load(); }, port);
  }
  void hear(const std::string& message) { names_->on(packet(message), policy_); }
  bool settle(int times = 1) {
    return eventually([&] { return settled_ == times; });
  }
  HostNames::Known look_up(const std::string& address) {
    return names_->look_up(kWorkload, kPolicy, policy_, at(address));
  }

  std::shared_ptr<const CompiledPolicy> policy_ = policy_with("");
  std::map<Address, stayd_resolved> kernel_;
  std::atomic<int> settled_ = 0;
  std::atomic<BootTime> now_{minutes(100)};
  std::unique_ptr<HostNames> names_;
};

TEST_F(HostNamesTest, BelievesWhatARealResolverSaysAsWell) {
  const std::uint16_t port = free_port();
  const Dnsmasq dnsmasq({"127.0.0.1"}, port);
  listen_at(port);
  hear(said("files.example.org", {"127.9.0.1", "192.0.2.66"}));
  EXPECT_NE(look_up("192.0.2.66").pending, 0u);
  ASSERT_TRUE(settle());
  EXPECT_EQ(look_up("127.9.0.1").names, Names{"files.example.org"});
  EXPECT_EQ(look_up("192.0.2.66").names, Names{});
  EXPECT_EQ(names_->counts().seen, 1u);
  EXPECT_EQ(names_->counts().unconfirmed, 1u);
}

TEST_F(HostNamesTest, BelievesAnyAnswerWhereConfirmingIsOff) {
  policy_ = policy_with(", confirm_dns: false");
  listen_at(free_port());
  hear(said("files.example.org", {"192.0.2.66"}));
  EXPECT_EQ(look_up("192.0.2.66").names, Names{"files.example.org"});
}

TEST_F(HostNamesTest, AsksAboutNoNameThatThePolicyDoesNotKnow) {
  HandmadeResolver resolver([](const HandmadeResolver::Question& question) {
    return std::vector{respond(question, "192.0.2.1")};
  });
  listen_at(resolver.server().port);
  hear(said("other.example.org", {"192.0.2.1"}));
  hear(said("a.wild.example.org", {"192.0.2.1"}));
  ASSERT_TRUE(settle());
  EXPECT_EQ(look_up("192.0.2.1").names, Names{"a.wild.example.org"});
  EXPECT_EQ(resolver.asked(), 1);
}

TEST_F(HostNamesTest, WherePeopleAreAskedAboutTheRestEveryNameIsConfirmed) {
  HandmadeResolver resolver([](const HandmadeResolver::Question& question) {
    return std::vector{respond(question, "192.0.2.1")};
  });
  PathTree tree;
  policy_ = std::make_shared<const CompiledPolicy>(
      compiled("network: {default: hold, dns: [127.0.0.1], allow: [\"files.example.org\"]}\n",
               tree.resolver()));
  listen_at(resolver.server().port);
  hear(said("other.example.org", {"192.0.2.1", "192.0.2.66"}));
  ASSERT_TRUE(settle());
  EXPECT_EQ(look_up("192.0.2.1").names, Names{"other.example.org"});
  EXPECT_EQ(look_up("192.0.2.66").names, Names{}) << "the resolver knows nothing of it";
  EXPECT_EQ(names_->addresses_of(kWorkload, "other.example.org"),
            std::vector<Address>{at("192.0.2.1")});
  EXPECT_TRUE(names_->addresses_of(kWorkload, "files.example.org").empty());
}

TEST_F(HostNamesTest, WhatNobodyConfirmsIsSettledWithoutAName) {
  listen_at(free_port());
  hear(said("files.example.org", {"192.0.2.1"}));
  ASSERT_TRUE(settle());
  const HostNames::Known known = look_up("192.0.2.1");
  EXPECT_EQ(known.pending, 0u);
  EXPECT_TRUE(known.names.empty());
}

TEST_F(HostNamesTest, ANamesLifeIsTheResolversWord) {
  HandmadeResolver resolver([](const HandmadeResolver::Question& question) {
    return std::vector{respond(question, "192.0.2.1")};  // for a minute
  });
  listen_at(resolver.server().port);
  hear(said("files.example.org", {"192.0.2.1"}, 1'000'000));
  ASSERT_TRUE(settle());
  EXPECT_FALSE(look_up("192.0.2.1").names.empty());
  EXPECT_EQ(kernel_.at(at("192.0.2.1")).expires_ns,
            static_cast<std::uint64_t>(BootTime(minutes(105)).count()));
  now_ = minutes(105);
  EXPECT_TRUE(look_up("192.0.2.1").names.empty());
}

TEST_F(HostNamesTest, AResolverThatPicksAddressesIsAskedAgain) {
  std::atomic<int> turn = 0;
  HandmadeResolver resolver([&](const HandmadeResolver::Question& question) {
    return std::vector{respond(question, "192.0.2." + std::to_string(++turn))};
  });
  listen_at(resolver.server().port);
  hear(said("files.example.org", {"192.0.2.3"}));
  ASSERT_TRUE(settle());
  EXPECT_EQ(look_up("192.0.2.3").names, Names{"files.example.org"});
  EXPECT_EQ(look_up("192.0.2.1").names, Names{"files.example.org"}) << "the agent was told that";
  hear(said("files.example.org", {"192.0.2.66"}));
  ASSERT_TRUE(settle(2));
  EXPECT_EQ(resolver.asked(), 2 * HostNames::kConfirmations);
}

TEST_F(HostNamesTest, WhatTheKernelKnowsEndsWhenAnAnswerNamesIt) {
  policy_ = policy_with(", confirm_dns: false");
  listen_at(free_port());
  look_up("192.0.2.1");
  look_up("192.0.2.2");
  ASSERT_EQ(kernel_.size(), 2u);
  EXPECT_EQ(kernel_.at(at("192.0.2.1")).rules.count, 0u);
  hear(said("files.example.org", {"192.0.2.1"}));
  EXPECT_FALSE(kernel_.contains(at("192.0.2.1")));
  EXPECT_TRUE(kernel_.contains(at("192.0.2.2")));
  look_up("192.0.2.1");
  EXPECT_EQ(kernel_.at(at("192.0.2.1")).rules.count, 1u);
}

TEST_F(HostNamesTest, WhatIsPendingIsNotToldToTheKernel) {
  std::atomic<bool> speaks = false;
  HandmadeResolver resolver([&](const HandmadeResolver::Question& question) {
    if (!eventually([&] { return speaks.load(); })) return std::vector<std::string>();
    return std::vector{respond(question, "192.0.2.1")};
  });
  listen_at(resolver.server().port);
  hear(said("files.example.org", {"192.0.2.1"}));
  EXPECT_NE(look_up("192.0.2.1").pending, 0u);
  EXPECT_TRUE(kernel_.empty());
  speaks = true;
  ASSERT_TRUE(settle());
  EXPECT_EQ(look_up("192.0.2.1").pending, 0u);
  EXPECT_EQ(kernel_.size(), 1u);
}

TEST_F(HostNamesTest, AnAnswerThatTellsNothingNewIsNotConfirmedAgainForAWhile) {
  HandmadeResolver resolver([](const HandmadeResolver::Question& question) {
    return std::vector{respond(question, "192.0.2.1")};
  });
  listen_at(resolver.server().port);
  const std::string message = said("files.example.org", {"192.0.2.1"});
  hear(message);
  ASSERT_TRUE(settle());
  look_up("192.0.2.1");
  hear(message);
  EXPECT_EQ(kernel_.size(), 1u);
  EXPECT_EQ(resolver.asked(), 1);
  now_ = now_.load() + HostNames::kFresh;
  hear(message);
  ASSERT_TRUE(settle(2));
  EXPECT_EQ(resolver.asked(), 2);
}

TEST_F(HostNamesTest, LaterAnswersDoNotProlongTheWait) {
  std::atomic<bool> speaks = false;
  HandmadeResolver resolver([&](const HandmadeResolver::Question& question) {
    const bool first = read_question(question.bytes).name == "n1.wild.example.org";
    if (!first && !eventually([&] { return speaks.load(); })) return std::vector<std::string>();
    return std::vector{respond(question, "192.0.2.1")};
  });
  listen_at(resolver.server().port);
  hear(said("n1.wild.example.org", {"192.0.2.1"}));
  ASSERT_TRUE(settle());
  hear(said("n2.wild.example.org", {"192.0.2.1"}));
  const std::uint64_t first = look_up("192.0.2.1").pending;
  ASSERT_NE(first, 0u);
  hear(said("n3.wild.example.org", {"192.0.2.1"}));
  EXPECT_EQ(names_->look_up(kWorkload, kPolicy, policy_, at("192.0.2.1"), first).pending, first);
  EXPECT_EQ(names_->look_up(kWorkload, kPolicy, policy_, at("192.0.2.1"), first - 1).pending, 0u);
  EXPECT_TRUE(kernel_.empty()) << "the kernel side would not wait for the last";
  speaks = true;
  EXPECT_TRUE(settle(3));
}

TEST_F(HostNamesTest, OneWorkloadsNamesAreNotAnothers) {
  policy_ = policy_with(", confirm_dns: false");
  listen_at(free_port());
  hear(said("files.example.org", {"192.0.2.1"}));
  const WorkloadId other{.slot = 4, .generation = 10};
  EXPECT_TRUE(names_->look_up(other, kPolicy, policy_, at("192.0.2.1")).names.empty());
  EXPECT_EQ(names_->names_of(kWorkload, at("192.0.2.1")), Names{"files.example.org"});
}

TEST_F(HostNamesTest, NamesOutliveAReloadButNotWhatMadeThemBelievable) {
  policy_ = policy_with(", confirm_dns: false");
  listen_at(free_port());
  hear(said("files.example.org", {"192.0.2.1"}));
  policy_ = policy_with(", confirm_dns: false, hold: [192.0.2.0/24]");
  EXPECT_EQ(look_up("192.0.2.1").names, Names{"files.example.org"});
  policy_ = policy_with("");
  EXPECT_TRUE(look_up("192.0.2.1").names.empty());
}

TEST_F(HostNamesTest, AnAnswerUnderAPolicyThatIsNotKnownYetGoesByTheLast) {
  policy_ = policy_with(", confirm_dns: false");
  listen_at(free_port());
  names_->on(packet(said("files.example.org", {"192.0.2.1"})), nullptr);
  EXPECT_TRUE(look_up("192.0.2.1").names.empty());
  names_->on(packet(said("files.example.org", {"192.0.2.1"})), nullptr);
  EXPECT_EQ(look_up("192.0.2.1").names, Names{"files.example.org"});
}

TEST_F(HostNamesTest, AReleasedWorkloadLeavesNothing) {
  policy_ = policy_with(", confirm_dns: false");
  listen_at(free_port());
  hear(said("files.example.org", {"192.0.2.1"}));
  look_up("192.0.2.1");
  names_->forget(kWorkload);
  EXPECT_TRUE(kernel_.empty());
  EXPECT_TRUE(names_->names_of(kWorkload, at("192.0.2.1")).empty());
}

TEST_F(HostNamesTest, AFloodOfAnswersWaitsOnlyInPart) {
  std::atomic<bool> speaks = false;
  HandmadeResolver resolver([&](const HandmadeResolver::Question& question) {
    if (!eventually([&] { return speaks.load(); })) return std::vector<std::string>();
    return std::vector{respond(question, "192.0.2.1")};
  });
  listen_at(resolver.server().port);
  for (std::size_t i = 0; i < HostNames::kMaxPending + 10; i++)
    hear(said("n" + std::to_string(i) + ".wild.example.org", {"192.0.2.1"}));
  speaks = true;
  ASSERT_TRUE(settle(HostNames::kMaxPending));
  EXPECT_EQ(look_up("192.0.2.1").names.size(), HostNames::kMaxPending);
}

TEST_F(HostNamesTest, AnswersOverTcpCountAsWell) {
  policy_ = policy_with(", confirm_dns: false");
  listen_at(free_port());
  const std::string message = said("files.example.org", {"192.0.2.1"});
  const std::string framed = number16(static_cast<unsigned>(message.size())) + message;
  const auto segment = [](const std::string& bytes, std::uint32_t sequence, bool begins) {
    DnsPacket result = packet(bytes);
    result.protocol = IPPROTO_TCP;
    result.sequence = sequence;
    result.begins = begins;
    return result;
  };
  names_->on(segment(framed.substr(10), 1010, false), policy_);
  EXPECT_TRUE(look_up("192.0.2.1").names.empty());
  names_->on(segment("", 1000, true), policy_);
  names_->on(segment(framed.substr(10), 1010, false), policy_);
  names_->on(segment(framed.substr(0, 10), 1000, false), policy_);
  EXPECT_EQ(look_up("192.0.2.1").names, Names{"files.example.org"});
}

}  // namespace
}  // namespace stayd::test
