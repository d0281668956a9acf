/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reads the arguments of an execve as they are in the caller's memory now.
 */
#pragma once

#include "request.bpf.h"

enum { ARGUMENTS = 64, ARGUMENT_SIZE = 512 };

/* Stores the address of argument `i`, or 0 after the last one. Returns 0 or a negative error. */
GLOBAL_SUBPROG long read_argument_pointer(__u64 argv, __u32 i, __u32 compat, __u64* argument) {
  __u32 narrow = 0;
  long error;

  if (!argument) return -EINVAL;
  *argument = 0;
  if (!compat) return bpf_probe_read_user(argument, 8, (void*)(argv + 8 * i));
  error = bpf_probe_read_user(&narrow, 4, (void*)(argv + 4 * i));
  *argument = narrow;
  return error;
}

/* Adds the NUL of an empty string to a result of bpf_probe_read_user_str(), which does not count
 * it. A branch would double the verifier's states, so there is none; errors are below -1 and stay
 * errors. */
static __always_inline long with_its_nul(long size) {
  long none = size - 1;

  asm volatile("%0 >>= 63" : "+r"(none));
  return size + (none & 1);
}

/* Returns the address of argv in the caller's memory, which is the second argument of execve and
 * the third of execveat. */
static __always_inline __u64 argv_pointer(__s32 number, bool compat) {
  struct pt_regs* regs = current_registers();

  if (compat) return (__u32)(number == STAYD_COMPAT_execve ? regs->cx : regs->dx);
  number &= ~STAYD_X32_BIT;
  return number == STAYD_NATIVE_execve || number == STAYD_X32_execve ? regs->si : regs->dx;
}

struct argv_buffer {
  char bytes[STAYD_ARGV_SIZE];
};

/* The mask of the byte count in a result of read_argv(); STAYD_EVENT_ARGV_* lie above it. */
enum { ARGV_USED = 0xffff };

/* Copies the arguments at `pointer` for a person to read. Returns the number of bytes used and, in
 * the higher 16 bits, the flags that say what is missing. */
GLOBAL_SUBPROG __u32 read_argv(struct argv_buffer* argv, __u64 pointer, __u32 compat) {
  __u32 flags = STAYD_EVENT_ARGV_TRUNCATED;
  __u32 used = 0;

  if (!argv) return 0;
  for (int i = 0; i < ARGUMENTS; i++) {
    __u64 argument = 0;
    long size;

    if (used >= STAYD_ARGV_SIZE - ARGUMENT_SIZE) break;
    if (read_argument_pointer(pointer, i, compat, &argument)) {
      flags |= STAYD_EVENT_ARGV_UNREADABLE;
      break;
    }
    if (!argument) {
      flags &= ~STAYD_EVENT_ARGV_TRUNCATED;
      break;
    }
    size = bpf_probe_read_user_str(argv->bytes + used, ARGUMENT_SIZE, (void*)argument);
    size = with_its_nul(size);
    if (size <= 0 || size > ARGUMENT_SIZE) {
      flags |= STAYD_EVENT_ARGV_UNREADABLE;
      break;
    }
    used = (used + size) & (STAYD_ARGV_SIZE - 1); /* bounds it for the verifier; never cuts */
    if (size == ARGUMENT_SIZE) flags |= STAYD_EVENT_ARGV_UNREADABLE; /* only its beginning fits */
  }
  return used | flags << 16;
}

static __always_inline void fill_argv(struct stayd_operation_event* event, struct argv_buffer* argv,
                                      const struct call* call) {
  __u32 read = read_argv(argv, argv_pointer(call->number, call->compat), call->compat);

  event->flags |= read >> 16;
  event->argv_size = read & ARGV_USED;
}
