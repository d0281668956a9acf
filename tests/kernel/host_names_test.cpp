// SPDX-License-Identifier: Apache-2.0
// Rules about host names, with a real resolver and real lookups.
#include "host_names.h"

#include <signal.h>

#include <atomic>
#include <thread>

namespace stayd::test {
namespace {

TEST_F(HostNames, AnAllowedNameOpensItsAddressesHoweverItIsLookedUp) {
  put_under("  default: deny\n  allow: [" + at_port("files.example.org") + "]\n");
  EXPECT_EQ(result(client(connects_to("127.9.0.1"))), -EPERM);
  for (const char* resolver : {kResolver, kResolver6})
    for (const char* options : {"", "use-vc"})
      EXPECT_EQ(result(client(connects_by_name("files.example.org"), resolver, options)), 0)
          << resolver << " " << options;
  EXPECT_EQ(questions(), 0u);
}

TEST_F(HostNames, AHeldNameIsAskedAboutAndADeniedOneRefused) {
  put_under(
      "  default: allow\n  hold: [\"files.example.org\"]\n  deny: [\"*.wild.example.org\"]\n");
  const auto held = client(connects_by_name("files.example.org", AF_INET));
  approve(question("connect"));
  EXPECT_EQ(result(held), 0);
  EXPECT_EQ(result(client(connects_by_name("a.wild.example.org", AF_INET))), -EPERM);
  EXPECT_EQ(result(client(connects_by_name("a.wild.example.org", AF_INET6))), -EPERM);
  EXPECT_EQ(result(client(connects_by_name("many.example.org", AF_INET))), 0);
}

TEST_F(HostNames, AWildcardMeansEverythingBelowAndNotTheNameItself) {
  put_under("  default: deny\n  allow: [\"*.wild.example.org\"]\n");
  EXPECT_EQ(result(client(connects_by_name("wild.example.org"))), -EPERM);
  EXPECT_EQ(result(client(connects_by_name("a.b.wild.example.org"))), 0);
}

TEST_F(HostNames, AnAliasCountsUnderTheNameThatWasAskedFor) {
  put_under("  default: deny\n  allow: [\"alias.example.org\"]\n");
  EXPECT_EQ(result(client(connects_by_name("files.example.org"))), -EPERM);
  EXPECT_EQ(result(client(connects_by_name("alias.example.org"))), 0);
}

TEST_F(HostNames, TheTargetOfAnAliasIsNotTheNameThatWasAskedFor) {
  put_under("  default: deny\n  allow: [\"files.example.org\", \"middle.example.org\"]\n");
  EXPECT_EQ(result(client(connects_by_name("alias.example.org"))), -EPERM);
}

TEST_F(HostNames, ManyAddressesComeOverTcp) {
  put_under("  default: deny\n  allow: [\"many.example.org\"]\n");
  const auto actor = client([port = port_](Report& report) -> long {
    const std::vector<std::string> addresses = look_up("many.example.org", AF_INET);
    for (const std::string& each : addresses)
      if (connect_to(each, port) != 0) return -1;
    report.stage = static_cast<int>(addresses.size());
    return 0;
  });
  EXPECT_EQ(result(actor), 0);
  EXPECT_EQ(actor->report().stage, 40);
}

TEST_F(HostNames, ANameRuleIsAboutItsPortsAndProtocol) {
  put_under("  default: deny\n  allow: [\"files.example.org:" + std::to_string(port_) +
            "/tcp\"]\n");
  const auto actor = client([port = port_](Report& report) -> long {
    if (connect_by_name("files.example.org", port, AF_INET) != 0) return -1;
    const auto other = static_cast<std::uint16_t>(port - 1);
    report.counters[0] = connect_to("127.9.0.1", other) == 0 ? 0 : errno;
    report.counters[1] = connect_to("127.9.0.1", port, SOCK_DGRAM) == 0 ? 0 : errno;
    return 0;
  });
  EXPECT_EQ(result(actor), 0);
  EXPECT_EQ(actor->report().counters[0], EPERM);
  EXPECT_EQ(actor->report().counters[1], EPERM);
}

TEST_F(HostNames, ANameIsKeptWhenItsSecondIsOver) {
  put_under("  default: deny\n  allow: [\"files.example.org\"]\n");
  const auto actor = client([port = port_](Report&) -> long {
    if (connect_by_name("files.example.org", port) != 0) return -1;
    return throughout(milliseconds(1500), [&] { return connect_to("127.9.0.1", port) == 0; }) ? 0
                                                                                              : -1;
  });
  EXPECT_EQ(result(actor), 0);
}

TEST_F(HostNames, WhatOneWorkloadWasToldHelpsNoOther) {
  put_under("  default: deny\n  allow: [\"files.example.org\"]\n");
  const Cgroup other(cgroup().name() + "-other");
  stayd().request("POST", "/v1/workloads",
                  {{"cgroup", other.name()}, {"policy", path("policy.yaml")}});
  EXPECT_EQ(result(client(connects_by_name("files.example.org"))), 0);
  const auto stranger = std::make_unique<Actor>(other.directory(), connects_to("127.9.0.1"));
  EXPECT_EQ(result(stranger), -EPERM);
  stayd().request("DELETE", "/v1/workloads", {{"cgroup", other.name()}});
}

// Connects at once to addresses that nobody has named before, `rounds` times from each thread.
Body hurries(std::uint16_t port, int threads, int rounds) {
  return [=](Report& report) -> long {
    std::atomic<int> failed = 0;
    std::vector<std::thread> all;
    for (int thread = 0; thread < threads; thread++)
      all.emplace_back([&, thread] {
        for (int i = 0; i < rounds; i++) {
          const std::string name = "x-127-9-" + std::to_string(100 + thread) + "-" +
                                   std::to_string(i % 250) + ".fresh.example.org";
          if (connect_by_name(name, port, AF_INET) == 0) continue;
          report.counters[0] = errno;
          ++failed;
        }
      });
    for (std::thread& each : all) each.join();
    return failed;
  };
}

TEST_F(HostNames, AConnectRightAfterTheAnswerIsNeverTooEarly) {
  put_under("  default: hold\n  allow: [\"*.fresh.example.org\"]\n");
  const auto actor = client(hurries(port_, 1, 200));
  EXPECT_EQ(result(actor), 0) << "the last errno: " << actor->report().counters[0];
  EXPECT_EQ(questions(), 0u);
}

TEST_F(HostNames, ConnectsOfSeveralThreadsRightAfterTheAnswerAreNeverTooEarly) {
  put_under("  default: hold\n  allow: [\"*.fresh.example.org\"]\n");
  const auto actor = client(hurries(port_, 4, 50));
  EXPECT_EQ(result(actor), 0) << "the last errno: " << actor->report().counters[0];
  EXPECT_EQ(questions(), 0u);
}

TEST_F(HostNames, ANewNameOfAnAddressThatWasJudgedWithoutItIsNotTooLate) {
  put_under("  default: deny\n  allow: [\"*.fresh.example.org\", " + at_port("files.example.org") +
            "]\n");
  const auto actor = client([port = port_](Report& report) -> long {
    for (int i = 0; i < 100; i++) {
      const std::string last = std::to_string(i);
      if (connect_to("127.9.50." + last, port) == 0) return 1000;
      const std::string name = "x-127-9-50-" + last + ".fresh.example.org";
      if (connect_by_name(name, port, AF_INET) == 0) continue;
      ++report.counters[0];
      report.counters[1] = errno;
    }
    return report.counters[0];
  });
  EXPECT_EQ(result(actor), 0) << "the last errno: " << actor->report().counters[1];
}

TEST_F(HostNames, WithoutAnAgentADenialStaysOneAndANewOneLearnsNamesAnew) {
  put_under(
      "  default: hold\n  deny: [127.9.0.5]\n  allow: [\"*.fresh.example.org\"]\n"
      "on_agent_loss: allow\n");
  const auto busy = client(hurries(port_, 2, 10'000));
  const std::int64_t asked = stayd().counter("asked");
  ASSERT_TRUE(eventually([&] { return stayd().counter("asked") > asked + 10; }));
  stayd().kill();
  EXPECT_EQ(result(client(connects_to("127.9.0.5"))), -EPERM);
  EXPECT_EQ(result(client(connects_to("127.9.0.6"))), 0);
  busy->send(SIGKILL);
  ASSERT_TRUE(busy->ends());
  stayd().start();
  EXPECT_EQ(result(client(hurries(port_, 1, 20))), 0);
  EXPECT_EQ(questions(), 0u);
}

}  // namespace
}  // namespace stayd::test
