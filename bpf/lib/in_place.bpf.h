/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Says which programs may wait in place. Whoever spawns a process often waits until it has called
 * execve, with vfork(2) even in the kernel. A hold in the execve would stop the parent as well. So
 * the hook lets such a program be loaded, once the gatekeeper traces the thread in such a way that
 * it stops before the first instruction, and dies if the gatekeeper does. See
 * docs/design/decisions/0014-programs-wait-in-place.md.
 */
#pragma once

#include "slots.bpf.h"

/* include/linux/ptrace.h: PT_PTRACED, PT_TRACE_EXEC and PT_EXITKILL, as PTRACE_SETOPTIONS sets
 * them. */
enum { TRACED_TO_EXEC = 0x1 | 0x80 | 0x800000 };

/* include/linux/ptrace.h. Every access to another process's memory asks for this mode. */
enum { PTRACE_MODE_ATTACH = 0x2 };

/* True if the gatekeeper traces the current thread, so that a new program of the thread stops
 * before it runs, and dies if the gatekeeper does. */
static __always_inline bool is_traced_to_exec(void) {
  struct task_struct* task = bpf_get_current_task_btf();

  return (task->ptrace & TRACED_TO_EXEC) == TRACED_TO_EXEC && is_agent(task->parent);
}

/* True if the process was forked for the program, and whoever forked it waits for the execve:
 * vfork's parent always does. So do event loops and runtimes that fork and read a pipe which the
 * execve closes; they are known by their threads. A shell, which forks and has none, just waits for
 * the child's end. */
static __always_inline bool stops_parent(struct task_struct* task) {
  return task->vfork_done || task->real_parent->signal->nr_threads > 1;
}

static __always_inline bool is_elf(const struct linux_binprm* bprm) {
  return bprm->buf[0] == 0x7f && bprm->buf[1] == 'E' && bprm->buf[2] == 'L' && bprm->buf[3] == 'F';
}

/* True if the program, which is the request's, may wait in place. A script may not: its interpreter
 * opens it by name, perhaps long after it was judged. Nor may a thread with siblings, which execve
 * would end before there is a decision; or a file that can be written to while it runs, as on Linux
 * 6.11. */
static __always_inline bool may_wait_in_place(const struct request* request,
                                              const struct linux_binprm* bprm) {
  struct task_struct* task = bpf_get_current_task_btf();
  struct thread_holds* all = thread_holds();

  if (request->flags &
      (STAYD_POLICY_OBSERVE | STAYD_POLICY_ALLOW_ON_LOSS | STAYD_POLICY_WAIT_IN_CALL))
    return false;
  if (!(task->flags & PF_FORKNOEXEC) || task->signal->nr_threads != 1) return false;
  if (bprm->interp != bprm->filename || !is_elf(bprm)) return false;
  if (bprm->file->f_inode->i_writecount.counter >= 0) return false;
  if (all && all->interpreted == (__u32)call_identity(current_registers())) return false;
  return request->flags & STAYD_POLICY_WAIT_IN_PROGRAM || stops_parent(task);
}

/* True if the slot is of a program that was loaded and has not been decided about. Once it is
 * decided, or could not be loaded, the gatekeeper removes the answer. */
static __always_inline bool is_loaded(const struct slot* slot) {
  __u64 hold_id = slot->hold_id;

  return slot->state == LOADED && bpf_map_lookup_elem(&answers, &hold_id);
}

/* Refuses access to the memory of a program that waits in place: what runs must be what was
 * judged. */
static __always_inline int guard_loaded(struct task_struct* task, unsigned int mode) {
  struct thread_holds* all;
  bool loaded = false;

  if (!workloads_assigned || !(mode & PTRACE_MODE_ATTACH)) return 0;
  all = bpf_task_storage_get(&holds, task, NULL, 0);
  if (!all) return 0;
  for (int i = 0; i < STAYD_HOLDS_PER_CALL; i++) loaded |= is_loaded(&all->slots[i]);
  if (!loaded || is_agent(bpf_get_current_task_btf())) return 0;
  return refuse(STAYD_COUNT_denied_in_place);
}
