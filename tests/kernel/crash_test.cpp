// SPDX-License-Identifier: Apache-2.0
// An agent that is killed at any moment, again and again. What happened is seen from the outside:
// by the server that was connected to, and by the files that are there.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "kernel_test.h"
#include "support/record_reader.h"

namespace stayd::test {
namespace {

constexpr int kThreads = 4;

// scripts/test --long asks for more.
int kills() {
  const char* wanted = std::getenv("STAYD_KILLS");
  return wanted != nullptr ? std::atoi(wanted) : 5;
}

// Each number is tried by one thread: as an address of the loopback network, or as a file.
in_addr_t address_of(std::uint32_t number) { return htonl(0x7f100000u | number); }

enum Counted : std::size_t { tried, connected, made, refused };

bool connects_to(std::uint32_t number, std::uint16_t port) {
  const Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = loopback(port);
  address.sin_addr.s_addr = address_of(number);
  return ::connect(socket.get(), as_sockaddr(address), sizeof(address)) == 0;
}

// Tries every kThreads-th number, some of them twice, until the test has seen enough.
void try_numbers(std::uint32_t first, std::uint16_t port, const std::string& directory,
                 Report& report) {
  for (std::uint32_t number = first; report.stage == 0; number += kThreads) {
    ++report.counters[tried];
    if (number % 3 == 0) {
      const std::string file = directory + "/" + std::to_string(number);
      const Fd made_file(::open(file.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644));
      ++report.counters[made_file ? made : refused];
      continue;
    }
    const bool done = connects_to(number, port);
    ++report.counters[done ? connected : refused];
    if (done && number % 4 == 0 && connects_to(number, port)) ++report.counters[connected];
  }
}

// What was said to a ticket, and whether stayd said that it had taken it.
struct Said {
  std::string choice;
  std::uint32_t number = 0;
  bool acknowledged = false;
};

class Crash : public KernelTest {
 protected:
  Crash();
  void answer_what_is_asked();
  void take_connections();
  void live_until_killed();
  std::uint32_t number_of(const Json& ticket) const;

  std::mt19937 random_{std::random_device{}()};
  milliseconds start_{};  // what an agent takes to get ready
  int lives_ = 0;
  Fd server_;
  std::uint16_t port_ = 0;
  std::map<std::uint64_t, Said> said_;        // by ticket
  std::size_t acknowledged_ = 0;              // of them
  std::set<std::uint32_t> asked_;             // numbers
  std::map<std::uint32_t, int> connections_;  // by number, as the server has seen them
};

Crash::Crash() : server_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
  sockaddr_in any{};
  any.sin_family = AF_INET;
  socklen_t size = sizeof(any);
  if (::bind(server_.get(), as_sockaddr(any), size) || ::listen(server_.get(), 4096) ||
      ::getsockname(server_.get(), reinterpret_cast<sockaddr*>(&any), &size))
    throw std::runtime_error("no server");
  port_ = ntohs(any.sin_port);
}

void Crash::take_connections() {
  while (const Fd peer{::accept4(server_.get(), nullptr, nullptr, SOCK_CLOEXEC)}) {
    sockaddr_in own{};
    socklen_t size = sizeof(own);
    ::getsockname(peer.get(), reinterpret_cast<sockaddr*>(&own), &size);
    ++connections_[ntohl(own.sin_addr.s_addr) & 0xfffffu];
  }
}

std::uint32_t Crash::number_of(const Json& ticket) const {
  const Json& operation = ticket["operation"];
  if (operation.contains("path")) {
    const std::string file = operation["path"];
    return static_cast<std::uint32_t>(std::stoul(file.substr(file.rfind('/') + 1)));
  }
  const std::string endpoint = operation["endpoint"];
  in_addr address{};
  ::inet_pton(AF_INET, endpoint.substr(0, endpoint.find(':')).c_str(), &address);
  return ntohl(address.s_addr) & 0xfffffu;
}

// Each number gets one chance to be approved; whoever asks about it once more is denied.
void Crash::answer_what_is_asked() {
  const Result<Json> reply = stayd().try_request("GET", "/v1/tickets");
  if (!reply) return;
  for (const Json& ticket : (*reply)["tickets"]) {
    const std::uint64_t id = ticket["id"];
    if (const auto known = said_.find(id); known != said_.end() && known->second.acknowledged)
      continue;
    Said& said = said_[id];
    if (said.choice.empty()) {
      said.number = number_of(ticket);
      const bool first = asked_.insert(said.number).second;
      said.choice = first && random_() % 3 != 0 ? "approve" : "deny";
    }
    if (!decide(ticket, said.choice)) continue;
    said.acknowledged = true;
    ++acknowledged_;
  }
}

void Crash::live_until_killed() {
  stayd().begin();
  // Every second one lives until it has acknowledged two decisions; of the others some are not even
  // ready when they are killed.
  if (++lives_ % 2 == 0) {
    const std::size_t before = acknowledged_;
    EXPECT_TRUE(eventually([&] {
      take_connections();
      answer_what_is_asked();
      return acknowledged_ >= before + 2;
    }));
  }
  const auto moment = milliseconds(random_() % static_cast<unsigned>(3 * start_.count() + 1));
  const auto killer = untagged([pid = stayd().pid(), moment](Report&) -> long {
    ::poll(nullptr, 0, static_cast<int>(moment.count()));
    return ::kill(pid, SIGKILL);
  });
  while (stayd().running()) {
    take_connections();
    answer_what_is_asked();
    ::poll(nullptr, 0, 5);
  }
}

TEST_F(Crash, LosesNoDecisionAppliesNoneTwiceAndLetsNothingThroughThatNobodyApproved) {
  RecordReader record(stayd().record_path());
  const auto workload = tagged([this](Report& report) -> long {
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i)
      threads.emplace_back(
          [&, i] { try_numbers(static_cast<std::uint32_t>(i + 1), port_, path("new"), report); });
    for (std::thread& each : threads) each.join();
    return 0;
  });
  stayd().kill();
  const std::int64_t begun = now_ns();
  stayd().start();
  start_ = std::min<milliseconds>(since_ns(begun), seconds(2));
  stayd().kill();
  const int count = kills();
  for (int i = 0; i < count; ++i) live_until_killed();

  stayd().start();
  workload->report().stage = 1;
  ASSERT_TRUE(eventually([&] {
    answer_what_is_asked();
    take_connections();
    return workload->report().ended.load();
  }));

  std::set<std::uint32_t> approved;
  for (const auto& [id, said] : said_)
    if (said.choice == "approve") approved.insert(said.number);
  for (const auto& [number, times] : connections_) {
    EXPECT_TRUE(approved.contains(number)) << number << " connected, and nobody approved it";
    EXPECT_EQ(times, 1) << number << " connected more often than it was approved";
  }
  std::size_t files = 0;
  for (const auto& file : std::filesystem::directory_iterator(path("new"))) {
    ++files;
    const auto number = static_cast<std::uint32_t>(std::stoul(file.path().filename()));
    EXPECT_TRUE(approved.contains(number)) << number << " was made, and nobody approved it";
  }

  std::map<std::uint64_t, std::vector<std::string>> recorded;  // decisions, by ticket
  std::map<std::uint64_t, std::set<std::string>> outcomes;
  for (const Json& event : record.next()) {
    if (event["event"] == "decision")
      recorded[event["ticket"]].push_back(event["decision"]["choice"]);
    if (event["event"] == "ticket_closed") outcomes[event["ticket"]].insert(event["outcome"]);
  }
  for (const auto& [id, said] : said_) {
    EXPECT_LE(recorded[id].size(), 1u) << "ticket " << id << " was decided twice";
    EXPECT_EQ(outcomes[id].size(), 1u) << "ticket " << id << " has not ended once";
    if (!said.acknowledged) continue;
    EXPECT_EQ(recorded[id], std::vector<std::string>{said.choice}) << "ticket " << id;
    const std::string outcome = said.choice == "approve" ? "approved" : "denied";
    EXPECT_EQ(outcomes[id], std::set<std::string>{outcome}) << "ticket " << id;
  }
  EXPECT_GT(acknowledged_, static_cast<std::size_t>(count) / 2)
      << "too little happened to prove much";
  EXPECT_GT(connections_.size() + files, static_cast<std::size_t>(count) / 4);
  std::printf(
      "%d kills, %ld tries: %zu tickets, %zu decisions; %zu connections, %zu files, %ld "
      "refused\n",
      count, workload->report().counters[tried].load(), said_.size(), acknowledged_,
      connections_.size(), files, workload->report().counters[refused].load());

  stayd().stop();
  const std::string verify = built_program("agent/ctl/stayctl") + " audit verify " +
                             stayd().record_path() + " --key " + stayd().record_key_path();
  EXPECT_EQ(std::system(verify.c_str()), 0);
  stayd().start();
}

}  // namespace
}  // namespace stayd::test
