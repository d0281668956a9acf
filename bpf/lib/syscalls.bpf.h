/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Identifies the system call that led to an operation, and whether it may be restarted: only calls
 * whose hook runs before anything has happened are. The numbers are in stayd/syscalls.h. x86-64 is
 * the only architecture.
 */
#pragma once

#include "maps.bpf.h"

struct call {
  __u64 identity; /* equal for a restart of the same system call */
  __s32 number;
  bool compat;
  bool can_wait;
};

/* Returns a bit per STAYD_OP_* for which the call may be restarted. */
static __always_inline __u32 restartable_operations(__s32 number, __u32 compat) {
#define MATCH_COMPAT(name, native, x32, number32, operations) \
  if (number32 != STAYD_NO_CALL && number == number32) return operations;
#define MATCH_NATIVE(name, number64, x32, compat, operations) \
  if (number64 != STAYD_NO_CALL && number == number64) return operations;
#define MATCH_X32(name, native, numberx32, compat, operations) \
  if (numberx32 != STAYD_NO_CALL && number == numberx32) return operations;
  if (compat) {
    STAYD_SYSCALLS(MATCH_COMPAT)
    return 0;
  }
  if (number & STAYD_X32_BIT) {
    number &= ~STAYD_X32_BIT;
    STAYD_SYSCALLS(MATCH_X32)
    return 0;
  }
  STAYD_SYSCALLS(MATCH_NATIVE)
  return 0;
#undef MATCH_COMPAT
#undef MATCH_NATIVE
#undef MATCH_X32
}

/* Returns a hash of the registers, with which a restart runs again. So does a loop's next call,
 * which is why a slot that has let its call pass is marked SPENT (slots.bpf.h). This is not a
 * security boundary: whoever makes two calls collide shares an approval with itself. */
static __always_inline __u64 call_identity(struct pt_regs* regs) {
  __u64 h = 0xcbf29ce484222325ull;

#define MIX(x) h = (h ^ (__u64)(x)) * 0x9e3779b97f4a7c15ull, h ^= h >> 29
  MIX(regs->orig_ax);
  MIX(regs->ip);
  MIX(regs->sp);
  MIX(regs->di);
  MIX(regs->si);
  MIX(regs->dx);
  MIX(regs->r10);
  MIX(regs->r8);
  MIX(regs->r9);
  MIX(regs->bx);
  MIX(regs->cx);
  MIX(regs->bp);
#undef MIX
  return h;
}

static __always_inline struct pt_regs* current_registers(void) {
  return (struct pt_regs*)bpf_task_pt_regs(bpf_get_current_task_btf());
}

static __always_inline bool is_truncate(const struct call* call) {
  if (call->compat)
    return call->number == STAYD_COMPAT_truncate || call->number == STAYD_COMPAT_truncate64;
  return (call->number & ~STAYD_X32_BIT) == STAYD_NATIVE_truncate;
}

/* Describes the current thread's system call, which led to `operation`. An io_uring worker or a
 * kernel thread has no system call to return to, and task work runs after the call has its result:
 * until then ax is -ENOSYS. */
GLOBAL_SUBPROG int current_call(__u32 operation, struct call* call) {
  struct task_struct* task = bpf_get_current_task_btf();
  struct pt_regs* regs = current_registers();

  if (!call) return 0;
  call->number = (__s32)regs->orig_ax;
  call->compat = task->thread_info.status & TS_COMPAT;
  call->identity = call_identity(regs);
  call->can_wait = !(task->flags & (PF_KTHREAD | PF_IO_WORKER | PF_EXITING)) &&
                   (long)regs->ax == -ENOSYS &&
                   restartable_operations(call->number, call->compat) >> (operation & 31) & 1;
  return 0;
}
