// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/wait.h>

#include <string>
#include <vector>

#include "kernel_test.h"

namespace stayd::test {

// Where a body that spawns reports: when posix_spawn returned, the child, and how it ended as of
// waitpid(2). Its standard output and error go to the report's text.
enum SpawnCounter { kSpawnedNs = 0, kChild = 1, kStatus = 2 };
inline constexpr int kSpawned = 1;  // the report's stage

// Calls posix_spawn, which uses vfork, and waits for the child's end. The value is 0, or minus what
// posix_spawn said.
Body spawns(std::string path, std::vector<std::string> arguments = {});
// The same with fork, in a process that has a second thread.
Body forks_beside_a_thread(std::string path, std::vector<std::string> arguments = {});

class Spawning : public KernelTest {
 protected:
  // A ticket whose program is loaded and waits in place.
  Json question_in_place();
  // The same policy with `exec` as given, in force.
  void put_under(const std::string& exec);
  static std::string program_of(pid_t process);

  static int status_of(Actor& actor) { return static_cast<int>(actor.report().counters[kStatus]); }
  static pid_t child_of(Actor& actor) { return static_cast<pid_t>(actor.report().counters[kChild]); }
};

}  // namespace stayd::test
