// SPDX-License-Identifier: Apache-2.0
// Nothing else runs than what was judged, whatever happens while it waits in place.
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstddef>
#include <filesystem>
#include <fstream>

#include "spawning.h"
#include "support/tiny_program.h"

namespace stayd::test {
namespace {

namespace fs = std::filesystem;

class SpawnSafety : public Spawning {
 protected:
  // The program makes this file when it runs.
  std::string mark() const { return path("new/mark"); }
  bool has_run() const { return fs::exists(mark()); }
  Body spawns_a_marker() {
    write("policy.yaml", "policy: marking\nnetwork: {default: allow}\nfiles: {default: allow}\n"
                         "exec: {default: allow, hold: [" + path("programs") + "]}\n");
    assign();
    return spawns(add_program("/bin/touch"), {mark()});
  }
};

TEST_F(SpawnSafety, AnotherFileUnderItsNameDoesNotRun) {
  const std::string program = add_program("/bin/echo");
  const auto actor = tagged(spawns(program, {"what was judged"}));
  const Json ticket = question_in_place();
  fs::copy_file("/bin/true", path("other"));
  ASSERT_EQ(::rename(path("other").c_str(), program.c_str()), 0);
  approve(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(status_of(*actor), 0);
  EXPECT_STREQ(actor->report().text, "what was judged\n");
}

TEST_F(SpawnSafety, ItsFileCannotBeWrittenTo) {
  const std::string program = add_program("/bin/echo");
  const auto actor = tagged(spawns(program));
  const Json ticket = question_in_place();
  Fd file(::open(program.c_str(), O_WRONLY | O_CLOEXEC));
  EXPECT_FALSE(file);
  EXPECT_EQ(errno, ETXTBSY);
  deny(ticket);
  ASSERT_TRUE(actor->ends());
}

TEST_F(SpawnSafety, ArgumentsThatTheParentChangesAreNotTheOnesThatRun) {
  const auto actor = tagged([program = add_program("/bin/echo")](Report& report) -> long {
    static char argument[] = "what was judged";
    int output[2];
    if (::pipe2(output, O_CLOEXEC) != 0) return -1;
    const pid_t child = ::vfork();
    if (child == 0) {
      ::dup2(output[1], STDOUT_FILENO);
      ::execl(program.c_str(), program.c_str(), argument, nullptr);
      ::_exit(99);
    }
    std::memcpy(argument, "something other", sizeof(argument));
    ::close(output[1]);
    report.stage = kSpawned;
    const ssize_t size = ::read(output[0], report.text, sizeof(report.text) - 1);
    return size < 0 ? -1 : ::waitpid(child, nullptr, 0);
  });
  ASSERT_TRUE(actor->report().reaches(kSpawned));
  approve(question_in_place());
  ASSERT_TRUE(actor->ends());
  EXPECT_STREQ(actor->report().text, "what was judged\n");
}

// The parent of a stopped process may do all this: the last byte says which ones it could.
enum Access { kMemoryFile = 1, kVmWrite = 2, kTrace = 4 };

int tries_to_change(pid_t child) {
  int could = 0;
  const Fd memory(::open(("/proc/" + std::to_string(child) + "/mem").c_str(), O_RDWR | O_CLOEXEC));
  if (memory) could |= kMemoryFile;
  char byte = 0;
  iovec local{&byte, 1}, remote{nullptr, 1};  // EFAULT: it was allowed to try
  if (::process_vm_writev(child, &local, 1, &remote, 1, 0) >= 0 || errno == EFAULT)
    could |= kVmWrite;
  if (::ptrace(PTRACE_SEIZE, child, nullptr, nullptr) == 0) could |= kTrace;
  return could;
}

TEST_F(SpawnSafety, ItsMemoryIsOutOfReachOfItsParentUntilItRuns) {
  const auto body = [program = add_program("/bin/sleep")](Report& report) -> long {
    const pid_t child = ::vfork();
    if (child == 0) {
      ::execl(program.c_str(), program.c_str(), "1000", nullptr);
      ::_exit(99);
    }
    report.counters[kChild] = child;
    report.stage = kSpawned;
    report.reaches(kSpawned + 1);
    report.counters[3] = tries_to_change(child);
    report.stage = kSpawned + 2;
    report.reaches(kSpawned + 3);
    report.counters[4] = tries_to_change(child);
    ::kill(child, SIGKILL);
    return ::waitpid(child, nullptr, 0);
  };
  const auto free = untagged(body);
  free->report().stage = kSpawned + 1;
  ASSERT_TRUE(free->report().reaches(kSpawned + 2));
  ASSERT_EQ(free->report().counters[3], kMemoryFile | kVmWrite | kTrace) << "without the guard";
  const auto actor = tagged(body);
  const Json ticket = question_in_place();
  actor->report().stage = kSpawned + 1;
  ASSERT_TRUE(actor->report().reaches(kSpawned + 2));
  EXPECT_EQ(actor->report().counters[3], 0);
  EXPECT_GT(stayd().counter("denied_in_place"), 0);
  approve(ticket);
  ASSERT_TRUE(eventually([&] { return thread_state(child_of(*actor)) == 'S'; }));
  actor->report().stage = kSpawned + 3;
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().counters[4], kMemoryFile | kVmWrite | kTrace);
}

TEST_F(SpawnSafety, AProgramWhoseAgentIsKilledNeverRuns) {
  const auto actor = tagged(spawns_a_marker());
  question_in_place();
  stayd().kill();
  ASSERT_TRUE(actor->ends());
  ASSERT_TRUE(WIFSIGNALED(status_of(*actor)));
  EXPECT_EQ(WTERMSIG(status_of(*actor)), SIGKILL);
  EXPECT_FALSE(has_run());
  stayd().start();
  EXPECT_TRUE(eventually([&] { return !anything_open(); }));
  const auto again = tagged(spawns_a_marker());
  approve(question_in_place());
  ASSERT_TRUE(again->ends());
  EXPECT_TRUE(has_run());
}

class SpawnRestart : public SpawnSafety {
 protected:
  void restart() {
    ::setpriority(PRIO_PROCESS, 0, -19);
    stayd().stop();
    between_();
    stayd().start();
    ::setpriority(PRIO_PROCESS, 0, 0);
  }
  std::function<void()> between_ = [] {};
};

TEST_F(SpawnRestart, AProgramWaitsInPlaceThroughAPlannedRestartAndRunsOnceItIsApproved) {
  const auto actor = tagged(spawns_a_marker());
  const Json ticket = question_in_place();
  between_ = [&] { EXPECT_EQ(thread_state(child_of(*actor)), 'T'); };
  restart();
  EXPECT_FALSE(has_run());
  EXPECT_TRUE(eventually([&] { return thread_state(child_of(*actor)) == 't'; }));
  EXPECT_EQ(look_at(ticket)["outcome"], "open");
  EXPECT_FALSE(has_run());
  approve(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(status_of(*actor), 0);
  EXPECT_TRUE(has_run());
  EXPECT_EQ(questions(), 1u);
}

TEST_F(SpawnRestart, AProgramIsDeniedByTheNextAgent) {
  const auto actor = tagged(spawns_a_marker());
  const Json ticket = question_in_place();
  restart();
  deny(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(WEXITSTATUS(status_of(*actor)), 126);
  EXPECT_FALSE(has_run());
}

TEST_F(SpawnRestart, AProgramThatIsContinuedBetweenTwoAgentsDiesInsteadOfRunning) {
  const auto actor = tagged(spawns_a_marker());
  const Json ticket = question_in_place();
  between_ = [&] {
    ::kill(child_of(*actor), SIGCONT);
    EXPECT_TRUE(actor->ends());
  };
  restart();
  ASSERT_TRUE(WIFSIGNALED(status_of(*actor)));
  EXPECT_EQ(WTERMSIG(status_of(*actor)), SIGSEGV);
  EXPECT_FALSE(has_run());
  EXPECT_TRUE(ends_as(ticket, "cancelled"));
}

TEST_F(SpawnSafety, AProgramEndsWhenItsPolicyChanges) {
  const auto actor = tagged(spawns_a_marker());
  const Json ticket = question_in_place();
  put_under("{default: deny}");
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(WEXITSTATUS(status_of(*actor)), 126);
  EXPECT_FALSE(has_run());
  EXPECT_TRUE(ends_as(ticket, "superseded"));
}

TEST_F(SpawnSafety, AProgramEndsWhenItsWorkloadIsReleased) {
  const auto actor = tagged(spawns_a_marker());
  question_in_place();
  release();
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(WEXITSTATUS(status_of(*actor)), 126);
  EXPECT_FALSE(has_run());
}

// What follows the instruction that exits would be somebody else's code.
TEST_F(SpawnSafety, ADeniedProgramThatMayNotExitIsKilled) {
  const auto actor = tagged([program = add_program("/bin/touch"), file = mark()](
                                Report& report) -> long {
    const pid_t child = ::fork();
    if (child == 0) {
      sock_filter filter[] = {
          BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
          BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 0, 1),
          BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
          BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      };
      const sock_fprog whole{std::size(filter), filter};
      ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
      ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &whole, 0, 0);
      const pid_t program_child = ::vfork();
      if (program_child == 0) {
        ::execl(program.c_str(), program.c_str(), file.c_str(), nullptr);
        ::_exit(99);
      }
      int status = 0;
      ::waitpid(program_child, &status, 0);
      report.counters[kStatus] = status;
      report.stage = kSpawned;
      ::kill(::getpid(), SIGKILL);
    }
    return ::waitpid(child, nullptr, 0);
  });
  deny(question_in_place());
  ASSERT_TRUE(actor->ends());
  ASSERT_TRUE(WIFSIGNALED(status_of(*actor))) << status_of(*actor);
  EXPECT_EQ(WTERMSIG(status_of(*actor)), SIGKILL);
  EXPECT_FALSE(has_run());
}

TEST_F(SpawnSafety, AThirtyTwoBitProgramWaitsInPlaceAndIsKilledIfItIsDenied) {
  write("programs/small", program_that_exits_for_i386(), 0755);
  if (unguarded(spawns(path("programs/small"))) != 0)
    GTEST_SKIP() << "this kernel has no 32-bit programs";
  const auto allowed = tagged(spawns(path("programs/small")));
  approve(question_in_place());
  ASSERT_TRUE(allowed->ends());
  EXPECT_EQ(status_of(*allowed), 0);
  const auto denied = tagged(spawns(path("programs/small")));
  deny(question_in_place());
  ASSERT_TRUE(denied->ends());
  ASSERT_TRUE(WIFSIGNALED(status_of(*denied))) << status_of(*denied);
  EXPECT_EQ(WTERMSIG(status_of(*denied)), SIGKILL);
}

}  // namespace
}  // namespace stayd::test
