// SPDX-License-Identifier: Apache-2.0
#include "support/actor.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <stdexcept>

#include "support/cgroup.h"

namespace stayd::test {
namespace {

constexpr int kNotInCgroup = 97, kThrew = 98;

// An exception must not climb on into the child's copy of the test.
long run(const Body& body, Report& report) {
  try {
    return body(report);
  } catch (...) {
    ::_exit(kThrew);
  }
}

}  // namespace

void Report::say(const char* bytes, std::size_t size) {
  size = std::min(size, sizeof(text) - 1);
  std::memcpy(text, bytes, size);
  text[size] = 0;
}

Actor::Actor(const std::string& cgroup_directory, const Body& body) {
  void* memory =
      ::mmap(nullptr, sizeof(Report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::runtime_error("mmap");
  report_ = new (memory) Report{};
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork");
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (!cgroup_directory.empty() && !enter_cgroup(cgroup_directory)) ::_exit(kNotInCgroup);
    const long value = run(body, *report_);
    const int error = errno;
    report_->ended_ns = now_ns();
    report_->error = value < 0 ? error : 0;
    report_->value = value;
    report_->ended = true;
    ::_exit(value < 0 ? 1 : 0);
  }
  pidfd_ = Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
}

Actor::~Actor() {
  if (!reaped_) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, &status_, 0);
  }
  ::munmap(report_, sizeof(Report));
}

bool Actor::ends(milliseconds limit) {
  if (reaped_) return true;
  if (!readable(pidfd_.get(), limit)) return false;
  reaped_ = ::waitpid(pid_, &status_, 0) == pid_;
  return reaped_;
}

int Actor::exit_code() {
  if (!reaped_) return -1;
  return WIFSIGNALED(status_) ? 128 + WTERMSIG(status_) : WEXITSTATUS(status_);
}

void Actor::send(int signal) const { ::kill(pid_, signal); }

char thread_state(pid_t thread) {
  Fd file(::open(("/proc/" + std::to_string(thread) + "/stat").c_str(), O_RDONLY | O_CLOEXEC));
  char text[256] = {};
  if (!file || ::read(file.get(), text, sizeof(text) - 1) <= 0) return 0;
  const char* after_name = std::strrchr(text, ')');
  return after_name && after_name[1] == ' ' ? after_name[2] : '\0';
}

}  // namespace stayd::test
