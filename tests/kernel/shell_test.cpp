// SPDX-License-Identifier: Apache-2.0
// Ctrl-C at a shell whose foreground job is held.
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel_test.h"

namespace stayd::test {
namespace {

// An interactive shell of the workload at a terminal of its own.
class Shell : public KernelTest {
 protected:
  Shell() {
    int terminal = -1;
    shell_ = ::forkpty(&terminal, nullptr, nullptr, nullptr);
    if (shell_ == 0) {
      if (!enter_cgroup(cgroup().directory())) ::_exit(1);
      ::execl("/bin/sh", "sh", "-i", nullptr);
      ::_exit(127);
    }
    terminal_ = Fd(terminal);
  }
  ~Shell() override {
    ::kill(shell_, SIGKILL);
    ::waitpid(shell_, nullptr, 0);
  }

  void type(const std::string& keys) {
    ASSERT_EQ(::write(terminal_.get(), keys.data(), keys.size()),
              static_cast<ssize_t>(keys.size()));
  }

  bool shows(const std::string& text) {
    char bytes[256];
    while (said_.find(text) == std::string::npos) {
      if (!readable(terminal_.get(), kPatience)) return false;
      const ssize_t size = ::read(terminal_.get(), bytes, sizeof(bytes));
      if (size <= 0) return false;
      said_.append(bytes, static_cast<std::size_t>(size));
    }
    return true;
  }

  pid_t shell_ = -1;
  Fd terminal_;
  std::string said_;
};

TEST_F(Shell, CtrlCEndsTheHeldForegroundJobAndTheShellLivesOn) {
  type("cat " + customers() + "\n");
  const Json ticket = question("open");
  const pid_t job = thread_of(ticket);
  ASSERT_NE(job, shell_);
  const std::int64_t pressed = now_ns();
  type("\x03");
  EXPECT_TRUE(eventually([&] { return thread_state(job) == 0; }));
  EXPECT_LT(since_ns(pressed), kBlink);
  EXPECT_TRUE(ends_as(ticket, "cancelled"));
  type("echo still-$((40 + 2))\n");
  EXPECT_TRUE(shows("still-42")) << said_;
  EXPECT_EQ(said_.find("alice"), std::string::npos);
}

TEST_F(Shell, CtrlZStopsTheHeldJobAndFgBringsItBack) {
  type("cat " + customers() + "\n");
  const Json ticket = question("open");
  const pid_t job = thread_of(ticket);
  type("\x1a");
  EXPECT_TRUE(eventually([&] { return thread_state(job) == 'T'; }));
  type("fg\n");
  EXPECT_TRUE(eventually([&] { return thread_state(job) == 't'; }));
  approve(ticket);
  EXPECT_TRUE(shows("alice")) << said_;
  EXPECT_EQ(questions(), 1u);
}

}  // namespace
}  // namespace stayd::test
