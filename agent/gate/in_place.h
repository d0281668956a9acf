// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>

#include "gate/actions.h"

namespace stayd {

// The ptrace(2) calls for a program that waits in place: it is loaded, and must not execute an
// instruction before it is allowed to. While it waits, its next instruction is at an address that no
// process can have mapped. A thread that is continued meets its signals, and then stops because it
// cannot fetch that instruction; one that were let go by mistake would die of it.
//
// Memory of the program is not touched, except its stack: its file may be on a file system of the
// workload's, which can make whoever reads a page wait for ever. All calls must come from the thread
// that traces, and none of them waits.
namespace in_place {

// Lets a stopped thread make its system call under trace. Each end of the call, and the loading of a
// program, is a stop; and the kernel kills the thread if its tracer ends.
void enter(pid_t thread);

// Where a thread stopped that enter() has let go on.
CallStop where_in_call(pid_t thread);

// Makes a stopped thread, whose program has just been loaded, wait as said above once meet() has
// continued it. Nothing: it is dying.
std::optional<ProgramStart> take_place(pid_t thread);

// True if the SIGSEGV that a stopped thread is about to meet is of its own making.
bool is_fault(pid_t thread);

// Continues a stopped thread, which first meets `signal`, if not 0.
void meet(pid_t thread, int signal);

// Leaves a thread stopped that a stop signal has stopped with its process.
void stay_stopped(pid_t thread);

// Lets a stopped thread go, so that its program begins; it first meets `signal`, if not 0.
void run(pid_t thread, const ProgramStart& start, int signal);

// Makes a stopped thread say on its standard error that it may not run, and exit with kDeniedInPlace.
// Does one step of that, and so is to be called again at each stop until the thread has ended. A program that is not
// x86-64 code, or does not exit as told, is killed.
void end(pid_t thread);

// Stops the process of a stopped thread, and traces it no longer.
void leave(pid_t thread);

// Traces what leave() left, which then stops at once. continue_left() continues its process; false:
// the thread is another one, and is traced no longer.
Seized seize_left(pid_t thread);
bool continue_left(pid_t thread);

}  // namespace in_place
}  // namespace stayd
