/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/* The map `connections` records who connects to the agent's own sockets. */
#pragma once

#include "stayd/workloads.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"

enum {
  STAYD_SOCKET_LISTENS = 1,
  STAYD_SOCKET_CONNECTED = 2,
};

/* A stream socket of the agent: one that it listens on, or one that accept(2) gives it. The
 * members describe the peer as it was when it connected. */
struct stayd_connection {
  struct stayd_workload_id workload; /* generation 0: none; slot STAYD_UNDECIDED: not known yet */
  __u64 process_start_ns;            /* CLOCK_BOOTTIME */
  __u32 login_uid;                   /* 4294967295: none */
  __u32 kind;                        /* STAYD_SOCKET_* */
};
STAYD_ASSERT_SIZE(stayd_connection, 24);

#pragma GCC diagnostic pop
