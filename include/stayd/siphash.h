/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/*
 * SipHash-2-4 (Aumasson, Bernstein: SipHash: a fast short-input PRF, 2012), the hash of names and
 * arguments in the keys of maps: one source for bpf/ and agent/, tested with the published
 * vectors. Whoever does not know the key cannot make two messages collide.
 *
 * A message is given in whole words of eight bytes, the first byte lowest, and a rest of less
 * than eight bytes. Nothing here reads memory by itself, since a BPF program has to read what it
 * hashes in pieces. Plain C and C++.
 */
#pragma once

#ifndef __bpf__
#include <linux/types.h>
#endif

struct siphash {
  __u64 v0, v1, v2, v3;
  __u64 words; /* so far */
};

#define STAYD_SIPHASH_INLINE static inline __attribute__((always_inline))
#define STAYD_ROTL64(x, bits) (((x) << (bits)) | ((x) >> (64 - (bits))))

STAYD_SIPHASH_INLINE void siphash_round(struct siphash* s) {
  s->v0 += s->v1;
  s->v1 = STAYD_ROTL64(s->v1, 13) ^ s->v0;
  s->v0 = STAYD_ROTL64(s->v0, 32);
  s->v2 += s->v3;
  s->v3 = STAYD_ROTL64(s->v3, 16) ^ s->v2;
  s->v0 += s->v3;
  s->v3 = STAYD_ROTL64(s->v3, 21) ^ s->v0;
  s->v2 += s->v1;
  s->v1 = STAYD_ROTL64(s->v1, 17) ^ s->v2;
  s->v2 = STAYD_ROTL64(s->v2, 32);
}

/* `key0` and `key1`: the 16 bytes of the key, the first byte lowest in key0. */
STAYD_SIPHASH_INLINE void siphash_start(struct siphash* s, __u64 key0, __u64 key1) {
  s->v0 = key0 ^ 0x736f6d6570736575ull;
  s->v1 = key1 ^ 0x646f72616e646f6dull;
  s->v2 = key0 ^ 0x6c7967656e657261ull;
  s->v3 = key1 ^ 0x7465646279746573ull;
  s->words = 0;
}

STAYD_SIPHASH_INLINE void siphash_word(struct siphash* s, __u64 word) {
  s->v3 ^= word;
  siphash_round(s);
  siphash_round(s);
  s->v0 ^= word;
  s->words++;
}

/* Returns the hash. `rest`: the last `size` bytes of the message, 0 to 7; its other bytes must be
 * zero. The message's length modulo 256 takes the highest byte. */
STAYD_SIPHASH_INLINE __u64 siphash_end(struct siphash* s, __u64 rest, __u64 size) {
  siphash_word(s, rest | (8 * s->words + size) << 56);
  s->v2 ^= 0xff;
  for (int i = 0; i < 4; i++) siphash_round(s);
  return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}
