/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Makes the current system call start over. A BPF program cannot wait, so it sends the thread
 * SIGSTOP and at once SIGCONT, which leaves TIF_SIGPENDING set and no signal queued, and returns
 * -ERESTARTSYS. On its way to user space the kernel finds no signal to deliver and rewinds to the
 * system call. The thread repeats this until the agent has stopped it there with ptrace, and does
 * so once more after the decision. See docs/design/decisions/0001-restart-and-park.md.
 */
#pragma once

#include "slots.bpf.h"

/* Leaves TIF_SIGPENDING set and no signal queued. A real signal that is pending for this thread has
 * set the flag already, and the pair must not be sent then: SIGCONT cancels stop signals. Returns
 * false if the pair could not be sent. */
static __always_inline bool provoke_restart(void) {
  if (bpf_get_current_task_btf()->thread_info.flags & sigpending_mask) return true;
  if (bpf_send_signal_thread(SIGSTOP)) return false;
  return !bpf_send_signal_thread(SIGCONT) || !bpf_send_signal_thread(SIGCONT);
}

GLOBAL_SUBPROG int restart(struct thread_holds* all, __u64 call) {
  if (!all) return -EPERM;
  if (!provoke_restart()) return refuse(STAYD_COUNT_denied_no_signal);
  revive_spent(all, call);
  count(STAYD_COUNT_restarts);
  return -ERESTARTSYS;
}

/* Makes the first operation of a process in a new cgroup wait until the agent has said whether a
 * policy applies, because that policy may forbid it. Returns -ERESTARTSYS, or 0 where the call
 * cannot be restarted. */
GLOBAL_SUBPROG int wait_for_policy(__u32 unused) {
  struct thread_holds* all;
  struct call call = {};

  current_call(STAYD_OP_OPEN, &call);
  if (!call.can_wait) return 0;
  all = make_thread_holds();
  if (!all || !provoke_restart()) return 0;
  return -ERESTARTSYS;
}
