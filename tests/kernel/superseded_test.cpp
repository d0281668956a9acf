// SPDX-License-Identifier: Apache-2.0
// What changes while it waits is not what was approved: it is a new question.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>
#include <thread>

#include "kernel_test.h"
#include "support/tiny_program.h"
#include "support/trials.h"

namespace stayd::test {
namespace {

namespace fs = std::filesystem;

class Superseded : public KernelTest {
 protected:
  // A question other than `first`.
  Json next_question(const Json& first) {
    Json next;
    const bool asked = eventually([&] {
      next = question();
      return next["id"] != first["id"];
    });
    if (!asked) throw std::runtime_error("nobody asks anew: " + first.dump(1));
    return next;
  }
  std::string add_tiny_program(const std::string& image) const {
    write("programs/tiny", image, 0755);
    return path("programs/tiny");
  }
  void put_under(const std::string& files, const std::string& exec) {
    write("policy.yaml", "policy: superseded\nlabels: {data: [" + path("data") + "], other: [" +
                             path("data") + "]}\nnetwork: {default: allow}\nfiles: " + files +
                             "\nexec: " + exec + "\n");
    assign();
  }
};

long executes_with(const std::string& program, char* argument) {
  char* const argv[] = {const_cast<char*>(program.c_str()), argument, nullptr};
  return ::execv(program.c_str(), argv);
}

// With a handler after which system calls are restarted.
Body undeterred_by_signals(Body body) {
  return [body = std::move(body)](Report& report) -> long {
    struct sigaction action {};
    action.sa_handler = [](int) {};
    action.sa_flags = SA_RESTART;
    ::sigaction(SIGUSR1, &action, nullptr);
    return body(report);
  };
}

TEST_F(Superseded, AFileThatAnotherTookThePlaceOfIsNotTheOneThatWasApproved) {
  const auto actor = tagged(reads(customers()));
  const Json ticket = question("open");
  write("data/next", "others\n");
  fs::rename(path("data/next"), customers());
  approve(ticket);
  const Json next = next_question(ticket);
  EXPECT_NE(next["operation"]["identity"]["inode"], ticket["operation"]["identity"]["inode"]);
  EXPECT_FALSE(actor->report().ended);
  deny(next);
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().error, EPERM);
}

TEST_F(Superseded, AThreadThatComesBackForAnotherFileEndsItsTicket) {
  const auto actor = tagged(undeterred_by_signals(reads(customers())));
  const Json ticket = question("open");
  write("data/next", "others\n");
  fs::rename(path("data/next"), customers());
  actor->send(SIGUSR1);
  EXPECT_TRUE(ends_as(ticket, "superseded"));
  approve(next_question(ticket));
  ASSERT_TRUE(actor->ends());
  EXPECT_STREQ(actor->report().text, "others\n");
}

TEST_F(Superseded, AProgramThatWasWrittenToIsAskedAboutAnew) {
  const std::string program = add_tiny_program(program_that_exits());
  const auto actor = tagged(undeterred_by_signals(executes(program)));
  const Json ticket = question("exec");
  std::ofstream(program, std::ios::app) << "more";
  actor->send(SIGUSR1);
  EXPECT_TRUE(ends_as(ticket, "superseded"));
  const Json second = next_question(ticket);
  std::ofstream(program, std::ios::app) << "yet more";
  approve(second);
  approve(next_question(second));
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->exit_code(), 0);
}

TEST_F(Superseded, AScriptThatWasWrittenToIsAskedAboutAnew) {
  const std::string script = add_script("report", "#!/bin/sh\nexit 7\n");
  const auto actor = tagged(executes(script));
  const Json ticket = question("exec");
  add_script("report", "#!/bin/sh\nexit 9\n");
  approve(ticket);
  approve(next_question(ticket));
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->exit_code(), 9);
}

TEST_F(Superseded, ANewPolicyAsksByItsOwnRules) {
  put_under("{default: allow, read: {hold: [data]}}", "{default: allow}");
  const auto actor = tagged(reads(customers()));
  const Json ticket = question("open");
  put_under("{default: allow, read: {hold: [other]}}", "{default: allow}");
  EXPECT_TRUE(ends_as(ticket, "superseded"));
  const Json next = next_question(ticket);
  EXPECT_NE(next["rule"].get<std::string>().find("hold: other"), std::string::npos);
  put_under("{default: allow}", "{default: allow}");
  ASSERT_TRUE(actor->ends());
  EXPECT_STREQ(actor->report().text, kCustomers);
  EXPECT_TRUE(ends_as(next, "superseded"));
  EXPECT_FALSE(anything_open());
}

TEST_F(Superseded, ArgumentsThatAnotherThreadChangesAreAskedAboutAnew) {
  const std::string program = add_tiny_program(program_that_exits_with_its_argument());
  const auto actor = tagged([program](Report& report) -> long {
    static char argument[] = "--good";
    std::thread([&report] {
      report.reaches(1);
      std::memcpy(argument, "--evil", 6);
      report.stage = 2;
    }).detach();
    return executes_with(program, argument);
  });
  const Json ticket = question("exec");
  EXPECT_EQ(ticket["operation"]["arguments"], Json({program, "--good"}));
  actor->report().stage = 1;
  ASSERT_TRUE(actor->report().reaches(2));
  approve(ticket);
  const Json next = next_question(ticket);
  EXPECT_EQ(next["operation"]["arguments"], Json({program, "--evil"}));
  approve(next);
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->exit_code(), 'e');
}

// How the tries of a workload that changes its arguments all the time ended.
struct Endings {
  std::int64_t good, evil, refused, killed;
};

class Racing : public Superseded {
 protected:
  // A child per try: one thread executes, another changes what with. More are tried, up to thirty
  // times as many, until `wanted` is true of how they ended: two processors may go on in step for
  // a while, so that one ending does not come.
  using Wanted = bool (*)(const Endings&);
  static Body races(
      const std::string& program, int tries, Wanted wanted = [](const Endings&) { return true; }) {
    return [program, tries, wanted](Report& report) -> long {
      for (int i = 0; i < tries || (i < 30 * tries && !wanted(endings(report))); ++i) {
        const pid_t child = ::fork();
        if (child == 0) race(program, i);
        int status = 0;
        ::waitpid(child, &status, 0);
        const int code = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
        ++report.counters[code == 'g' ? 0 : code == 'e' ? 1 : code == kRefused ? 2 : 3];
        report.stage = i + 1;
      }
      return 0;
    };
  }
  static Endings endings(const Report& report) {
    const auto& counters = report.counters;
    return {counters[0], counters[1], counters[2], counters[3]};
  }

 private:
  static constexpr int kRefused = 100;
  [[noreturn]] static void race(const std::string& program, int number) {
    static char argument[] = "--good";
    std::thread([] {
      for (volatile char* byte = argument;;) {
        std::memcpy(argument, "--evil", 6);
        if (*byte != '-') return;
        std::memcpy(argument, "--good", 6);
      }
    }).detach();
    // Not always at the same moment of the other thread's.
    for (volatile int wait = number % 97 * 50; wait > 0; wait = wait - 1) {
    }
    (void)executes_with(program, argument);
    ::_exit(errno == EPERM ? kRefused : 101);
  }
};

TEST_F(Racing, WhatRunsIsWhatThePatternsHaveSeen) {
  const std::string program = add_tiny_program(program_that_exits_with_its_argument());
  put_under("{default: allow}", "{default: allow}");
  const auto free =
      tagged(races(program, 60, [](const Endings& so_far) { return so_far.evil > 0; }));
  ASSERT_TRUE(free->ends(10 * kPatience));
  ASSERT_GT(endings(free->report()).evil, 0);
  put_under("{default: allow}", "{default: allow, deny: [\"tiny --evil*\"]}");
  const auto bound =
      tagged(races(program, static_cast<int>(trials(150, 300)),
                   [](const Endings& so_far) { return so_far.good > 0 && so_far.refused > 0; }));
  ASSERT_TRUE(bound->ends(10 * kPatience));
  const Endings seen = endings(bound->report());
  EXPECT_EQ(seen.evil, 0);
  EXPECT_GT(seen.good, 0);
  EXPECT_GT(seen.refused, 0);
  std::cout << "good " << seen.good << ", refused " << seen.refused << ", killed " << seen.killed
            << '\n';
}

TEST_F(Racing, WhatRunsIsWhatSomebodyApproved) {
  const std::string program = add_tiny_program(program_that_exits_with_its_argument());
  const auto actor = tagged(races(program, 30));
  std::set<Json> answered;
  while (!actor->ends(milliseconds(5))) {
    for (const Json& each : tickets(false)) {
      if (!answered.insert(each["id"]).second) continue;
      const bool good = each["operation"]["arguments"][1] == "--good";
      (void)decide(each, good ? "approve" : "deny");
    }
  }
  const Endings seen = endings(actor->report());
  EXPECT_EQ(seen.evil, 0);
  EXPECT_GT(answered.size(), 0u);
  std::cout << answered.size() << " tickets; good " << seen.good << ", refused " << seen.refused
            << ", killed " << seen.killed << '\n';
}

}  // namespace
}  // namespace stayd::test
