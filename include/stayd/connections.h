/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/* Who connects to the agent's own sockets; the rules of wire.h hold here as well. */
#pragma once

#include "stayd/wire.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"

enum {
  STAYD_SOCKET_LISTENS = 1,
  STAYD_SOCKET_CONNECTED = 2,
};

/* What is noted of a stream socket that belongs to the agent: one that it listens on, or one that
 * accept(2) gives it. What is said of the process is as it was when it connected. */
struct stayd_connection {
  struct stayd_workload_id workload; /* generation 0: none; slot STAYD_UNDECIDED: not known yet */
  __u64 process_start_ns;            /* CLOCK_BOOTTIME */
  __u32 login_uid;                   /* 4294967295: none */
  __u32 kind;                        /* STAYD_SOCKET_* */
};
STAYD_ASSERT_SIZE(stayd_connection, 24);

#pragma GCC diagnostic pop
