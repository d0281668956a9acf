/* SPDX-License-Identifier: GPL-2.0 */
/* bpf/lib/walk.bpf.h, called alone on a tree of directories that the runner describes. */
#include "lib/walk.bpf.h"

char LICENSE[] SEC("license") = "GPL";

enum { LEVELS = 130, NAME_SPACE = 32 };

/* From the file, 0, up to the root, levels - 1. Each structure has its members where the running
 * kernel has them. */
char dentries[LEVELS][512] = {};
char inodes[LEVELS][1024] = {};
char super_block[2048] = {};
char names[LEVELS][NAME_SPACE] = {};
__u64 numbers[LEVELS] = {};
__u32 levels = 0;
__u32 device = 0;

/* Read back from memory, the address of a dentry is a number for the verifier, as it is for the
 * callers in bpf/. */
volatile __u64 leaf = 0;
__u32 policy = 0;
__u32 result = 0;
struct stayd_node found = {};

#define STORE(type, where, struct_name, member, value) \
  *(type*)(where + bpf_core_field_offset(struct struct_name, member)) = (type)(value)

static __always_inline void make_level(__u32 level, __u32 above) {
  STORE(__u64, dentries[level], dentry, d_parent, dentries[above]);
  STORE(__u64, dentries[level], dentry, d_inode, inodes[level]);
  STORE(__u64, dentries[level], dentry, d_sb, super_block);
  STORE(__u64, dentries[level], dentry, d_name.name, names[level]);
  STORE(__u64, inodes[level], inode, i_ino, numbers[level]);
}

SEC("raw_tp")
int make_tree(void* context) {
  __u32 root = levels - 1;

  STORE(__u32, super_block, super_block, s_dev, device);
  for (__u32 level = 0; level < LEVELS - 1; level++) make_level(level, level + 1);
  if (root < LEVELS) make_level(root, root);
  leaf = (__u64)dentries[0];
  return 0;
}

SEC("raw_tp")
int run_walk(void* context) {
  struct request request = {};

  request.subject.policy = policy;
  result = walk_up_untyped(leaf, &request);
  found = request.node;
  return 0;
}
