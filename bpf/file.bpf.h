/* SPDX-License-Identifier: GPL-2.0 */
/* open and create: judged by inode ancestry, bound by inode identity. */
#pragma once

#include "lib/hold.bpf.h"
#include "lib/judge.bpf.h"
#include "lib/siphash.bpf.h"

static __always_inline void bind_inode(struct request* request, struct dentry* dentry,
                                       struct inode* inode) {
  request->dentry = (__u64)dentry;
  request->object.inode = inode->i_ino;
  request->object.inode_generation = inode->i_generation;
  request->object.device = inode->i_sb->s_dev;
  request->magic = inode->i_sb->s_magic;
}

/* Overlayfs opens the file behind the one that was asked for and judged. */
static __always_inline bool is_backing_file(struct file* file) {
  return bpf_core_type_exists(struct backing_file) && file->f_mode & (1u << 24);
}

static __always_inline int judge_open(struct file* file) {
  struct dentry* dentry = file->f_path.dentry;
  struct walk walk = {.access = {STAYD_ACCESS_READ, STAYD_ACCESS_WRITE}};
  struct judgement *read = &walk.judgement[0], *write = &walk.judgement[1], *strictest;
  struct request request = {};
  struct stayd_policy* policy;
  bool wants_write;
  bool wants_read;
  __u32 reason;

  if (!current_subject(&request.subject)) return pass_unless_abandoned(&request.subject);
  if (file->f_mode & FMODE_CREATED || file->f_flags & F_FLAGS_EXEC || is_backing_file(file))
    return 0;
  policy = bpf_map_lookup_elem(&policies, &request.subject.policy);
  if (!policy) return refuse(STAYD_COUNT_denied_policy_missing);

  walk.key.policy = request.subject.policy;
  reason = walk_up(dentry, &walk);
  if (reason) return refuse(reason);
  take_default(read, policy, STAYD_ACCESS_READ);
  take_default(write, policy, STAYD_ACCESS_WRITE);
  /* O_RDONLY|O_TRUNC empties the file all the same. */
  wants_write = file->f_mode & FMODE_WRITE || file->f_flags & O_TRUNC;
  wants_read = file->f_mode & FMODE_READ || !wants_write;
  strictest = wants_write && (!wants_read || write->verdict > read->verdict) ? write : read;
  request.verdict = strictest->verdict;
  request.rule = strictest->rule;
  if (request.verdict == STAYD_VERDICT_ALLOW) return 0;

  request.object.operation = STAYD_OP_OPEN;
  request.object.access = wants_read << STAYD_ACCESS_READ | wants_write << STAYD_ACCESS_WRITE;
  request.open_flags = file->f_flags;
  bind_inode(&request, dentry, dentry->d_inode);
  return enforce(&request, false);
}

/* Of all bytes of the name; 0 if it cannot be read, which no name hashes to in practice. */
SEPARATE __u64 hash_name(const struct request* request) {
  const unsigned char* name;
  struct siphash state;
  struct dentry* dentry;

  if (!request) return 0;
  dentry = (struct dentry*)request->dentry;
  name = BPF_CORE_READ(dentry, d_name.name);

  siphash_start(&state);
  for (int i = 0; i < 5; i++) { /* NAME_MAX, 63 bytes at a time */
    __u64 words[8] = {};
    long size = bpf_probe_read_kernel_str(words, sizeof(words), name + 63 * i);
    if (size <= 0) return 0;
    for (int word = 0; word < 8; word++) siphash_word(&state, words[word]);
    if (size < 64) break;
  }
  return siphash_end(&state);
}

/*
 * Runs before the file exists, so that a restart does not meet its own file.
 * O_CREAT on an existing file whose name is not cached comes by here as well, and
 * goes on whatever this returns; so while the name is still being looked up, the
 * first pass only restarts, and a call that meant an existing file is not seen again.
 */
static __always_inline int judge_create(struct inode* directory, struct dentry* dentry,
                                        __u32 mode) {
  struct walk walk = {.access = {STAYD_ACCESS_CREATE, STAYD_ACCESS_CREATE}};
  struct request request = {};
  struct stayd_policy* policy;
  __u32 reason;

  if (!current_subject(&request.subject)) return pass_unless_abandoned(&request.subject);
  policy = bpf_map_lookup_elem(&policies, &request.subject.policy);
  if (!policy) return refuse(STAYD_COUNT_denied_policy_missing);
  walk.key.policy = request.subject.policy;
  reason = walk_up(dentry->d_parent, &walk);
  if (reason) return refuse(reason);
  take_default(&walk.judgement[0], policy, STAYD_ACCESS_CREATE);
  request.verdict = walk.judgement[0].verdict;
  request.rule = walk.judgement[0].rule;
  if (request.verdict == STAYD_VERDICT_ALLOW) return 0;

  request.object.operation = STAYD_OP_CREATE;
  request.object.access = 1 << STAYD_ACCESS_CREATE;
  bind_inode(&request, dentry, directory);
  request.object.hash = hash_name(&request);
  if (!request.object.hash) return refuse(STAYD_COUNT_denied_path_unreadable);
  request.open_flags = mode;
  return enforce(&request, !!(dentry->d_flags & DCACHE_PAR_LOOKUP));
}
