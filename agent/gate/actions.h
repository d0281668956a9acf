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

// What HoldTable wants done. Threads and processes are ids as ptrace(2) takes them.

// The first five are questions: what came of them goes back to the table at once, through the
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
// What does the policy say by now of the connection that is pending under the hold:
// HoldTable::to_judge_again(), and what comes of it to HoldTable::verdict_arrived().
struct JudgeAgain {
  HoldId hold = 0;
};
// Has the thread ended unnoticed: if so, HoldTable::found_ended(). If `hold` is 0, the thread is
// traced for no hold, and the question is whether it still is.
struct LookForEnd {
  HoldId hold = 0;
  std::int32_t thread = 0;
};

// The connection that the thread is about to begin: its network is to be within reach later on, …
struct ReachNetwork {
  std::int32_t thread = 0;
};
// … the one that is pending under the hold is to be made now, …
struct Connect {
  HoldId hold = 0;
};
// … or to fail now. Nothing happens if there is no such connection, or not yet.
struct Refuse {
  HoldId hold = 0;
};

// Trace the stopped thread no longer; it first meets `signal`, if not 0.
struct LetGo {
  std::int32_t thread = 0;
  int signal = 0;
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

using Action =
    std::variant<Seize, LookAtRestart, LookForSignal, JudgeAgain, LookForEnd, ReachNetwork, Connect,
                 Refuse, LetGo, WriteAnswer, ForgetAnswer, SetParkedThreads, CountHandled, Notify>;
// To be carried out in order: a thread is let go after the answer that it will look for.
using Actions = std::vector<Action>;

}  // namespace stayd
