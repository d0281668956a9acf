/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/* Answers to holds, by hold id, in the map `answers`. */
#pragma once

#include "stayd/contract.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"

/* PARKED and AWAY are the gatekeeper's own notes; AWAY makes the kernel side report when the thread
 * is back at its hold. PASS and IN_PLACE are about programs that wait in place. */
enum {
  STAYD_ANSWER_PARKED = 1,
  STAYD_ANSWER_AWAY = 2,
  STAYD_ANSWER_ALLOW = 3,
  STAYD_ANSWER_DENY = 4,
  STAYD_ANSWER_SEEN = 5,  /* the agent has the event and is about to stop the thread */
  STAYD_ANSWER_AGAIN = 6, /* the tables have changed: judge the operation by the new ones */
  /* Load the program: the gatekeeper traces the thread, and stops it before it runs. */
  STAYD_ANSWER_PASS = 7,
  /* The gatekeeper's own note: the program is loaded and waits. The next one can go on from it. */
  STAYD_ANSWER_IN_PLACE = 8,
};

struct stayd_answer {
  __u64 expires_ns; /* CLOCK_BOOTTIME; of ALLOW, else 0 */
  __u64 labels;     /* of ALLOW: labels of a file about to be read that only patterns give it */
  __u32 state;      /* STAYD_ANSWER_* */
  __u32 session;    /* raised by each parking, so that the kernel side notices a dead tracer */
  /* How the program of an IN_PLACE answer is to begin. */
  __u64 instruction;     /* the address of its first instruction */
  __u64 blocked_signals; /* its mask, as of sigprocmask(2) */
  __u32 thread;
  __u32 reserved;
};
STAYD_ASSERT_SIZE(stayd_answer, 48);

#pragma GCC diagnostic pop
