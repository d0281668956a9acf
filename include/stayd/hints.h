/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/*
 * Bitmaps that answer "certainly not" without a map lookup, and the counters that end cached
 * verdicts. All are global variables of the BPF object, indexed by number modulo their size.
 */
#pragma once

#include "stayd/contract.h"

/* All of these are powers of two. */
enum {
  STAYD_CGROUP_HINT_WORDS = 1024, /* a bit per cgroup id: clear means that it is not tagged */
  STAYD_NODE_HINT_WORDS = 4096,   /* a bit per inode number: clear means that no policy names it */
  STAYD_FILE_GENERATIONS = 4096,  /* a counter per inode number: raised when the file moves */
};

/* The word of a bitmap of `words` words that has the bit of `number`. */
#define STAYD_HINT_WORD(number, words) (((number) >> 6) & ((words)-1))
/* The position of that bit in its word. */
#define STAYD_HINT_SHIFT(number) ((number)&63)
