// SPDX-License-Identifier: Apache-2.0
#include "doctor/self_test.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

#include "base/fd.h"
#include "workloads/workloads.h"

namespace stayd {
namespace {

// One bit for each operation that was refused with EPERM. Runs in a forked child of a
// process with threads: system calls only.
int try_everything(const char* new_file) {
  int refused = 0;
  if (::open("/dev/null", O_RDONLY | O_CLOEXEC) < 0 && errno == EPERM) refused |= 1;
  if (::open(new_file, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600) < 0 && errno == EPERM)
    refused |= 2;
  sockaddr_in address{.sin_family = AF_INET,
                      .sin_port = htons(9),
                      .sin_addr = {htonl(INADDR_LOOPBACK)},
                      .sin_zero = {}};
  auto* name = reinterpret_cast<sockaddr*>(&address);
  int stream = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(stream, name, sizeof(address)) < 0 && errno == EPERM) refused |= 4;
  int datagram = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (::sendto(datagram, "", 0, 0, name, sizeof(address)) < 0 && errno == EPERM) refused |= 8;
  char* const arguments[] = {const_cast<char*>("true"), nullptr};
  if (::execv("/bin/true", arguments) < 0 && errno == EPERM) refused |= 16;
  return refused;
}

constexpr int kEverything = 31;

// The child is alone in its cgroup, if one is given, before it tries.
Result<int> try_in_child(const std::string& cgroup, const std::string& new_file) {
  Fd procs;
  if (!cgroup.empty()) {
    procs = Fd(::open((cgroup + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
    if (!procs) return errno_error(cgroup);
  }
  pid_t child = ::fork();
  if (child < 0) return errno_error("fork");
  if (child == 0) {
    if (procs && ::write(procs.get(), "0", 1) != 1) ::_exit(64);
    ::_exit(try_everything(new_file.c_str()));
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  ::unlink(new_file.c_str());
  if (!WIFEXITED(status) || WEXITSTATUS(status) > kEverything)
    return Error{"the test's child failed"};
  return WEXITSTATUS(status);
}

std::string names(int bits) {
  static constexpr const char* kNames[] = {"open", "create", "connect", "send", "exec"};
  std::string text;
  for (int i = 0; i < 5; ++i)
    if (bits & 1 << i) text.append(text.empty() ? "" : ", ").append(kNames[i]);
  return text;
}

}  // namespace

Result<WorkloadId> self_test(Programs& programs, Tables& tables) {
  // Its own slot is free unless an earlier self-test was killed.
  MountTable mounts;
  Workloads workloads(programs, tables, mounts,
                      {.first = STAYD_SELF_TEST_SLOT, .end = STAYD_SELF_TEST_SLOT + 1});
  if (Result<> freed = tables.set_workload(STAYD_SELF_TEST_SLOT, {}); !freed) return freed.error();
  std::string name = "/stayd.selftest." + std::to_string(::getpid());
  std::string directory = kCgroupRoot + name;
  if (::mkdir(directory.c_str(), 0755)) return errno_error("self-test: create " + directory);
  Policy policy;
  policy.name = "self-test";
  policy.files_default = policy.exec_default = policy.network_default = Verdict::deny;
  Result<WorkloadId> result = WorkloadId{};
  std::string new_file = "/run/stayd.selftest." + std::to_string(::getpid());
  if (Result<const Workload*> assigned = workloads.assign(name, policy); !assigned) {
    result = in_context("self-test", assigned.error());
  } else {
    result = (*assigned)->id;
    Result<int> inside = try_in_child(directory, new_file);
    if (!inside)
      result = in_context("self-test", inside.error());
    else if (*inside != kEverything)
      result = Error{"self-test: the kernel did not refuse: " + names(kEverything & ~*inside)};
    if (Result<Workload> released = workloads.release(name); !released) result = released.error();
  }
  ::rmdir(directory.c_str());
  return result;
}

}  // namespace stayd
