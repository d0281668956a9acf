// SPDX-License-Identifier: Apache-2.0
#include "dns/confirmer.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <chrono>
#include <future>
#include <memory>

#include "support/dns_wire.h"
#include "support/dnsmasq.h"
#include "support/handmade_resolver.h"
#include "support/waiting.h"

namespace stayd::test {
namespace {

using Reply = Result<DnsAnswer>;

DnsServer local(std::uint16_t port) {
  return {.address = parse_destinations("127.0.0.1")->prefix.address, .port = port};
}

// What it says; an error of our own if it says nothing for longer than it may.
Reply ask(Confirmer& confirmer, const DnsServer& server, const std::string& name,
          std::uint16_t type = kTypeA) {
  auto reply = std::make_shared<std::promise<Reply>>();
  std::future<Reply> future = reply->get_future();
  confirmer.confirm(server, name, type, [reply](const Reply& answer) { reply->set_value(answer); });
  if (future.wait_for(kPatience) != std::future_status::ready) return Error{"never called"};
  return future.get();
}

std::vector<Address> addresses_of(const Reply& reply) {
  std::vector<Address> all;
  if (reply)
    for (const NamedAddress& each : reply->addresses) all.push_back(each.address);
  return all;
}

std::vector<Address> only(const char* address) {
  return {parse_destinations(address)->prefix.address};
}

class ConfirmerTest : public ::testing::Test {
 protected:
  Confirmer confirmer_;
};

TEST_F(ConfirmerTest, HearsWhatARealResolverSays) {
  const std::uint16_t port = free_port();
  const Dnsmasq dnsmasq({"127.0.0.1"}, port);
  const Reply files = ask(confirmer_, local(port), "files.example.org");
  ASSERT_TRUE(files) << files.error().message;
  EXPECT_EQ(addresses_of(files), only("127.9.0.1"));
  EXPECT_EQ(files->addresses[0].ttl, 1u);
  EXPECT_EQ(addresses_of(ask(confirmer_, local(port), "files.example.org", kTypeAaaa)),
            only("fd53::9:1"));
  EXPECT_EQ(addresses_of(ask(confirmer_, local(port), "alias.example.org")), only("127.9.0.1"));
  const Reply unknown = ask(confirmer_, local(port), "nobody.example.org");
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().message.find("error 3"), std::string::npos) << unknown.error().message;
}

TEST_F(ConfirmerTest, AsksARealResolverAgainOverTcpForWhatDoesNotFit) {
  const std::uint16_t port = free_port();
  const Dnsmasq dnsmasq({"127.0.0.1"}, port, {"--edns-packet-max=512"});
  EXPECT_EQ(addresses_of(ask(confirmer_, local(port), "many.example.org")).size(), 40u);
}

TEST_F(ConfirmerTest, GoesToTcpWhenTheAnswerIsTruncatedAndBelievesOnlyThat) {
  HandmadeResolver resolver([](const HandmadeResolver::Question& question) {
    return std::vector{question.tcp
                           ? respond(question, "192.0.2.2")
                           : respond(question, "192.0.2.1", 0, kIsResponse | kIsTruncated)};
  });
  EXPECT_EQ(addresses_of(ask(confirmer_, resolver.server(), "a.example.org")), only("192.0.2.2"));
  EXPECT_EQ(resolver.asked_over_tcp(), 1);
}

TEST_F(ConfirmerTest, TakesNothingFromAnotherPort) {
  HandmadeResolver resolver([](const HandmadeResolver::Question& question) {
    Fd stranger(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const std::string lie = respond(question, "192.0.2.66");
    ::sendto(stranger.get(), lie.data(), lie.size(), 0,
             reinterpret_cast<const sockaddr*>(&question.from), sizeof(question.from));
    return std::vector{respond(question, "192.0.2.1")};
  });
  EXPECT_EQ(addresses_of(ask(confirmer_, resolver.server(), "a.example.org")), only("192.0.2.1"));
}

// Somebody who knows the ports is guessing: over TCP that is harder by far.
TEST_F(ConfirmerTest, GoesToTcpWhenSomebodyGuessesAtTheId) {
  HandmadeResolver resolver([](const HandmadeResolver::Question& question) {
    if (question.tcp) return std::vector{respond(question, "192.0.2.1")};
    return std::vector{respond(question, "192.0.2.66", 1), respond(question, "192.0.2.66")};
  });
  EXPECT_EQ(addresses_of(ask(confirmer_, resolver.server(), "a.example.org")), only("192.0.2.1"));
}

TEST_F(ConfirmerTest, TakesNoAnswerToAnotherQuestion) {
  HandmadeResolver resolver([](const HandmadeResolver::Question& question) {
    const DnsQuestion asked = read_question(question.bytes);
    return std::vector{dns_response(asked.id, "b.example.org", asked.type,
                                    {dns_address("b.example.org", "192.0.2.66")}),
                       dns_query(asked.id, asked.name, asked.type), std::string("short")};
  });
  EXPECT_FALSE(ask(confirmer_, resolver.server(), "a.example.org"));
}

TEST_F(ConfirmerTest, AsksOnceMoreBeforeItGivesUp) {
  HandmadeResolver silent(
      [](const HandmadeResolver::Question&) { return std::vector<std::string>(); });
  const std::int64_t begun = now_ns();
  EXPECT_FALSE(ask(confirmer_, silent.server(), "a.example.org"));
  EXPECT_GE(since_ns(begun), 2 * kDnsStep);
  EXPECT_EQ(silent.asked(), 2);
}

TEST_F(ConfirmerTest, HearsOfAResolverThatIsNotThere) {
  EXPECT_FALSE(ask(confirmer_, local(free_port()), "a.example.org"));
}

TEST_F(ConfirmerTest, AsksTheSameOnceForAll) {
  std::promise<void> go;
  HandmadeResolver resolver([&](const HandmadeResolver::Question& question) {
    go.get_future().wait();
    return std::vector{respond(question, "192.0.2.1")};
  });
  std::atomic<int> answered = 0;
  for (int i = 0; i < 10; i++)
    confirmer_.confirm(resolver.server(), "a.example.org", kTypeA,
                       [&](const Reply&) { ++answered; });
  go.set_value();
  EXPECT_TRUE(eventually([&] { return answered == 10; }));
  EXPECT_EQ(resolver.asked(), 1);
}

TEST_F(ConfirmerTest, ResolversThatAreSilentDoNotDelayOthers) {
  HandmadeResolver silent(
      [](const HandmadeResolver::Question&) { return std::vector<std::string>(); });
  HandmadeResolver resolver([](const HandmadeResolver::Question& question) {
    return std::vector{respond(question, "192.0.2.1")};
  });
  auto ended = std::make_shared<std::atomic<int>>(0);  // callbacks may come after the test
  for (int i = 0; i < 100; i++)
    confirmer_.confirm(silent.server(), "n" + std::to_string(i) + ".example.org", kTypeA,
                       [ended](const Reply&) { ++*ended; });
  EXPECT_TRUE(ask(confirmer_, resolver.server(), "a.example.org"));
  EXPECT_LT(*ended, 100) << "it was asked after them";
}

TEST_F(ConfirmerTest, RefusesMoreThanCanWait) {
  HandmadeResolver silent(
      [](const HandmadeResolver::Question&) { return std::vector<std::string>(); });
  auto refused = std::make_shared<std::atomic<int>>(0);  // callbacks may come after the test
  const auto on_reply = [refused](const Reply& reply) {
    if (!reply && reply.error().message.starts_with("too many")) ++*refused;
  };
  const std::size_t most = Confirmer::kMaxAtOnce + Confirmer::kMaxWaiting;
  for (std::size_t i = 0; i < most + 3; i++)
    confirmer_.confirm(silent.server(), "n" + std::to_string(i) + ".example.org", kTypeA, on_reply);
  EXPECT_TRUE(eventually([&] { return *refused == 3; }));
}

}  // namespace
}  // namespace stayd::test
