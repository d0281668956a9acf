// SPDX-License-Identifier: Apache-2.0
// One thread held on open: only that thread, only once, and only until the answer.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include <thread>

#include "kernel_test.h"

namespace stayd::test {
namespace {

using Hold = KernelTest;

TEST_F(Hold, AnApprovedOpenReadsTheFile) {
  ASSERT_GT(unguarded(reads(customers())), 0);
  const auto actor = tagged(reads(customers()));
  const Json ticket = question("open");
  EXPECT_EQ(ticket["operation"]["path"], customers());
  EXPECT_EQ(ticket["operation"]["caller"]["pid"], actor->pid());
  EXPECT_TRUE(throughout(kWhile, [&] { return !actor->report().ended; }));
  approve(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_STREQ(actor->report().text, kCustomers);
  EXPECT_EQ(questions(), 1u);
  EXPECT_EQ(look_at(ticket)["outcome"], "approved");
}

TEST_F(Hold, ADeniedOpenIsEperm) {
  const auto actor = tagged(reads(customers()));
  const Json ticket = question();
  deny(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().error, EPERM);
  EXPECT_EQ(look_at(ticket)["outcome"], "denied");
  EXPECT_EQ(questions(), 1u);
}

TEST_F(Hold, WhatPolicyAllowsIsNotHeld) {
  write("public.txt", "hello");
  const auto actor = tagged(reads(path("public.txt")));
  ASSERT_TRUE(actor->ends());
  EXPECT_STREQ(actor->report().text, "hello");
  EXPECT_EQ(questions(), 0u);
}

TEST_F(Hold, OneApprovalIsForOneOpen) {
  const auto actor = tagged(in_turn({reads(customers()), reads(customers())}));
  const Json first = question();
  approve(first);
  EXPECT_TRUE(actor->report().reaches(1));
  const Json second = question();
  EXPECT_NE(first["id"], second["id"]);
  deny(second);
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().stage, 1);
  EXPECT_EQ(actor->report().error, EPERM);
  EXPECT_EQ(questions(), 2u);
}

// The same registers and the same file, one call right after the other.
TEST_F(Hold, ALoopAsksForEachRound) {
  const auto actor = tagged([file = customers()](Report& report) -> long {
    for (int fd; (fd = ::open(file.c_str(), O_RDONLY)) >= 0; ::close(fd)) ++report.stage;
    return -1;
  });
  for (int round = 1; round <= 3; ++round) {
    approve(question());
    EXPECT_TRUE(actor->report().reaches(round));
  }
  deny(question());
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().stage, 3);
  EXPECT_EQ(questions(), 4u);
}

TEST_F(Hold, AGrantLetsTheNextIdenticalOpensThrough) {
  const auto actor = tagged(in_turn({reads(customers()), reads(customers()), reads(customers())}));
  approve(question(), 60);
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().stage, 3);
  EXPECT_EQ(questions(), 1u);

  write("data/other.csv", "carol");
  const auto other = tagged(reads(path("data/other.csv")));
  deny(question());
  ASSERT_TRUE(other->ends());
  EXPECT_EQ(other->report().error, EPERM);
}

TEST_F(Hold, IdenticalHoldsJoinOneTicket) {
  const Body three = [body = reads(customers())](Report& report) -> long {
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i)
      threads.emplace_back([&] {
        if (body(report) > 0) ++report.stage;
      });
    for (std::thread& each : threads) each.join();
    return report.stage;
  };
  const auto actor = tagged(three);
  const auto another = tagged(reads(customers()));
  const Json ticket = question();
  ASSERT_TRUE(eventually([&] { return look_at(ticket)["waiting"] == 4; }));
  approve(ticket);
  ASSERT_TRUE(actor->ends());
  ASSERT_TRUE(another->ends());
  EXPECT_EQ(actor->report().value, 3);
  EXPECT_GT(another->report().value, 0);
  EXPECT_EQ(questions(), 1u);
}

TEST_F(Hold, AnAnswerWithAnotherDigestIsRefused) {
  const auto actor = tagged(reads(customers()));
  Json ticket = question();
  const Json truth = ticket;
  ticket["digest"] = std::string(64, 'a');
  EXPECT_FALSE(decide(ticket, "approve"));
  EXPECT_TRUE(throughout(kWhile, [&] { return !actor->report().ended; }));
  approve(truth);
  EXPECT_FALSE(decide(truth, "deny")) << "it was decided already";
  ASSERT_TRUE(actor->ends());
  EXPECT_GT(actor->report().value, 0);
}

// Waits for stage 1 before it reads; until the read is over, a second thread
// counts milliseconds into counters[0].
Body reads_beside_a_counting_thread(const std::string& file) {
  return [body = reads(file)](Report& report) -> long {
    std::atomic<bool> over = false;
    std::thread counter([&] {
      for (; !over; ::poll(nullptr, 0, 1)) ++report.counters[0];
    });
    report.reaches(1);
    const long value = body(report);
    const int error = errno;
    over = true;
    counter.join();
    errno = error;
    return value;
  };
}

TEST_F(Hold, ASiblingThreadKeepsItsPace) {
  const auto actor = tagged(reads_beside_a_counting_thread(customers()));
  const auto pace = [&] {
    const std::int64_t begun = now_ns(), before = actor->report().counters[0];
    eventually([&] { return since_ns(begun) >= seconds(1); });
    return (actor->report().counters[0] - before) * 1000 / since_ns(begun).count();
  };
  ASSERT_TRUE(eventually([&] { return actor->report().counters[0] > 0; }));
  const std::int64_t free = pace();
  actor->report().stage = 1;
  const Json ticket = question();
  const std::int64_t held = pace();
  EXPECT_GT(held * 2, free) << held << " ticks a second while held, " << free << " before";
  approve(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_GT(actor->report().value, 0);
}

std::atomic<int> children_reported = 0;

TEST_F(Hold, TheParentSeesNothingButTheEnd) {
  struct sigaction count {
  }, before{};
  count.sa_handler = [](int) { ++children_reported; };
  ASSERT_EQ(::sigaction(SIGCHLD, &count, &before), 0);
  children_reported = 0;
  for (const char* answer : {"approve", "deny"}) {
    const auto actor = tagged(reads(customers()));
    const Json ticket = question();
    EXPECT_TRUE(throughout(kWhile, [&] {
      int status = 0;
      return ::waitpid(actor->pid(), &status, WUNTRACED | WCONTINUED | WNOHANG) == 0;
    }));
    EXPECT_EQ(children_reported, 0);
    ASSERT_TRUE(decide(ticket, answer));
    ASSERT_TRUE(actor->ends());
    EXPECT_TRUE(WIFEXITED(actor->status()));
    EXPECT_EQ(children_reported.exchange(0), 1);
  }
  ::sigaction(SIGCHLD, &before, nullptr);
}

}  // namespace
}  // namespace stayd::test
