// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "base/fd.h"
#include "support/waiting.h"

namespace stayd::test {

// What an actor says of itself, in memory that it shares with the test.
struct Report {
  std::atomic<long> value;  // what the body returned
  std::atomic<int> error;   // errno, if that was negative
  std::atomic<std::int64_t> ended_ns;
  std::atomic<bool> ended;
  std::atomic<int> stage;                 // free for the body and the test to agree on
  std::atomic<std::int64_t> counters[8];  // likewise
  char text[8192];                        // likewise, ends in NUL

  void say(const char* bytes, std::size_t size);  // into `text`, cut to fit
  // Lets the body wait for the test, and the other way round.
  bool reaches(int wanted) const {
    return eventually([&] { return stage >= wanted; });
  }
};

// What an actor does, in its own process: returns like a system call, negative with errno.
using Body = std::function<long(Report&)>;

// A child process that runs a body, by default in a cgroup. The test must have no threads,
// since the child goes on from a fork. Killed and reaped at the end of the object.
class Actor {
 public:
  // `cgroup_directory`: where it enters first; empty: stays in the test's.
  Actor(const std::string& cgroup_directory, const Body& body);
  ~Actor();
  Actor(const Actor&) = delete;
  Actor& operator=(const Actor&) = delete;

  pid_t pid() const { return pid_; }
  Report& report() { return *report_; }

  // True if the process ended within the limit; then status() is as of waitpid(2).
  bool ends(milliseconds limit = kPatience);
  int status() const { return status_; }
  // Exit status, 128 + signal number, or -1 while it runs.
  int exit_code();
  void send(int signal) const;

 private:
  Report* report_;
  pid_t pid_ = -1;
  Fd pidfd_;
  int status_ = 0;
  bool reaped_ = false;
};

// The state of a thread as in proc(5): 'S' waits, 'T' stopped, 't' parked by a tracer;
// 0: there is none.
char thread_state(pid_t thread);

}  // namespace stayd::test
