// SPDX-License-Identifier: Apache-2.0
// The ptrace(2) calls for a program that waits in place, with real programs and this kernel's
// ptrace. No BPF: the execve comes from a child that has asked to be traced.
#include "gate/in_place.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <iterator>
#include <optional>
#include <string>

#include "base/fd.h"
#include "gate/tracee.h"

namespace stayd {
namespace {

constexpr const char* kSaid = "ran";

class InPlaceCalls : public ::testing::Test {
 protected:
  ~InPlaceCalls() override {
    if (child_ <= 0) return;
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, __WALL);
  }

  // A child that stops and then says so by /bin/sh; it may do something before.
  void begin(void (*before)() = [] {}) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    child_ = ::fork();
    if (child_ == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      ::dup2(ends[1], STDERR_FILENO);
      ::raise(SIGSTOP);
      before();
      ::execl("/bin/sh", "sh", "-c", (std::string("echo ") + kSaid).c_str(), nullptr);
      ::_exit(99);
    }
    output_ = Fd(ends[0]);
    ::close(ends[1]);
    ASSERT_EQ(::waitpid(child_, nullptr, WUNTRACED), child_);
    ASSERT_EQ(tracee::seize(child_), Seized::yes);
    ::kill(child_, SIGCONT);
    wait_for_stop();
    while (!at_exec_) {
      in_place::enter(child_);
      wait_for_stop();
    }
  }
  void place() {
    std::optional<ProgramStart> start = in_place::take_place(child_);
    ASSERT_TRUE(start);
    start_ = *start;
    in_place::meet(child_, 0);
    wait_for_stop();
    ASSERT_TRUE(has_arrived());
  }
  void wait_for_stop() {
    ASSERT_EQ(::waitpid(child_, &status_, __WALL), child_);
    ASSERT_TRUE(WIFSTOPPED(status_)) << status_;
    at_exec_ = status_ >> 16 == PTRACE_EVENT_EXEC;
  }
  bool has_arrived() const {
    return status_ >> 16 == 0 && WSTOPSIG(status_) == SIGSEGV && in_place::is_fault(child_);
  }
  // As of waitpid(2), of a child that is told to end at each of its stops.
  int end() {
    in_place::end(child_);
    while (::waitpid(child_, &status_, __WALL) == child_ && WIFSTOPPED(status_))
      in_place::end(child_);
    child_ = 0;
    return status_;
  }
  int wait_for_end() {
    ::waitpid(child_, &status_, __WALL);
    child_ = 0;
    return status_;
  }
  std::string output() {
    std::string said;
    char bytes[128];
    for (ssize_t size; (size = ::read(output_.get(), bytes, sizeof(bytes))) > 0;)
      said.append(bytes, static_cast<std::size_t>(size));
    return said;
  }

  pid_t child_ = 0;
  Fd output_;
  ProgramStart start_;
  int status_ = 0;
  bool at_exec_ = false;
};

TEST_F(InPlaceCalls, AProgramBeginsWhereItWouldHave) {
  begin();
  place();
  in_place::run(child_, start_, 0);
  EXPECT_EQ(wait_for_end(), 0);
  EXPECT_EQ(output(), std::string(kSaid) + "\n");
}

TEST_F(InPlaceCalls, AProgramThatMayNotRunSaysSoAndExits) {
  begin();
  place();
  const int status = end();
  ASSERT_TRUE(WIFEXITED(status)) << status;
  EXPECT_EQ(WEXITSTATUS(status), kDeniedInPlace);
  EXPECT_EQ(output(), "stayd: this program was not allowed to run\n");
}

TEST_F(InPlaceCalls, AProgramCanBeEndedBeforeItHasArrived) {
  begin();
  const int status = end();
  ASSERT_TRUE(WIFEXITED(status)) << status;
  EXPECT_EQ(WEXITSTATUS(status), kDeniedInPlace);
  EXPECT_EQ(output(), "stayd: this program was not allowed to run\n");
}

TEST_F(InPlaceCalls, AProgramWithoutAStandardErrorExits) {
  begin([] { ::close(STDERR_FILENO); });
  place();
  EXPECT_EQ(WEXITSTATUS(end()), kDeniedInPlace);
  EXPECT_EQ(output(), "");
}

// After a refused exit comes code that nobody chose.
TEST_F(InPlaceCalls, AProgramThatMayNotExitIsKilled) {
  begin([] {
    sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog whole{std::size(filter), filter};
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &whole, 0, 0);
  });
  place();
  const int status = end();
  ASSERT_TRUE(WIFSIGNALED(status)) << status;
  EXPECT_EQ(WTERMSIG(status), SIGKILL);
}

TEST_F(InPlaceCalls, AnIgnoredSignalBringsItBackToWhereItWaits) {
  begin();
  place();
  ::kill(child_, SIGURG);
  in_place::meet(child_, 0);
  wait_for_stop();
  EXPECT_EQ(WSTOPSIG(status_), SIGURG);
  in_place::meet(child_, SIGURG);
  wait_for_stop();
  EXPECT_TRUE(has_arrived());
}

TEST_F(InPlaceCalls, ADeadlySignalEndsIt) {
  begin();
  place();
  ::kill(child_, SIGINT);
  in_place::meet(child_, 0);
  wait_for_stop();
  EXPECT_EQ(WSTOPSIG(status_), SIGINT);
  in_place::meet(child_, SIGINT);
  EXPECT_EQ(WTERMSIG(wait_for_end()), SIGINT);
  EXPECT_EQ(output(), "");
}

TEST_F(InPlaceCalls, ASegmentationFaultThatSomebodySendsIsNotItsOwn) {
  begin();
  place();
  ::kill(child_, SIGSEGV);
  in_place::meet(child_, 0);
  wait_for_stop();
  EXPECT_EQ(WSTOPSIG(status_), SIGSEGV);
  EXPECT_FALSE(has_arrived());
}

TEST_F(InPlaceCalls, ItsSignalMaskIsWhatItInherited) {
  begin([] {
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGSEGV);
    sigaddset(&blocked, SIGUSR1);
    ::sigprocmask(SIG_BLOCK, &blocked, nullptr);
  });
  place();
  EXPECT_EQ(start_.blocked_signals, 1ull << (SIGSEGV - 1) | 1ull << (SIGUSR1 - 1));
  std::uint64_t mask = 0;
  ASSERT_EQ(::ptrace(PTRACE_GETSIGMASK, child_, sizeof(mask), &mask), 0);
  EXPECT_NE(mask, start_.blocked_signals) << "the fault has unblocked its signal";
  in_place::run(child_, start_, 0);
  EXPECT_EQ(wait_for_end(), 0);
}

TEST_F(InPlaceCalls, OneThatWasLeftIsFoundAgainAndBegins) {
  begin();
  place();
  in_place::leave(child_);
  ASSERT_EQ(::waitpid(child_, &status_, WUNTRACED), child_);
  ASSERT_TRUE(WIFSTOPPED(status_));
  ASSERT_EQ(in_place::seize_left(child_), Seized::yes);
  wait_for_stop();
  ASSERT_TRUE(in_place::continue_left(child_));
  do {
    wait_for_stop();
    if (!has_arrived()) in_place::meet(child_, status_ >> 16 == 0 ? WSTOPSIG(status_) : 0);
  } while (!has_arrived());
  in_place::run(child_, start_, 0);
  EXPECT_EQ(wait_for_end(), 0);
  EXPECT_EQ(output(), std::string(kSaid) + "\n");
}

TEST_F(InPlaceCalls, OneThatIsContinuedByAnybodyElseDies) {
  begin();
  place();
  in_place::leave(child_);
  ASSERT_EQ(::waitpid(child_, &status_, WUNTRACED), child_);
  ::kill(child_, SIGCONT);
  EXPECT_EQ(WTERMSIG(wait_for_end()), SIGSEGV);
  EXPECT_EQ(output(), "");
}

TEST_F(InPlaceCalls, AnotherThreadIsNotTakenForOneThatWasLeft) {
  child_ = ::fork();
  if (child_ == 0) {
    ::pause();
    ::_exit(0);
  }
  ASSERT_EQ(in_place::seize_left(child_), Seized::yes);
  wait_for_stop();
  EXPECT_FALSE(in_place::continue_left(child_));
  EXPECT_FALSE(tracee::interrupt(child_)) << "it is still traced";
}

}  // namespace
}  // namespace stayd
