// SPDX-License-Identifier: Apache-2.0
#include "spawning.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

namespace stayd::test {
namespace {

std::vector<char*> argv_of(const std::string& path, const std::vector<std::string>& arguments) {
  std::vector<char*> argv{const_cast<char*>(path.c_str())};
  for (const std::string& each : arguments) argv.push_back(const_cast<char*>(each.c_str()));
  argv.push_back(nullptr);
  return argv;
}

void note_child(Report& report, pid_t child) {
  report.counters[kSpawnedNs] = now_ns();
  report.counters[kChild] = child;
  report.stage = kSpawned;
}

// What the child writes goes into the report, then how it ended.
long wait_for(Report& report, pid_t child, int output) {
  std::string said;
  char bytes[256];
  for (ssize_t size; (size = ::read(output, bytes, sizeof(bytes))) != 0;) {
    if (size < 0 && errno != EINTR) return -1;
    if (size > 0) said.append(bytes, static_cast<std::size_t>(size));
  }
  report.say(said.data(), said.size());
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return -1;
  report.counters[kStatus] = status;
  return 0;
}

}  // namespace

Body spawns(std::string path, std::vector<std::string> arguments) {
  return [path = std::move(path), arguments = std::move(arguments)](Report& report) -> long {
    int output[2];
    if (::pipe2(output, O_CLOEXEC) != 0) return -1;
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, output[1], STDERR_FILENO);
    pid_t child = -1;
    const int error = ::posix_spawn(&child, path.c_str(), &actions, nullptr,
                                    argv_of(path, arguments).data(), environ);
    ::close(output[1]);
    note_child(report, child);
    errno = error;
    return error != 0 ? -1 : wait_for(report, child, output[0]);
  };
}

Body forks_beside_a_thread(std::string path, std::vector<std::string> arguments) {
  return [path = std::move(path), arguments = std::move(arguments)](Report& report) -> long {
    std::thread([] { ::pause(); }).detach();
    int output[2], failure[2];
    if (::pipe2(output, O_CLOEXEC) != 0 || ::pipe2(failure, O_CLOEXEC) != 0) return -1;
    const std::vector<char*> argv = argv_of(path, arguments);
    const pid_t child = ::fork();
    if (child == 0) {
      ::dup2(output[1], STDOUT_FILENO);
      ::dup2(output[1], STDERR_FILENO);
      ::execv(path.c_str(), argv.data());
      const int error = errno;
      (void)!::write(failure[1], &error, sizeof(error));
      ::_exit(127);
    }
    ::close(output[1]);
    ::close(failure[1]);
    int error = 0;
    (void)!::read(failure[0], &error, sizeof(error));
    note_child(report, child);
    errno = error;
    return error != 0 ? -1 : wait_for(report, child, output[0]);
  };
}

std::string Spawning::program_of(pid_t process) {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/" + std::to_string(process) + "/exe", ignored);
}

Json Spawning::question_in_place() {
  const Json ticket = question("exec");
  const pid_t child = thread_of(ticket);
  const std::string path = ticket["operation"]["path"];
  const bool loaded = eventually(
      [&] { return program_of(child) == path && thread_state(child) == 't'; });
  EXPECT_TRUE(loaded) << "process " << child << " runs " << program_of(child) << " and is "
                      << thread_state(child);
  return ticket;
}

void Spawning::put_under(const std::string& exec) {
  write("policy.yaml", "policy: spawning\nnetwork: {default: allow}\nfiles: {default: allow}\n"
                       "exec: " + exec + "\n");
  assign();
}

}  // namespace stayd::test
