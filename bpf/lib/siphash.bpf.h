/* SPDX-License-Identifier: GPL-2.0 */
/* SipHash-2-4 (Aumasson, Bernstein 2012) over whole 64-bit words: a workload that
 * does not know the key cannot make two names or argument lists collide. */
#pragma once

#include "maps.bpf.h"

struct siphash {
  __u64 v0, v1, v2, v3;
};

#define ROTL64(x, b) (((x) << (b)) | ((x) >> (64 - (b))))

static __always_inline void siphash_round(struct siphash* s) {
  s->v0 += s->v1;
  s->v1 = ROTL64(s->v1, 13) ^ s->v0;
  s->v0 = ROTL64(s->v0, 32);
  s->v2 += s->v3;
  s->v3 = ROTL64(s->v3, 16) ^ s->v2;
  s->v0 += s->v3;
  s->v3 = ROTL64(s->v3, 21) ^ s->v0;
  s->v2 += s->v1;
  s->v1 = ROTL64(s->v1, 17) ^ s->v2;
  s->v2 = ROTL64(s->v2, 32);
}

static __always_inline void siphash_start(struct siphash* s) {
  s->v0 = hash_key[0] ^ 0x736f6d6570736575ull;
  s->v1 = hash_key[1] ^ 0x646f72616e646f6dull;
  s->v2 = hash_key[0] ^ 0x6c7967656e657261ull;
  s->v3 = hash_key[1] ^ 0x7465646279746573ull;
}

static __always_inline void siphash_word(struct siphash* s, __u64 word) {
  s->v3 ^= word;
  siphash_round(s);
  siphash_round(s);
  s->v0 ^= word;
}

static __always_inline __u64 siphash_end(struct siphash* s) {
  s->v2 ^= 0xff;
  for (int i = 0; i < 4; i++) siphash_round(s);
  return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}
