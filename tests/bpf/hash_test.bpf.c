/* SPDX-License-Identifier: GPL-2.0 */
/* bpf/lib/hash.bpf.h, called alone on structures that the runner has filled in. */
#include "lib/hash.bpf.h"

char LICENSE[] SEC("license") = "GPL";

/* A struct dentry with its members where the running kernel has them. */
char leaf[512] = {};
char name[256] = {};
__u32 name_size = 0;
__u64 result = 0;

/* Zeros follow the message. */
__u64 message[8] = {};
__u32 message_size = 0;

static __always_inline __u64 made_leaf(void) {
  *(__u64*)(leaf + bpf_core_field_offset(struct dentry, d_name.name)) = (__u64)name;
  *(__u32*)(leaf + bpf_core_field_offset(struct dentry, d_name.len)) = name_size;
  return (__u64)leaf;
}

SEC("raw_tp")
int run_hash_name(void* context) {
  __u64 address = made_leaf();

  result = hash_name(&address);
  return 0;
}

SEC("raw_tp")
int run_hash_extension(void* context) {
  __u64 address = made_leaf();

  result = hash_extension(&address);
  return 0;
}

SEC("raw_tp")
int run_siphash(void* context) {
  struct siphash state;

  start_hash(&state);
  result = siphash_end_words(&state, message, 8, message_size, message_size);
  return 0;
}
