/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/* Answers to holds, by hold id, in the map `answers`. */
#pragma once

#include "stayd/contract.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"

/* PARKED and AWAY are the gatekeeper's own notes; AWAY, with a session that is new to the thread,
 * makes the kernel side report that the thread is back at its hold. */
enum {
  STAYD_ANSWER_PARKED = 1,
  STAYD_ANSWER_AWAY = 2,
  STAYD_ANSWER_ALLOW = 3,
  STAYD_ANSWER_DENY = 4,
  STAYD_ANSWER_AGAIN = 5, /* the tables have changed: judge the operation by the new ones */
  STAYD_ANSWER_PEND = 6,  /* the call goes on; its connection waits for the answer, pending.h */
};

/* The state and whose answer it is are read at once, because the kernel gives the memory of an
 * entry that is replaced or deleted to the next one, while a program may still be reading it. */
#define STAYD_ANSWER_WORD(hold_id, state) ((hold_id)*256ull | (state))
#define STAYD_ANSWER_HOLD(word) ((word) >> 8)
#define STAYD_ANSWER_STATE(word) ((word)&0xff)

struct stayd_answer {
  __u64 word;       /* STAYD_ANSWER_WORD() */
  __u64 expires_ns; /* CLOCK_BOOTTIME; of ALLOW, else 0 */
  __u64 labels;     /* of ALLOW: labels of a file about to be read that only patterns give it */
  __u32 session;    /* raised by each parking, so that the kernel side notices a dead tracer */
  __u32 reserved;
};
STAYD_ASSERT_SIZE(stayd_answer, 32);

#pragma GCC diagnostic pop
