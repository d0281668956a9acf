/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which road did the operation come by, and may it be repeated? Only a system
 * call whose hook runs before anything has happened is restarted. x86-64 only.
 */
#pragma once

#include "maps.bpf.h"

struct call {
  __u64 identity; /* equal for a restart of the same system call */
  __s32 number;
  bool compat;
  bool can_wait;
};

/* arch/x86/entry/syscalls/syscall_64.tbl; x32 keeps most numbers under its bit. */
static __always_inline bool native_is_safe(__u32 operation, __s32 nr) {
  switch (operation) {
    case STAYD_OP_OPEN: /* open, openat, openat2, creat, open_by_handle_at, truncate */
      return nr == 2 || nr == 257 || nr == 437 || nr == 85 || nr == 304 || nr == 76;
    case STAYD_OP_CREATE: /* open, openat, openat2, creat, mknod, mknodat, mkdir, mkdirat,
                             symlink, symlinkat, link, linkat, bind */
      return nr == 2 || nr == 257 || nr == 437 || nr == 85 || nr == 133 || nr == 259 || nr == 83 ||
             nr == 258 || nr == 88 || nr == 266 || nr == 86 || nr == 265 || nr == 49;
    case STAYD_OP_DELETE: /* unlink, unlinkat, rmdir */
      return nr == 87 || nr == 263 || nr == 84;
    case STAYD_OP_RENAME: /* rename, renameat, renameat2 */
      return nr == 82 || nr == 264 || nr == 316;
    case STAYD_OP_CONNECT: /* connect; sendto, sendmsg with MSG_FASTOPEN */
      return nr == 42 || nr == 44 || nr == 46 || nr == 518;
    case STAYD_OP_SEND: /* sendto, sendmsg, sendmmsg; x32 sendmsg, sendmmsg */
      return nr == 44 || nr == 46 || nr == 307 || nr == 518 || nr == 538;
    case STAYD_OP_EXEC: /* execve, execveat; x32 */
      return nr == 59 || nr == 322 || nr == 520 || nr == 545;
  }
  return false;
}

/* arch/x86/entry/syscalls/syscall_32.tbl */
static __always_inline bool compat_is_safe(__u32 operation, __s32 nr) {
  switch (operation) {
    case STAYD_OP_OPEN:
      return nr == 5 || nr == 295 || nr == 437 || nr == 8 || nr == 342 || nr == 92 || nr == 193;
    case STAYD_OP_CREATE:
      return nr == 5 || nr == 295 || nr == 437 || nr == 8 || nr == 14 || nr == 297 || nr == 39 ||
             nr == 296 || nr == 83 || nr == 304 || nr == 9 || nr == 303 || nr == 361 || nr == 102;
    case STAYD_OP_DELETE:
      return nr == 10 || nr == 301 || nr == 40;
    case STAYD_OP_RENAME:
      return nr == 38 || nr == 302 || nr == 353;
    case STAYD_OP_CONNECT: /* socketcall, connect, sendto, sendmsg */
      return nr == 102 || nr == 362 || nr == 369 || nr == 370;
    case STAYD_OP_SEND:
      return nr == 102 || nr == 369 || nr == 370 || nr == 345;
    case STAYD_OP_EXEC:
      return nr == 11 || nr == 358;
  }
  return false;
}

/* A restart runs with the same registers; so does a loop's next call, which is why
 * what a hold leaves behind is also marked spent (hold.bpf.h). Not a security
 * boundary: whoever makes two calls collide shares an approval with itself. */
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
  __s32 nr = call->number & ~X32_SYSCALL_BIT;
  return call->compat ? nr == 92 || nr == 193 : nr == 76;
}

static __always_inline void current_call(__u32 operation, struct call* call) {
  struct task_struct* task = bpf_get_current_task_btf();
  struct pt_regs* regs = current_registers();

  call->number = (__s32)regs->orig_ax;
  call->compat = task->thread_info.status & TS_COMPAT;
  call->identity = call_identity(regs);
  /* An io_uring worker or kernel thread has no system call to go back to, and
   * task work runs after the call has its result: until then ax is -ENOSYS. */
  call->can_wait = !(task->flags & (PF_KTHREAD | PF_IO_WORKER | PF_EXITING)) &&
                   (long)regs->ax == -ENOSYS &&
                   (call->compat ? compat_is_safe(operation, call->number)
                                 : native_is_safe(operation, call->number & ~X32_SYSCALL_BIT));
}
