/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names are hashed with SipHash-2-4 (stayd/siphash.h) under the key of this load, so that a
 * workload, which does not know the key, cannot make two names collide. 0 means that the name
 * cannot be read; no name hashes to it in practice.
 */
#pragma once

#include "maps.bpf.h"

#include "stayd/siphash.h"

enum { EXTENSION_SIZE = 16, NAME_PIECE = 24, NAME_PIECES = 11 };
enum { ABSTRACT_PREFIX = 3, UNIX_NAME_SIZE = 107 }; /* family and a zero; unix(7) sun_path */

static __always_inline void start_hash(struct siphash* state) {
  siphash_start(state, hash_key[0], hash_key[1]);
}

/* Returns the hash of the last component of a dentry's path. The address of the dentry is passed in
 * memory, because the verifier takes no kernel pointer as an argument of a global function. */
GLOBAL_SUBPROG __u64 hash_name(const __u64* leaf) {
  __u64 words[NAME_PIECE / 8 + 1];
  const unsigned char* name;
  struct dentry* dentry;
  struct siphash state;
  __u64 length = 0;
  long size = 0;

  if (!leaf) return 0;
  dentry = (struct dentry*)*leaf;
  name = BPF_CORE_READ(dentry, d_name.name);
  start_hash(&state);
  for (int i = 0; i < NAME_PIECES; i++) { /* NAME_MAX and a zero */
    __builtin_memset(words, 0, sizeof(words));
    size = bpf_probe_read_kernel_str(words, NAME_PIECE + 1, name + NAME_PIECE * i);
    if (size <= 0) return 0;
    if (size <= NAME_PIECE) break;
    for (int word = 0; word < NAME_PIECE / 8; word++) siphash_word(&state, words[word]);
    length += NAME_PIECE;
  }
  return siphash_end_words(&state, words, NAME_PIECE / 8, size - 1, length + size - 1);
}

/* Returns the hash of the text after the last dot of that name; 0 also if there is no dot, or if
 * the text is longer than 15 bytes. */
GLOBAL_SUBPROG __u64 hash_extension(const __u64* leaf) {
  const unsigned char* name;
  struct dentry* dentry;
  __u32 size, shown;
  __u32 length = 0;
  __u64 words[EXTENSION_SIZE / 8] = {};
  char tail[EXTENSION_SIZE] = {};
  struct siphash state;
  long read;

  if (!leaf) return 0;
  dentry = (struct dentry*)*leaf;
  name = BPF_CORE_READ(dentry, d_name.name);
  size = BPF_CORE_READ(dentry, d_name.len);
  shown = size < EXTENSION_SIZE ? size : EXTENSION_SIZE;
  if (bpf_probe_read_kernel(tail, sizeof(tail), name + size - shown)) return 0;
  for (__u32 i = 0; i < EXTENSION_SIZE; i++)
    if (i < shown && tail[i] == '.') length = shown - 1 - i;
  if (!length) return 0;
  read = bpf_probe_read_kernel_str(words, EXTENSION_SIZE, name + size - length);
  if (read <= 0) return 0;
  start_hash(&state);
  return siphash_end_words(&state, words, EXTENSION_SIZE / 8, read - 1, read - 1);
}

/* Returns the hash of an abstract unix socket's name, given the address of its struct unix_address.
 */
GLOBAL_SUBPROG __u64 hash_abstract(__u64 abstract) {
  struct unix_address* address = (struct unix_address*)abstract;
  __u32 length = BPF_CORE_READ(address, len);
  __u64 name = abstract + bpf_core_field_offset(struct unix_address, name) + ABSTRACT_PREFIX;
  struct siphash state;

  if (length <= ABSTRACT_PREFIX || length > ABSTRACT_PREFIX + UNIX_NAME_SIZE) return 0;
  length -= ABSTRACT_PREFIX;
  start_hash(&state);
  for (__u32 i = 0; i < UNIX_NAME_SIZE / 8 + 1; i++) {
    __u64 word = 0;
    __u32 left = length - 8 * i;
    if (left && bpf_probe_read_kernel(&word, sizeof(word), (void*)(name + 8 * i))) return 0;
    if (left < 8) return siphash_end(&state, word & ((1ull << (8 * left)) - 1), length);
    siphash_word(&state, word);
  }
  return 0;
}
