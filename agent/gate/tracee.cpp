// SPDX-License-Identifier: Apache-2.0
#include "gate/tracee.h"

#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "base/fd.h"

namespace stayd::tracee {
namespace {

constexpr long kRestartSys = -512;  // include/linux/errno.h
constexpr long kRestartNoIntr = -513;

// The beginning of /proc/TID/FILE, ending in NUL; false with errno.
bool read_proc(pid_t thread, const char* name, char* text, std::size_t size) {
  const std::string path = "/proc/" + std::to_string(thread) + name;
  errno = 0;
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return false;
  const ssize_t length = ::read(file.get(), text, size - 1);
  if (length < 0) return false;
  text[length] = 0;
  return length > 0;
}

// One value of /proc/TID/status, which are hexadecimal masks here; 0 if it is not there.
std::uint64_t status_mask(const char* status, const char* name) {
  const char* line = std::strstr(status, name);
  return line ? std::strtoull(line + std::strlen(name), nullptr, 16) : 0;
}

}  // namespace

Seized seize(pid_t thread) {
  if (::ptrace(PTRACE_SEIZE, thread, nullptr, nullptr)) {
    if (errno == ESRCH) return Seized::gone;
    return interrupt(thread) ? Seized::yes : Seized::refused;
  }
  interrupt(thread);  // fails if it is dying; waitpid will report that
  return Seized::yes;
}

// A trap that is pending is not made twice, and PTRACE_DETACH clears it.
bool interrupt(pid_t thread) { return ::ptrace(PTRACE_INTERRUPT, thread, nullptr, nullptr) == 0; }

void let_go(pid_t thread, int signal) {
  // ESRCH: killed while stopped; waitpid will report that.
  ::ptrace(PTRACE_DETACH, thread, nullptr,
           reinterpret_cast<void*>(static_cast<std::intptr_t>(signal)));
}

bool hold_at_restart(pid_t thread, int number) {
  user_regs_struct registers{};
  if (::ptrace(PTRACE_GETREGS, thread, nullptr, &registers)) return false;
  long result = static_cast<long>(registers.rax);
  if (static_cast<long>(registers.orig_rax) >= 0)
    return static_cast<int>(registers.orig_rax) == number &&
           (result == kRestartSys || result == kRestartNoIntr);
  if (static_cast<int>(result) != number) return false;
  errno = 0;
  long word = ::ptrace(PTRACE_PEEKTEXT, thread, reinterpret_cast<void*>(registers.rip), nullptr);
  if (errno != 0) return false;
  unsigned opcode = static_cast<unsigned>(word) & 0xffff;
  if (opcode != 0x050f /* syscall */ && opcode != 0x80cd /* int $0x80 */ &&
      opcode != 0x340f /* sysenter */)
    return false;
  registers.orig_rax = static_cast<unsigned long long>(number);
  registers.rax = static_cast<unsigned long long>(kRestartSys);
  registers.rip += 2;
  return ::ptrace(PTRACE_SETREGS, thread, nullptr, &registers) == 0;
}

bool has_ended(pid_t thread) {
  char stat[512];
  if (!read_proc(thread, "/stat", stat, sizeof(stat))) return errno == ENOENT || errno == ESRCH;
  // The name before it may hold anything but ends in the last parenthesis.
  const char* state = std::strrchr(stat, ')');
  return state && state[1] == ' ' && (state[2] == 'Z' || state[2] == 'X');
}

bool has_pending_signal(pid_t thread) {
  char status[4096];
  if (!read_proc(thread, "/status", status, sizeof(status))) return false;
  std::uint64_t pending = status_mask(status, "SigPnd:") | status_mask(status, "ShdPnd:");
  return (pending & ~status_mask(status, "SigBlk:")) != 0;
}

}  // namespace stayd::tracee
