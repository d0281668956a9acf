// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include "gate/actions.h"

namespace stayd {

// The ptrace(2) calls that park one thread. All of them, for all tracees, must come from
// one thread, and none of them waits.
namespace tracee {

// Attaches without stopping, unless this thread traces it already, then asks for a stop that
// waitpid reports later.
Seized seize(pid_t thread);

// Asks a thread that this one traces for a stop, as seize() does. False: it is not traced by this
// thread, or has ended.
bool interrupt(pid_t thread);

// Lets a stopped thread run on, untraced; it first meets `signal`, if not 0.
void let_go(pid_t thread, int signal = 0);

// True if a stopped thread is about to make system call `number` again. One that was caught
// in user space, after the rewind and before the instruction, is put back to where the call
// has just returned -ERESTARTSYS: elsewhere a handler without SA_RESTART would run, and the
// call go on where it has to fail with EINTR.
bool hold_at_restart(pid_t thread, int number);

// True if the thread is gone or a zombie (proc(5), stat).
bool has_ended(pid_t thread);

// True if a signal that the thread does not block is pending (proc(5), status).
bool has_pending_signal(pid_t thread);

}  // namespace tracee
}  // namespace stayd
