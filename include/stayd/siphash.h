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
}

STAYD_SIPHASH_INLINE void siphash_word(struct siphash* s, __u64 word) {
  s->v3 ^= word;
  siphash_round(s);
  siphash_round(s);
  s->v0 ^= word;
}

/* Returns the hash. `length`: of the whole message, in bytes. `rest`: its last length % 8 bytes,
 * and zeros after them. */
STAYD_SIPHASH_INLINE __u64 siphash_end(struct siphash* s, __u64 rest, __u64 length) {
  siphash_word(s, rest | length << 56);
  s->v2 ^= 0xff;
  for (int i = 0; i < 4; i++) siphash_round(s);
  return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

/* Returns the hash. `words`: `count` of them, which hold the last `size` bytes of the message, less
 * than 8 * count, and zeros after them. `length`: of the whole message, in bytes. */
STAYD_SIPHASH_INLINE __u64 siphash_end_words(struct siphash* s, const __u64* words, __u64 count,
                                             __u64 size, __u64 length) {
  __u64 rest = 0;

  for (__u64 i = 0; i < count; i++) {
    rest = words[i];
    if (8 * i + 8 > size) break;
    siphash_word(s, rest);
  }
  return siphash_end(s, rest, length);
}
