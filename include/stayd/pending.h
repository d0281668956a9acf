/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/* Pending connections: the connect of a non-blocking socket was held, and its thread goes on. */
#pragma once

#include "stayd/contract.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"

/* Values of stayd_seal::hold_id that are no hold's. */
#define STAYD_SEAL_SHUT 0ull
#define STAYD_SEAL_OPEN (~0ull)

/* In the map `seals`, for the life of a socket that has had a pending connection: which packets may
 * leave it. Only those to this address may, and only while the seal is open. */
struct stayd_seal {
  __u64 hold_id; /* the hold whose answer opens the seal, or STAYD_SEAL_* */
  __u8 address[16];
  __u16 port;
  __u16 attempts; /* TCP_SYNCNT of the program, while the kernel side has replaced it; 0: it has not
                   */
  __u32 reserved;
};
STAYD_ASSERT_SIZE(stayd_seal, 32);

enum {
  STAYD_TCP_HEADER_SIZE = 60, /* the longest */
  STAYD_PENDING_ALONE = 1,    /* with the agent dead, the connection is allowed */
};

/* By hold id, in the map `pending_connections`: what the agent needs in order to end the wait. The
 * entry goes when the seal is opened, or when the connection ends. */
struct stayd_pending {
  __u64 network;  /* the cookie of the socket's network namespace */
  __u64 tried_ns; /* CLOCK_MONOTONIC, when `header` was dropped; 0: nothing was yet */
  __u8 address[16];
  __u8 source[16];
  __u16 port;
  __u16 source_port;
  __u32 process;                      /* that called connect */
  __u32 mark;                         /* SO_MARK of the socket */
  __u32 flags;                        /* STAYD_PENDING_* */
  __u32 size;                         /* of the header, bytes */
  __u8 header[STAYD_TCP_HEADER_SIZE]; /* of the latest SYN, options included */
};
STAYD_ASSERT_SIZE(stayd_pending, 128);

#pragma GCC diagnostic pop
