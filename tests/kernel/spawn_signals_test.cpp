// SPDX-License-Identifier: Apache-2.0
// A program that waits in place meets signals as a program without handlers does.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "spawning.h"

namespace stayd::test {
namespace {

class DeadlyInPlace : public Spawning, public ::testing::WithParamInterface<int> {};

TEST_P(DeadlyInPlace, EndsTheProgramAndTheQuestionInABlink) {
  const auto actor = tagged(spawns(add_program("/bin/echo"), {"hello"}));
  const Json ticket = question_in_place();
  const std::int64_t sent = now_ns();
  ::kill(child_of(*actor), GetParam());
  ASSERT_TRUE(actor->ends());
  EXPECT_LT(milliseconds((actor->report().ended_ns - sent) / 1'000'000), kBlink);
  ASSERT_TRUE(WIFSIGNALED(status_of(*actor)));
  EXPECT_EQ(WTERMSIG(status_of(*actor)), GetParam());
  EXPECT_TRUE(ends_as(ticket, "cancelled"));
  EXPECT_STREQ(actor->report().text, "");
}

INSTANTIATE_TEST_SUITE_P(Signals, DeadlyInPlace,
                         ::testing::Values(SIGKILL, SIGTERM, SIGINT, SIGSEGV, SIGQUIT),
                         [](const auto& signal) { return sigabbrev_np(signal.param); });

using SpawnSignals = Spawning;

// As Ctrl-C does.
TEST_F(SpawnSignals, ASignalToTheGroupReachesTheParentAndEndsTheProgram) {
  static Report* the_report = nullptr;
  const auto actor = tagged([spawn = spawns(add_program("/bin/echo"), {"hello"})](
                                Report& report) -> long {
    ::setpgid(0, 0);
    the_report = &report;
    struct sigaction action {};
    action.sa_handler = [](int) { the_report->counters[5] = now_ns(); };
    ::sigaction(SIGINT, &action, nullptr);
    return spawn(report);
  });
  question_in_place();
  const std::int64_t sent = now_ns();
  ::kill(-actor->pid(), SIGINT);
  ASSERT_TRUE(actor->ends());
  EXPECT_NE(actor->report().counters[5], 0);
  EXPECT_LT(milliseconds((actor->report().counters[5] - sent) / 1'000'000), kBlink);
  EXPECT_LT(milliseconds((actor->report().ended_ns - sent) / 1'000'000), kBlink);
  EXPECT_EQ(WTERMSIG(status_of(*actor)), SIGINT);
  EXPECT_STREQ(actor->report().text, "");
}

TEST_F(SpawnSignals, ASignalThatIsIgnoredChangesNothing) {
  const auto actor = tagged(spawns(add_program("/bin/echo"), {"hello"}));
  const Json ticket = question_in_place();
  const pid_t child = child_of(*actor);
  for (int round = 0; round < 10; ++round)
    for (const int signal : {SIGURG, SIGWINCH, SIGCHLD, SIGCONT}) ::kill(child, signal);
  EXPECT_TRUE(throughout(kWhile, [&] { return !actor->report().ended; }));
  EXPECT_TRUE(eventually([&] { return thread_state(child) == 't'; }));
  approve(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_STREQ(actor->report().text, "hello\n");
  EXPECT_EQ(questions(), 1u);
}

TEST_F(SpawnSignals, AStoppedProgramReallyStopsAndIsStillHeldWhenItGoesOn) {
  const auto actor = tagged(spawns(add_program("/bin/echo"), {"hello"}));
  const Json ticket = question_in_place();
  const pid_t child = child_of(*actor);
  ::kill(child, SIGSTOP);
  ::kill(child, SIGCONT);
  EXPECT_TRUE(throughout(kWhile, [&] { return !actor->report().ended; }));
  approve(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_STREQ(actor->report().text, "hello\n");
}

// The parent sees the stop.
Body spawns_and_sees_stops(const std::string& program) {
  return [program](Report& report) -> long {
    const pid_t child = ::vfork();
    if (child == 0) {
      ::execl(program.c_str(), program.c_str(), nullptr);
      ::_exit(99);
    }
    report.counters[kChild] = child;
    report.stage = kSpawned;
    int status = 0;
    do {
      if (::waitpid(child, &status, WUNTRACED | WCONTINUED) < 0) return -1;
      report.counters[kStatus] = status;
      ++report.stage;
    } while (!WIFEXITED(status) && !WIFSIGNALED(status));
    return 0;
  };
}

TEST_F(SpawnSignals, AProgramThatIsApprovedWhileItIsStoppedBeginsWhenItIsContinued) {
  const auto actor = tagged(spawns_and_sees_stops(add_program("/bin/true")));
  const Json ticket = question_in_place();
  const pid_t child = child_of(*actor);
  ::kill(child, SIGSTOP);
  ASSERT_TRUE(actor->report().reaches(kSpawned + 1));
  EXPECT_TRUE(WIFSTOPPED(status_of(*actor)));
  approve(ticket);
  EXPECT_TRUE(eventually([&] { return thread_state(child) == 'T'; })) << thread_state(child);
  EXPECT_TRUE(throughout(kWhile, [&] { return thread_state(child) == 'T'; }));
  ::kill(child, SIGCONT);
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(status_of(*actor), 0);
}

TEST_F(SpawnSignals, AProgramThatIsDeniedWhileItIsStoppedEnds) {
  const auto actor = tagged(spawns_and_sees_stops(add_program("/bin/true")));
  const Json ticket = question_in_place();
  ::kill(child_of(*actor), SIGSTOP);
  ASSERT_TRUE(actor->report().reaches(kSpawned + 1));
  deny(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(WEXITSTATUS(status_of(*actor)), 126);
}

}  // namespace
}  // namespace stayd::test
