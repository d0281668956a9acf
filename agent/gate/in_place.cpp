// SPDX-License-Identifier: Apache-2.0
#include "gate/in_place.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "gate/tracee.h"

namespace stayd::in_place {
namespace {

// In the half of the address space that is the kernel's. What is left of it in a 32-bit program
// lies above all that such a program can map.
constexpr std::uint64_t kNowhere = 0xffff'8000'ffff'f000;
constexpr std::uint64_t kCode64 = 0x33;  // the code segment of x86-64 user space
constexpr std::uint64_t kSyscallSize = 2;
constexpr long kOptions = PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD;
constexpr std::string_view kMessage = "stayd: this program was not allowed to run\n";

void* as_data(std::uint64_t value) { return reinterpret_cast<void*>(value); }

bool request(__ptrace_request what, pid_t thread, std::uint64_t address = 0,
             std::uint64_t data = 0) {
  return ::ptrace(what, thread, as_data(address), as_data(data)) != -1;
}

constexpr std::uint64_t kInstruction = offsetof(user, regs) + offsetof(user_regs_struct, rip);

std::optional<std::uint64_t> next_instruction(pid_t thread) {
  errno = 0;
  const long value = ::ptrace(PTRACE_PEEKUSER, thread, as_data(kInstruction), nullptr);
  if (errno != 0) return std::nullopt;
  return static_cast<std::uint64_t>(value);
}

// Does what CAP_KILL would allow, to a thread that is traced. It need not be stopped.
void kill(pid_t thread) { request(PTRACE_KILL, thread); }

// Where a system call instruction is in the code that the kernel maps into every 64-bit process
// (vdso(7)), from its beginning; 0: nowhere.
std::uint64_t find_syscall() {
  const std::uint64_t vdso = ::getauxval(AT_SYSINFO_EHDR);
  if (vdso == 0) return 0;
  const auto* header = reinterpret_cast<const Elf64_Ehdr*>(vdso);
  const auto* segment = reinterpret_cast<const Elf64_Phdr*>(vdso + header->e_phoff);
  const auto* code = reinterpret_cast<const unsigned char*>(vdso);
  const std::uint64_t size = segment->p_type == PT_LOAD ? segment->p_filesz : 0;
  for (std::uint64_t at = sizeof(*header); at + kSyscallSize <= size; ++at)
    if (code[at] == 0x0f && code[at + 1] == 0x05) return at;
  return 0;
}

// The address of that instruction in the thread's process; 0: it has none.
std::uint64_t syscall_of(pid_t thread) {
  static const std::uint64_t offset = find_syscall();
  const std::string path = "/proc/" + std::to_string(thread) + "/auxv";
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  Elf64_auxv_t entries[64];
  const ssize_t size = file ? ::read(file.get(), entries, sizeof(entries)) : 0;
  const std::size_t count = size > 0 ? static_cast<std::size_t>(size) / sizeof(entries[0]) : 0;
  for (std::size_t i = 0; i < count && offset != 0; ++i)
    if (entries[i].a_type == AT_SYSINFO_EHDR) return entries[i].a_un.a_val + offset;
  return 0;
}

// Copies the message below the stack, which the program has not begun to use. Returns where it is.
std::uint64_t put_message(pid_t thread, std::uint64_t stack) {
  constexpr std::uint64_t kWord = sizeof(long);
  const std::uint64_t at = (stack - 256) & ~(kWord - 1);
  for (std::size_t done = 0; done < kMessage.size(); done += kWord) {
    std::uint64_t word = 0;
    const std::string_view part = kMessage.substr(done, kWord);
    std::memcpy(&word, part.data(), part.size());
    if (!request(PTRACE_POKEDATA, thread, at + done, word)) break;  // less is written then
  }
  return at;
}

}  // namespace

void enter(pid_t thread) {
  request(PTRACE_SETOPTIONS, thread, 0, kOptions);
  request(PTRACE_SYSCALL, thread);
}

CallStop where_in_call(pid_t thread) {
  __ptrace_syscall_info info{};
  if (!request(PTRACE_GET_SYSCALL_INFO, thread, sizeof(info),
               reinterpret_cast<std::uintptr_t>(&info)))
    return CallStop::failed;
  if (info.op == PTRACE_SYSCALL_INFO_ENTRY) return CallStop::entry;
  // ERESTARTSYS to ERESTART_RESTARTBLOCK, include/linux/errno.h.
  return info.exit.rval <= -512 && info.exit.rval >= -516 ? CallStop::restart : CallStop::failed;
}

std::optional<ProgramStart> take_place(pid_t thread) {
  ProgramStart start;
  const std::optional<std::uint64_t> instruction = next_instruction(thread);
  if (!instruction ||
      !request(PTRACE_GETSIGMASK, thread, sizeof(start.blocked_signals),
               reinterpret_cast<std::uintptr_t>(&start.blocked_signals)) ||
      !request(PTRACE_POKEUSER, thread, kInstruction, kNowhere))
    return std::nullopt;
  start.instruction = *instruction;
  return start;
}

bool is_fault(pid_t thread) {
  siginfo_t info{};
  // What another process sends has no such code: rt_sigqueueinfo(2).
  return request(PTRACE_GETSIGINFO, thread, 0, reinterpret_cast<std::uintptr_t>(&info)) &&
         info.si_code > 0;
}

void meet(pid_t thread, int signal) {
  request(PTRACE_CONT, thread, 0, static_cast<std::uint64_t>(signal));
}

void stay_stopped(pid_t thread) { request(PTRACE_LISTEN, thread); }

void run(pid_t thread, const ProgramStart& start, int signal) {
  // The fault has unblocked SIGSEGV.
  std::uint64_t mask = start.blocked_signals;
  request(PTRACE_SETSIGMASK, thread, sizeof(mask), reinterpret_cast<std::uintptr_t>(&mask));
  request(PTRACE_POKEUSER, thread, kInstruction, start.instruction);
  tracee::let_go(thread, signal);
}

// The thread makes two system calls, with the only instruction that it executes: write(2), which may
// fail, and exit_group(2), which a seccomp filter may refuse. Which one it is at is in its registers.
void end(pid_t thread) {
  const std::uint64_t syscall = syscall_of(thread);
  user_regs_struct registers{};
  if (!request(PTRACE_GETREGS, thread, 0, reinterpret_cast<std::uintptr_t>(&registers)) ||
      registers.cs != kCode64 || syscall == 0)
    return kill(thread);
  __ptrace_syscall_info info{};
  request(PTRACE_GET_SYSCALL_INFO, thread, sizeof(info), reinterpret_cast<std::uintptr_t>(&info));
  const bool made = registers.rip == syscall + kSyscallSize;
  const bool set_up = made || registers.rip == syscall;
  if (info.op == PTRACE_SYSCALL_INFO_ENTRY && !made) return kill(thread);
  // At the entry of one of the two; or the execve that loaded the program returns.
  const bool under_way = info.op == PTRACE_SYSCALL_INFO_ENTRY ||
                         (info.op == PTRACE_SYSCALL_INFO_EXIT && set_up && !made);
  if (!under_way) {
    if (made && registers.rdi == kDeniedInPlace) return kill(thread);
    if (!set_up) {
      registers.rax = SYS_write;
      registers.rdi = STDERR_FILENO;
      registers.rsi = put_message(thread, registers.rsp);
      registers.rdx = kMessage.size();
    } else {
      registers.rax = SYS_exit_group;
      registers.rdi = kDeniedInPlace;
    }
    registers.rip = syscall;
    registers.orig_rax = ~0ull;  // not in a system call that could be restarted
    if (!request(PTRACE_SETREGS, thread, 0, reinterpret_cast<std::uintptr_t>(&registers)))
      return kill(thread);
  }
  request(PTRACE_SYSCALL, thread);
}

void leave(pid_t thread) { tracee::let_go(thread, SIGSTOP); }

Seized seize_left(pid_t thread) {
  if (!request(PTRACE_SEIZE, thread, 0, kOptions))
    return errno == ESRCH ? Seized::gone : Seized::refused;
  tracee::interrupt(thread);  // if it is another thread, which is not stopped
  return Seized::yes;
}

bool continue_left(pid_t thread) {
  if (next_instruction(thread) != kNowhere) {
    tracee::let_go(thread);
    return false;
  }
  ::kill(thread, SIGCONT);  // its process, which it is alone in
  meet(thread, 0);
  return true;
}

}  // namespace stayd::in_place
