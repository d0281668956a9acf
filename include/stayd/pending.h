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
  __u64 alone;   /* the hold that is allowed if the agent is dead */
  __u64 closed;  /* the hold under which the latest look found the socket without a connection */
  __u8 address[16];
  __u16 port;
  __u16 attempts; /* TCP_SYNCNT of the program, while the kernel side has replaced it; else 0 */
  __u32 reserved;
};
STAYD_ASSERT_SIZE(stayd_seal, 48);

/* What a look at all seals finds of each: its hold, if one waits or its answer has not taken effect
 * yet, and whether the kernel side has replaced the socket's number of attempts. */
struct stayd_sealed {
  __u64 hold_id; /* else 0 */
  __u64 extended;
};
STAYD_ASSERT_SIZE(stayd_sealed, 16);

enum { STAYD_TCP_HEADER_SIZE = 60 }; /* the longest */

/* By hold id, in the map `pending_connections`: what the agent needs in order to end the wait. It
 * is replaced as a whole, and never changed in place. It goes when the seal is opened, or when the
 * connection ends. */
struct stayd_pending {
  __u64 hold_id;
  __u64 network;  /* the cookie of the socket's network namespace */
  __u64 tried_ns; /* CLOCK_MONOTONIC, when `header` was dropped; 0: nothing was yet */
  __u8 address[16];
  __u8 source[16];
  __u16 port;
  __u16 source_port;
  __u32 process;                      /* that called connect */
  __u32 mark;                         /* SO_MARK of the socket */
  __u32 size;                         /* of the header, bytes */
  __u8 header[STAYD_TCP_HEADER_SIZE]; /* of the SYN, options included */
  __u32 reserved;
};
STAYD_ASSERT_SIZE(stayd_pending, 136);

#pragma GCC diagnostic pop
