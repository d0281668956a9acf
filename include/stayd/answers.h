/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/* Answers to holds, by hold id, in the map `answers`. */
#pragma once

#include "stayd/contract.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"

/* PARKED and AWAY are the gatekeeper's own notes; AWAY makes the kernel side report when the thread
 * is back at its hold. */
enum {
  STAYD_ANSWER_PARKED = 1,
  STAYD_ANSWER_AWAY = 2,
  STAYD_ANSWER_ALLOW = 3,
  STAYD_ANSWER_DENY = 4,
  STAYD_ANSWER_SEEN = 5,  /* the agent has the event and is about to stop the thread */
  STAYD_ANSWER_AGAIN = 6, /* the tables have changed: judge the operation by the new ones */
  STAYD_ANSWER_PEND = 7,  /* the call goes on; its connection waits for the answer, pending.h */
};

struct stayd_answer {
  __u64 expires_ns; /* CLOCK_BOOTTIME; of ALLOW, else 0 */
  __u64 labels;     /* of ALLOW: labels of a file about to be read that only patterns give it */
  __u32 state;      /* STAYD_ANSWER_* */
  __u32 session;    /* raised by each parking, so that the kernel side notices a dead tracer */
};
STAYD_ASSERT_SIZE(stayd_answer, 24);

#pragma GCC diagnostic pop
