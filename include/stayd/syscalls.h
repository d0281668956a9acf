/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/*
 * System calls by which an operation can reach a hook, with their numbers, which the kernel never
 * changes: arch/x86/entry/syscalls/syscall_64.tbl and syscall_32.tbl. x86-64 only.
 */
#pragma once

#include "stayd/verdicts.h"

#define STAYD_NO_CALL (-1) /* an ABI that lacks the call */

#define STAYD_ON_OPEN (1 << STAYD_OP_OPEN)
#define STAYD_ON_CREATE (1 << STAYD_OP_CREATE)
#define STAYD_ON_CONNECT (1 << STAYD_OP_CONNECT)
#define STAYD_ON_SEND (1 << STAYD_OP_SEND)
#define STAYD_ON_EXEC (1 << STAYD_OP_EXEC)
#define STAYD_ON_DELETE (1 << STAYD_OP_DELETE)
#define STAYD_ON_RENAME (1 << STAYD_OP_RENAME)

/* An x32 call has its number ored with this. */
#define STAYD_X32_BIT 0x40000000

/*
 * X(name, number for x86-64, for x32 without its bit, for compat (ia32), operations)
 *
 * The operations are those for which the call may be restarted, because their hook runs before
 * anything has happened; 0: for none, such operations are denied instead of held. sendto and
 * sendmsg connect with MSG_FASTOPEN.
 */
#define STAYD_SYSCALLS(X)                                         \
  X(open, 2, 2, 5, STAYD_ON_OPEN | STAYD_ON_CREATE)               \
  X(openat, 257, 257, 295, STAYD_ON_OPEN | STAYD_ON_CREATE)       \
  X(openat2, 437, 437, 437, STAYD_ON_OPEN | STAYD_ON_CREATE)      \
  X(creat, 85, 85, 8, STAYD_ON_OPEN | STAYD_ON_CREATE)            \
  X(open_by_handle_at, 304, 304, 342, STAYD_ON_OPEN)              \
  X(truncate, 76, 76, 92, STAYD_ON_OPEN)                          \
  X(truncate64, STAYD_NO_CALL, STAYD_NO_CALL, 193, STAYD_ON_OPEN) \
  X(mknod, 133, 133, 14, STAYD_ON_CREATE)                         \
  X(mknodat, 259, 259, 297, STAYD_ON_CREATE)                      \
  X(mkdir, 83, 83, 39, STAYD_ON_CREATE)                           \
  X(mkdirat, 258, 258, 296, STAYD_ON_CREATE)                      \
  X(symlink, 88, 88, 83, STAYD_ON_CREATE)                         \
  X(symlinkat, 266, 266, 304, STAYD_ON_CREATE)                    \
  X(bind, 49, 49, 361, STAYD_ON_CREATE)                           \
  X(unlink, 87, 87, 10, STAYD_ON_DELETE)                          \
  X(unlinkat, 263, 263, 301, STAYD_ON_DELETE)                     \
  X(rmdir, 84, 84, 40, STAYD_ON_DELETE)                           \
  X(rename, 82, 82, 38, STAYD_ON_RENAME)                          \
  X(renameat, 264, 264, 302, STAYD_ON_RENAME)                     \
  X(renameat2, 316, 316, 353, STAYD_ON_RENAME)                    \
  X(connect, 42, 42, 362, STAYD_ON_CONNECT)                       \
  X(sendto, 44, 44, 369, STAYD_ON_CONNECT | STAYD_ON_SEND)        \
  X(sendmsg, 46, 518, 370, STAYD_ON_CONNECT | STAYD_ON_SEND)      \
  X(sendmmsg, 307, 538, 345, STAYD_ON_SEND)                       \
  X(socketcall, STAYD_NO_CALL, STAYD_NO_CALL, 102,                \
    STAYD_ON_CREATE | STAYD_ON_CONNECT | STAYD_ON_SEND)           \
  X(execve, 59, 520, 11, STAYD_ON_EXEC)                           \
  X(execveat, 322, 545, 358, STAYD_ON_EXEC)                       \
  X(link, 86, 86, 9, STAYD_ON_CREATE)                             \
  X(linkat, 265, 265, 303, STAYD_ON_CREATE)                       \
  X(uselib, 134, STAYD_NO_CALL, 86, 0)                            \
  X(acct, 163, 163, 51, 0)                                        \
  X(swapon, 167, 167, 87, 0)                                      \
  X(mq_open, 240, 240, 277, 0)                                    \
  X(io_uring_setup, 425, 425, 425, 0)                             \
  X(io_uring_enter, 426, 426, 426, 0)                             \
  X(io_uring_register, 427, 427, 427, 0)

#define STAYD_SYSCALL_ENUM(name, native, x32, compat, operations) \
  STAYD_NATIVE_##name = native, STAYD_X32_##name = x32, STAYD_COMPAT_##name = compat,
enum { STAYD_SYSCALLS(STAYD_SYSCALL_ENUM) };
#undef STAYD_SYSCALL_ENUM
