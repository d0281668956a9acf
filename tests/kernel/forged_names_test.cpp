// SPDX-License-Identifier: Apache-2.0
// Workloads that tell themselves what they would like to hear of a resolver. Its word is
// believed where policy says `confirm_dns: false`, which shows that the lie would have worked.
#include <algorithm>

#include "host_names.h"
#include "support/dns_wire.h"

namespace stayd::test {
namespace {

constexpr const char* kForbidden = "127.9.66.66";
constexpr const char* kAllowed =
    "  default: deny\n  allow: [\"files.example.org\", 127.0.0.0/16]\n";
constexpr const char* kUnconfirmed = "  confirm_dns: false\n";

// A response of the resolver's to a query with `id`.
std::string lie(unsigned id, const std::string& name, const std::vector<std::string>& records) {
  return dns_response(id, name, kTypeA, records);
}

// Answers every query itself, as whoever is root in a network namespace of its own can.
Body answers_itself(std::uint16_t port) {
  return [port](Report&) -> long {
    if (!leave_network()) return -1;
    const Fd listener = listen_everywhere(port);
    answer_dns(kResolver, [](std::string_view query) {
      const DnsQuestion asked = read_question(query);
      return lie(asked.id, asked.name, {dns_address(asked.name, kForbidden)});
    });
    return connect_by_name("files.example.org", port, AF_INET);
  };
}

// Receives what it has sent itself with the resolver's address, and connects to `destinations`.
// The value has a bit for each that was reached, the first one's lowest.
Body forges(std::uint16_t port, const std::string& response,
            const std::vector<std::string>& destinations) {
  return [=](Report&) -> long {
    const Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const Destination here = destination("127.0.0.1", 0);
    if (::bind(socket.get(), here.get(), here.size) != 0) return -1;
    char bytes[4096];
    if (!send_forged(kResolver, 53, "127.0.0.1", port_of(socket), response)) return -1;
    if (::recv(socket.get(), bytes, sizeof(bytes), 0) != static_cast<ssize_t>(response.size()))
      return -1;
    long reached = 0;
    for (std::size_t i = 0; i < destinations.size(); i++)
      if (connect_to(destinations[i], port) == 0) reached |= 1 << i;
    return reached;
  };
}

class ForgedNames : public HostNames {};

TEST_F(ForgedNames, WhoeverAnswersItselfGainsNothing) {
  put_under(std::string(kAllowed) + kUnconfirmed);
  EXPECT_EQ(result(client(answers_itself(port_))), 0) << "the attack does not work any more";
  put_under(kAllowed);
  EXPECT_EQ(result(client(answers_itself(port_))), -EPERM);
}

TEST_F(ForgedNames, AnAnswerToAQuestionThatNobodyAskedGainsNothing) {
  const std::string response =
      lie(7, "files.example.org", {dns_address("files.example.org", kForbidden)});
  put_under(std::string(kAllowed) + kUnconfirmed);
  EXPECT_EQ(result(client(forges(port_, response, {kForbidden}))), 1);
  put_under(kAllowed);
  EXPECT_EQ(result(client(forges(port_, response, {kForbidden}))), 0);
}

TEST_F(ForgedNames, WhatIsAddedToATrueAnswerGainsNothing) {
  const std::string response = lie(7, "files.example.org",
                                   {dns_address("files.example.org", "127.9.0.1"),
                                    dns_address("files.example.org", kForbidden)});
  put_under(std::string(kAllowed) + kUnconfirmed);
  EXPECT_EQ(result(client(forges(port_, response, {"127.9.0.1", kForbidden}))), 3);
  put_under(kAllowed);
  EXPECT_EQ(result(client(forges(port_, response, {"127.9.0.1", kForbidden}))), 1);
}

TEST_F(ForgedNames, AnAnswerSpeaksForNoNameButItsOwn) {
  put_under(std::string(kAllowed) + kUnconfirmed);
  const std::string response = lie(7, "other.example.org",
                                   {dns_address("other.example.org", "127.9.0.9"),
                                    dns_address("files.example.org", kForbidden)});
  EXPECT_EQ(result(client(forges(port_, response, {"127.9.0.9", kForbidden}))), 0);
}

TEST_F(ForgedNames, AResolverThatIsNotConfiguredIsNotBelieved) {
  const Dnsmasq other({"127.0.0.55"}, 53, {"--host-record=files.example.com,127.9.66.66"});
  const std::string rules = "  default: deny\n  allow: [\"files.example.com\", 127.0.0.0/16]\n";
  const Body connects = connects_by_name("files.example.com", AF_INET);
  put_under(rules, "127.0.0.55");
  EXPECT_EQ(result(client(connects, "127.0.0.55")), 0);
  for (const char* more : {"", kUnconfirmed}) {
    put_under(rules + more);
    EXPECT_EQ(result(client(connects, "127.0.0.55")), -EPERM) << more;
  }
}

// Sends itself responses as fast as it can, until the test says that it is enough.
Body floods() {
  return [](Report& report) -> long {
    if (!leave_network()) return -1;
    const Fd receiver(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const Fd sender(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const Destination here = destination("127.0.0.1", 4000), resolver = destination(kResolver, 53);
    if (::bind(receiver.get(), here.get(), here.size) != 0 ||
        ::bind(sender.get(), resolver.get(), resolver.size) != 0 ||
        ::connect(sender.get(), here.get(), here.size) != 0)
      return -1;
    for (long sent = 0;; sent++) {
      const std::string name = "n" + std::to_string(sent) + ".wild.example.org";
      const std::string response = lie(7, name, {dns_address(name, kForbidden)});
      if (::send(sender.get(), response.data(), response.size(), 0) < 0) return -1;
      report.counters[0] = sent;
      if (report.stage != 0) return sent;
    }
  };
}

TEST_F(ForgedNames, AFloodCostsNamesAndNobodyElseAnything) {
  const Cgroup other(cgroup().name() + "-other");
  put_under("  default: deny\n  allow: [\"*.wild.example.org\", 127.0.0.0/16]\n");
  stayd().request("POST", "/v1/workloads",
                  {{"cgroup", other.name()}, {"policy", path("policy.yaml")}});
  const std::int64_t lost = stayd().counter("names_lost");
  const std::int64_t full = stayd().counter("denied_ring_full");
  const auto flood = tagged(floods());
  ASSERT_TRUE(eventually([&] { return stayd().counter("names_lost") > lost + 100; }));

  for (int i = 0; i < 5; i++) EXPECT_EQ(result(tagged(connects_to(kForbidden))), -EPERM);
  for (int i = 0; i < 5; i++) {
    // The resolver shares the machine with the flood, and may be late.
    const Body connects = connects_by_name("i" + std::to_string(i) + ".wild.example.org", AF_INET);
    EXPECT_TRUE(eventually([&] { return result(client_in(other, connects)) == 0; }));
  }
  EXPECT_FALSE(flood->report().ended);

  flood->report().stage = 1;
  EXPECT_GT(result(flood), 100);
  EXPECT_EQ(stayd().counter("denied_ring_full"), full);
  EXPECT_TRUE(eventually([&] {
    return result(client(connects_by_name("a.wild.example.org"))) == 0;
  })) << "all is well again";
  stayd().request("DELETE", "/v1/workloads", {{"cgroup", other.name()}});
}

// A container: a network namespace with a way to the host, and root in it.
TEST_F(ForgedNames, AContainerIsToldTheTruthAndCannotTellItselfOtherwise) {
  run("ip link add stayd0 type veth peer name stayd1 && ip addr add 10.53.0.1/24 dev stayd0 && "
      "ip link set stayd0 up && ip addr add 10.53.1.1/32 dev lo");
  const Dnsmasq host({"10.53.0.1"}, 53, {"--host-record=files.example.com,10.53.1.1"});
  put_under("  default: deny\n  allow: [\"files.example.com\", 10.53.0.0/24]\n", "10.53.0.1");
  write("resolv.conf", "");
  const auto container = client(
      [port = port_](Report& report) -> long {
        if (!leave_network()) return -1;
        report.stage = 1;
        if (!report.reaches(2)) return -1;
        if (connect_by_name("files.example.com", port, AF_INET) != 0) return -1;
        report.stage = 3;
        if (!report.reaches(4)) return -1;
        const Fd listener = listen_everywhere(port);
        answer_dns("10.53.0.1", [](std::string_view query) {
          const DnsQuestion asked = read_question(query);
          return lie(asked.id, asked.name, {dns_address(asked.name, "10.53.66.66")});
        });
        const std::vector<std::string> told = look_up("files.example.com", AF_INET);
        if (told != std::vector<std::string>{"10.53.66.66"}) return 1;
        return connect_to("10.53.66.66", port);
      },
      "10.53.0.1");
  const std::string pid = std::to_string(container->pid());
  ASSERT_TRUE(container->report().reaches(1));
  run("ip link set stayd1 netns " + pid + " && nsenter -n -t " + pid +
      " sh -c 'ip addr add 10.53.0.2/24 dev stayd1 && ip link set stayd1 up && "
      "ip route add default via 10.53.0.1'");
  container->report().stage = 2;
  ASSERT_TRUE(container->report().reaches(3)) << container->report().error;
  run("nsenter -n -t " + pid +
      " sh -c 'ip addr add 10.53.0.1/32 dev lo && ip addr add 10.53.66.66/32 dev lo'");
  container->report().stage = 4;
  EXPECT_EQ(result(container), -EPERM);
  run("ip addr del 10.53.1.1/32 dev lo");
}

}  // namespace
}  // namespace stayd::test
