// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "context/operation.h"
#include "gate/messages.h"
#include "stayd/wire.h"

namespace stayd {

// What came of an attempt to trace a thread.
enum class Seized : std::uint8_t {
  yes,
  gone,    // the thread has exited
  refused  // somebody else traces it, or it may not be traced
};

// Where a thread stopped that makes a system call under trace.
enum class CallStop : std::uint8_t {
  entry,
  restart,  // the call is over and will be made again
  failed    // the call is over
};

// How a program that waits in place is to begin.
struct ProgramStart {
  std::uint64_t instruction = 0;      // the address of its first one
  std::uint64_t blocked_signals = 0;  // a mask, as of sigprocmask(2)
  bool operator==(const ProgramStart&) const = default;
};

// What HoldTable wants done. Threads and processes are ids as ptrace(2) takes them.

// The first seven are questions: what came of them goes back to the table at once, through the
// function named here, and what that returns is carried out before the next action.

// Trace the thread, if it is not traced yet, and ask it to stop: HoldTable::seized().
struct Seize {
  std::int32_t thread = 0;
};
// Is the stopped thread about to make this system call again: HoldTable::at_restart().
struct LookAtRestart {
  HoldId hold = 0;
  std::int32_t thread = 0;
  std::int32_t syscall = 0;  // number in the caller's ABI
};
// Does a signal wait for the stopped thread: HoldTable::signal_pending().
struct LookForSignal {
  HoldId hold = 0;
  std::int32_t thread = 0;
};
// Take the program that the stopped thread has just loaded to where it waits, which it reaches by
// Meet: HoldTable::loaded() with how it is to begin, or nothing.
struct TakePlace {
  HoldId hold = 0;
  std::int32_t thread = 0;
};
// Trace the thread, whose program waits in place since an earlier agent stopped it:
// HoldTable::seized(). It stops at once.
struct SeizeInPlace {
  std::int32_t thread = 0;
};
// Is the stopped thread that one; if so, continue its process, and let the program go on to where it
// waits; if not, let the thread go: HoldTable::continued().
struct Continue {
  std::int32_t thread = 0;
};
// Has the thread ended unnoticed: if so, HoldTable::found_ended(). If `hold` is 0, the thread is
// traced for no hold, and the question is whether it still is.
struct LookForEnd {
  HoldId hold = 0;
  std::int32_t thread = 0;
};

// Trace the stopped thread no longer; it first meets `signal`, if not 0.
struct LetGo {
  std::int32_t thread = 0;
  int signal = 0;
};
// Let the stopped thread go on with its system call, traced: it stops at both ends of the call, and
// before the first instruction of a program that it loads. It dies if this agent does.
struct Enter {
  std::int32_t thread = 0;
};
// Let a program that waits in place meet `signal`, if not 0, and those that are pending. It stops
// for each, and at last where it waits.
struct Meet {
  std::int32_t thread = 0;
  int signal = 0;
};
// Leave the thread stopped together with its process, until that is continued.
struct StayStopped {
  std::int32_t thread = 0;
};
// Let a program that waits in place begin, untraced; it first meets `signal`, if not 0.
struct Run {
  std::int32_t thread = 0;
  ProgramStart start;
  int signal = 0;
};
// End a program that waits in place, as one that is not allowed to run. To be done again at each
// further stop of the thread.
struct End {
  std::int32_t thread = 0;
};
// Trace a program that waits in place no longer, and stop its process instead.
struct LeaveInPlace {
  std::int32_t thread = 0;
};
struct WriteAnswer {
  HoldId hold = 0;
  stayd_answer answer{};
};
struct ForgetAnswer {
  HoldId hold = 0;
};
// How many threads of the process are parked; signals for it are reported unless that is 0.
struct SetParkedThreads {
  std::int32_t process = 0;
  std::uint32_t threads = 0;
};
// One hold of the workload in this slot does not spin unattended any more.
struct CountHandled {
  std::uint32_t slot = 0;
};
struct Notify {
  KernelNotice notice;
};

using Action = std::variant<Seize, LookAtRestart, LookForSignal, LookForEnd, TakePlace, SeizeInPlace,
                            Continue, LetGo, Enter, Meet, StayStopped, Run, End, LeaveInPlace,
                            WriteAnswer, ForgetAnswer, SetParkedThreads, CountHandled, Notify>;
// To be carried out in order: a thread is let go after the answer that it will look for.
using Actions = std::vector<Action>;

}  // namespace stayd
