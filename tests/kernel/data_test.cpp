// SPDX-License-Identifier: Apache-2.0
// With what data: which files of labels were read, and how much was sent where.
#include <gmock/gmock.h>
#include <unistd.h>

#include <numeric>

#include "host_names.h"
#include "kernel_test.h"

namespace stayd::test {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

std::string tcp(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port) + "/tcp"; }
std::string udp(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port) + "/udp"; }

// So many datagrams of `size` bytes to 127.9.1.1, 127.9.1.2 and so on.
Body sprays(std::uint16_t port, int destinations, std::size_t size) {
  return [=](Report&) -> long {
    const std::string text(size, 'x');
    for (int i = 1; i <= destinations; ++i) {
      Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
      sockaddr_in address = loopback(port);
      address.sin_addr.s_addr = htonl(0x7f090100u + static_cast<std::uint32_t>(i));
      if (::sendto(socket.get(), text.data(), size, 0, as_sockaddr(address), sizeof(address)) < 0)
        return -1;
    }
    return 0;
  };
}

// Reading and sending are allowed; what is asked about is creation below new/.
class Data : public KernelTest {
 protected:
  Data() {
    write("policy.yaml", "policy: data\nlabels: {data: [" + path("data") +
                             "]}\nnetwork: {default: allow}\nexec: {default: allow}\n"
                             "files: {default: allow, read: {allow: [data]}, create: {hold: [" +
                             path("new") + "]}}\n");
    assign();
  }
  // After `bodies`, in one process of the workload.
  Json facts_after(std::vector<Body> bodies) {
    bodies.push_back(creates(path("new/" + std::to_string(++asked_))));
    const auto actor = tagged(in_turn(std::move(bodies)));
    const Json ticket = question("create");
    deny(ticket);
    EXPECT_TRUE(actor->ends());
    return ticket["circumstances"];
  }
  Body reads_files(int from, int to) const {
    std::vector<Body> bodies;
    for (int i = from; i < to; ++i) bodies.push_back(reads(path("data/f" + std::to_string(i))));
    return in_turn(std::move(bodies));
  }

  TcpListener listener_;
  UdpReceiver receiver_;

 private:
  int asked_ = 0;
};

TEST_F(Data, TheCardSaysWhichFilesWereReadAndHowMuchWentWhere) {
  write("data/b.csv", "x");
  write("other", "x");
  const Json facts =
      facts_after({reads(customers()), reads(path("data/b.csv")), reads(customers()),
                   reads(path("other")), connects(listener_.port(), std::string(10'000, 'x')),
                   sends(receiver_.port(), std::string(500, 'x')),
                   sends(receiver_.port(), std::string(400, 'x'))});
  EXPECT_THAT(facts["touched"], ElementsAre("data"));
  EXPECT_THAT(facts["files_read"], ElementsAre(customers(), path("data/b.csv")));
  EXPECT_EQ(facts["files_read_count"], 2);
  ASSERT_EQ(facts["sent"].size(), 2u) << facts;
  EXPECT_EQ(facts["sent"][0]["to"], tcp(listener_.port()));
  EXPECT_EQ(facts["sent"][0]["bytes"], 10'000);
  EXPECT_EQ(facts["sent"][1]["to"], udp(receiver_.port()));
  EXPECT_EQ(facts["sent"][1]["bytes"], 900);
  EXPECT_EQ(facts["bytes_sent"], 10'900);
}

TEST_F(Data, WhatOthersReadAndSendIsNotTheWorkloads) {
  EXPECT_GE(unguarded(reads(customers())), 0);
  EXPECT_GE(unguarded(sends(receiver_.port(), "x")), 0);
  const Json facts = facts_after({});
  EXPECT_EQ(facts["files_read_count"], 0) << facts;
  EXPECT_EQ(facts["bytes_sent"], 0) << facts;
}

TEST_F(Data, WhatIsDeniedWasNotRead) {
  write("policy.yaml",
        "policy: data\nlabels: {data: [" + path("data") +
            "]}\nnetwork: {default: allow}\nexec: {default: allow}\nfiles: {default: "
            "allow, read: {deny: [data]}, create: {hold: [" +
            path("new") + "]}}\n");
  assign();
  const auto actor = tagged(reads(customers()));
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().error, EPERM);
  EXPECT_EQ(facts_after({})["files_read_count"], 0);
}

TEST_F(Data, TheLatestOfManyFilesAreShownAndAllAreCounted) {
  for (int i = 0; i < 40; ++i) write("data/f" + std::to_string(i), "x");
  const Json facts = facts_after({reads_files(0, 40)});
  EXPECT_EQ(facts["files_read_count"], 40);
  ASSERT_EQ(facts["files_read"].size(), 16u);
  EXPECT_EQ(facts["files_read"][0], path("data/f24"));
  EXPECT_EQ(facts["files_read"][15], path("data/f39"));
}

TEST_F(Data, AVeryLongPathKeepsItsEnd) {
  std::string below = "data";
  for (int i = 0; i < 5; ++i) {
    below += "/" + std::string(100, static_cast<char>('a' + i));
    ASSERT_EQ(::mkdir(path(below).c_str(), 0755), 0);
  }
  write(below + "/list.csv", "x");
  const Json facts = facts_after({reads(path(below + "/list.csv"))});
  ASSERT_EQ(facts["files_read"].size(), 1u) << facts;
  const std::string shown = facts["files_read"][0];
  EXPECT_THAT(shown, StartsWith("\\u{2026}/"));
  EXPECT_TRUE(shown.ends_with(std::string(100, 'e') + "/list.csv")) << shown;
}

TEST_F(Data, TheLargestOfManyDestinationsAreShownAndAllAreCounted) {
  const Json facts = facts_after(
      {sends(receiver_.port(), std::string(1000, 'x')), sprays(receiver_.port(), 200, 10)});
  EXPECT_EQ(facts["bytes_sent"], 3000);
  ASSERT_EQ(facts["sent"].size(), 8u) << facts;
  EXPECT_EQ(facts["sent"][0]["to"], udp(receiver_.port()));
  EXPECT_EQ(facts["sent"][0]["bytes"], 1000);
  EXPECT_EQ(facts["sent"][7]["bytes"], 10);
}

// What one processor cannot see of another's is at most counted twice, and shown once.
TEST_F(Data, SendersAtTheSameTimeAreCountedTogether) {
  std::vector<std::unique_ptr<Actor>> actors;
  for (int i = 0; i < 4; ++i) actors.push_back(tagged(sprays(receiver_.port(), 8, 100)));
  for (const auto& each : actors) ASSERT_TRUE(each->ends());
  const Json facts = facts_after({});
  EXPECT_EQ(facts["bytes_sent"], 3200);
  ASSERT_EQ(facts["sent"].size(), 8u) << facts;
  for (const Json& each : facts["sent"]) EXPECT_EQ(each["bytes"], 400) << facts;
}

TEST_F(Data, AnAgentThatFollowsAnotherGoesOnCountingAndNothingCountsTwice) {
  write("data/b.csv", "x");
  facts_after({reads(customers()), sends(receiver_.port(), std::string(100, 'x'))});
  stayd().stop();
  EXPECT_GT(tagged(sends(receiver_.port(), std::string(10, 'x')))->ends(), 0);
  stayd().start();
  const Json facts =
      facts_after({reads(path("data/b.csv")), sends(receiver_.port(), std::string(1, 'x'))});
  EXPECT_EQ(facts["bytes_sent"], 111) << facts;
  EXPECT_THAT(facts["files_read"], ElementsAre(customers(), path("data/b.csv")));
}

TEST_F(Data, ANewWorkloadBeginsWithNothing) {
  facts_after({reads(customers()), sends(receiver_.port(), "x")});
  release();
  assign();
  const Json facts = facts_after({});
  EXPECT_EQ(facts["files_read_count"], 0) << facts;
  EXPECT_EQ(facts["bytes_sent"], 0) << facts;
  EXPECT_EQ(facts_after({reads(customers())})["files_read_count"], 1);
}

using DataByName = HostNames;

TEST_F(DataByName, ADestinationHasTheNameThatTheWorkloadWasTold) {
  put_under("  default: allow\n  hold: [\"many.example.org\"]\n  allow: [\"files.example.org\"]\n");
  EXPECT_EQ(result(client([port = port_](Report&) -> long {
              return connect_by_name("files.example.org", port, AF_INET) == 0 &&
                             connect_to("127.9.0.1", port, SOCK_DGRAM) == 0
                         ? 0
                         : -1;
            })),
            0);
  EXPECT_EQ(result(client([port = port_](Report&) -> long {
              Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
              sockaddr_in address = loopback(port);
              address.sin_addr.s_addr = htonl(0x7f090001u);
              return ::sendto(socket.get(), "1234", 4, 0, as_sockaddr(address), sizeof(address)) ==
                             4
                         ? 0
                         : -1;
            })),
            0);
  const auto held = client(connects_by_name("many.example.org", AF_INET));
  const Json ticket = question("connect");
  deny(ticket);
  Json found;
  for (const Json& each : ticket["circumstances"]["sent"])
    if (each["to"] == "127.9.0.1:" + std::to_string(port_) + "/udp") found = each;
  EXPECT_EQ(found["bytes"], 4) << ticket["circumstances"];
  EXPECT_THAT(found["names"], ElementsAre("files.example.org"));
}

}  // namespace
}  // namespace stayd::test
