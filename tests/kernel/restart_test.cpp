// SPDX-License-Identifier: Apache-2.0
// A planned restart: who waits goes on waiting, and is answered by the next agent.
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <thread>
#include <vector>

#include "kernel_test.h"

namespace stayd::test {
namespace {

using Restart = KernelTest;

constexpr int kThreads = 100;

// So many threads open the file at once; the value is how many could read it.
Body reads_in_threads(const std::string& file, int count) {
  return [file, count](Report& report) -> long {
    std::vector<std::thread> threads;
    std::atomic<long> read = 0;
    for (int i = 0; i < count; ++i)
      threads.emplace_back([&] {
        Report own{};
        if (reads(file)(own) > 0) ++read;
        ++report.counters[0];
      });
    for (std::thread& each : threads) each.join();
    return read;
  };
}

// As systemd does it, which has a share of the processors of its own.
void restart() {
  ::setpriority(PRIO_PROCESS, 0, -19);
  the_stayd().stop();
  the_stayd().start();
  ::setpriority(PRIO_PROCESS, 0, 0);
}

TEST_F(Restart, AHundredHeldThreadsStayHeldAndAreAnsweredAfterwards) {
  const auto actor = tagged(reads_in_threads(customers(), kThreads));
  const Json before = question("open");
  ASSERT_TRUE(eventually([&] { return stayd().parked() >= kThreads; }));
  restart();
  EXPECT_EQ(actor->report().counters[0], 0) << "some went on, or were denied";
  EXPECT_TRUE(eventually([&] { return stayd().parked() >= kThreads; }));
  EXPECT_EQ(look_at(before)["outcome"], "open");
  EXPECT_EQ(look_at(before)["digest"], before["digest"]);
  approve(before);
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().value, kThreads);
  EXPECT_EQ(questions(), 1u) << "nobody was asked twice";
}

// Of each kind one waits over the restart, and nobody is asked twice about it.
class RestartOfAll : public Restart {
 protected:
  template <typename Restarting>
  void run(const Restarting& restarting) {
    const TcpListener server;
    const auto reader = tagged(reads(customers()));
    const auto creator = tagged(creates(path("new/file")));
    const auto runner = tagged(executes(add_program("/bin/true"), {"x"}));
    const auto caller = tagged(connects(server.port()));
    const std::pair<const char*, Actor*> all[] = {{"open", reader.get()},
                                                  {"create", creator.get()},
                                                  {"exec", runner.get()},
                                                  {"connect", caller.get()}};
    for (const auto& [kind, actor] : all) question(kind, actor->pid());
    restarting();
    for (const auto& [kind, actor] : all) {
      EXPECT_FALSE(actor->report().ended)
          << kind << ": " << actor->report().value << ", errno " << actor->report().error;
      approve(question(kind, actor->pid()));
      EXPECT_TRUE(actor->ends()) << kind;
    }
    EXPECT_GT(reader->report().value, 0);
    EXPECT_GE(creator->report().value, 0);
    EXPECT_EQ(runner->exit_code(), 0);
    EXPECT_GE(caller->report().value, 0);
    EXPECT_EQ(questions(), std::size(all));
  }
};

TEST_F(RestartOfAll, IsAnsweredByTheNextAgent) { run(restart); }

// What is pinned is replaced, and the kernel takes its time to detach it.
TEST_F(RestartOfAll, IsAnsweredByTheNextAgentAfterAnUpgrade) {
  const std::string of_another_version = the_stayd().pinned("../v1/links");
  std::filesystem::create_directories(of_another_version);
  run([] {
    ASSERT_EQ(::unlink(the_stayd().pinned("maps/kept_programs").c_str()), 0) << errno;
    restart();
  });
  EXPECT_FALSE(std::filesystem::exists(of_another_version));
}

TEST_F(Restart, WhatComesWhileNobodyIsThereIsAskedByTheNextAgent) {
  ::setpriority(PRIO_PROCESS, 0, -19);
  stayd().stop();
  const auto actor = tagged(reads(customers()));
  stayd().start();
  ::setpriority(PRIO_PROCESS, 0, 0);
  approve(question("open", actor->pid()));
  ASSERT_TRUE(actor->ends());
  EXPECT_GT(actor->report().value, 0);
}

TEST_F(Restart, AGrantHoldsOnWithoutAQuestion) {
  const auto first = tagged(creates(path("new/a")));
  approve(question("create"), 600);
  ASSERT_TRUE(first->ends());
  ::unlink(path("new/a").c_str());
  restart();
  const auto second = tagged(creates(path("new/a")));
  ASSERT_TRUE(second->ends());
  EXPECT_GE(second->report().value, 0);
  const Json grants = stayd().request("GET", "/v1/grants")["grants"];
  ASSERT_FALSE(grants.empty());
  stayd().request("DELETE", "/v1/grants/" + grants.back()["id"].dump());
  ::unlink(path("new/a").c_str());
  const auto third = tagged(creates(path("new/a")));
  deny(question("create", third->pid()));
  ASSERT_TRUE(third->ends());
  EXPECT_EQ(third->report().error, EPERM);
}

TEST_F(Restart, AGrantOfAProcessIsNoOtherProcesssAndOutlivesTheAgent) {
  const auto actor = tagged([file = customers()](Report& report) -> long {
    if (reads(file)(report) <= 0) return -1;
    report.stage = 1;
    if (!report.reaches(2)) return -1;
    return reads(file)(report);
  });
  const Json ticket = question("open", actor->pid());
  const Result<Json> decided = stayd().try_request(
      "POST", "/v1/tickets/" + ticket["id"].dump() + "/decision",
      {{"choice", "approve"}, {"digest", ticket["digest"]}, {"scope", "process"}});
  ASSERT_TRUE(decided) << decided.error().message;
  ASSERT_TRUE(actor->report().reaches(1));
  restart();
  const auto other = tagged(reads(customers()));
  deny(question("open", other->pid()));
  ASSERT_TRUE(other->ends());
  EXPECT_EQ(other->report().error, EPERM);
  actor->report().stage = 2;
  ASSERT_TRUE(actor->ends());
  EXPECT_GT(actor->report().value, 0);
}

}  // namespace
}  // namespace stayd::test
