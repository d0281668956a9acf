/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/* Objects of operations, and grants, which let operations on an object through. */
#pragma once

#include "stayd/verdicts.h"
#include "stayd/workloads.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"

/*
 * The object of an operation, exactly as a decision binds it: two operations are the same if and
 * only if these bytes are equal. Unused members are zero.
 */
struct stayd_object {
  __u64 inode; /* create: the parent directory's */
  /* SipHash of: create, rename: the new name; exec: the arguments and the file's change time
   * and size; unix: an abstract name. */
  __u64 hash;
  __u8 address[16]; /* rename: inode, then device, of the directory it goes to; create by a link:
                       inode, then inode generation, of the file */
  __u32 device;
  __u32 inode_generation;
  __u32 scope_id;
  __u16 port;
  __u16 protocol;
  __u32 operation; /* STAYD_OP_* */
  __u32 access;    /* a bit per STAYD_ACCESS_* */
};
STAYD_ASSERT_SIZE(stayd_object, 56);

struct stayd_grant_key {
  struct stayd_object object;
  struct stayd_workload_id workload;
  __u64 process_start_ns; /* of one process only: when it began, CLOCK_BOOTTIME; else 0 */
  __u32 process;          /* its tgid; 0: the whole workload */
  __u32 reserved;
};
STAYD_ASSERT_SIZE(stayd_grant_key, 80);

struct stayd_grant {
  __u64 expires_ns;  /* CLOCK_BOOTTIME */
  __s64 uses;        /* left; at most 0: used up */
  __u64 last_use_ns; /* written by the kernel side; 0 when granted */
  __u64 last_socket; /* written by the kernel side; 0 when granted */
};
STAYD_ASSERT_SIZE(stayd_grant, 32);

#pragma GCC diagnostic pop
