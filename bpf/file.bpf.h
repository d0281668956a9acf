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

/* Overlayfs opens the file behind the one that was asked for. Until 6.7 it does so under
 * the overlay's path, later under its own. */
static __always_inline bool is_backing_file(struct file* file) {
  if (bpf_core_type_exists(struct backing_file)) return file->f_mode & FMODE_BACKING;
  return file->f_inode != file->f_path.dentry->d_inode;
}

/* A name of the inode: which one matters only for hard links. */
static __always_inline __u64 name_of(struct inode* inode) {
  __u64 alias = (__u64)BPF_CORE_READ(inode, i_dentry.first);
  return alias ? alias - bpf_core_field_offset(struct dentry, d_u.d_alias) : 0;
}

static __always_inline void take_stricter(struct request* request, const struct walk* walk,
                                          bool first, bool second) {
  const struct judgement* a = &walk->judgement[0];
  const struct judgement* b = &walk->judgement[1];
  const struct judgement* stricter = second && (!first || b->verdict > a->verdict) ? b : a;

  request->verdict = stricter->verdict;
  request->rule = stricter->rule;
}

/*
 * Anyone may lay an overlay over a labelled directory: its files have other inodes and
 * ancestors, and only the file behind tells. What no rule says of that one has been
 * judged with the overlay's file, and so have its arguments if it is to run.
 */
static __always_inline int judge_backing(struct file* file, struct request* request, bool reads,
                                         bool writes) {
  bool runs = file->f_flags & F_FLAGS_EXEC;
  struct walk walk = {.access = {runs ? STAYD_ACCESS_EXEC : STAYD_ACCESS_READ,
                                 runs ? STAYD_ACCESS_EXEC : STAYD_ACCESS_WRITE}};
  __u64 dentry = name_of(file->f_inode);
  __u32 reason;

  if (!dentry) return 0; /* has no name: nothing can have been said of it */
  walk.key.policy = request->subject.policy;
  reason = walk_up_untyped(dentry, &walk);
  if (reason) return refuse(reason);
  take_stricter(request, &walk, runs || reads, writes);
  if (request->verdict <= STAYD_VERDICT_ALLOW) return 0;
  request->object.operation = runs ? STAYD_OP_EXEC : STAYD_OP_OPEN;
  request->object.access =
      runs ? 1 << STAYD_ACCESS_EXEC : reads << STAYD_ACCESS_READ | writes << STAYD_ACCESS_WRITE;
  request->open_flags = file->f_flags;
  bind_inode(request, (struct dentry*)dentry, file->f_inode);
  return enforce(request, false);
}

static __always_inline int judge_open(struct file* file) {
  struct dentry* dentry = file->f_path.dentry;
  struct walk walk = {.access = {STAYD_ACCESS_READ, STAYD_ACCESS_WRITE}};
  struct request request = {};
  struct stayd_policy* policy;
  bool writes;
  bool reads;
  __u32 reason;

  if (!current_subject(&request.subject)) return pass_unless_abandoned(&request.subject);
  if (file->f_mode & FMODE_CREATED) return 0;
  /* O_RDONLY|O_TRUNC empties the file all the same. */
  writes = file->f_mode & FMODE_WRITE || file->f_flags & O_TRUNC;
  reads = file->f_mode & FMODE_READ || !writes;
  if (is_backing_file(file)) return judge_backing(file, &request, reads, writes);
  if (file->f_flags & F_FLAGS_EXEC) return 0; /* bprm_check_security judges it */
  policy = bpf_map_lookup_elem(&policies, &request.subject.policy);
  if (!policy) return refuse(STAYD_COUNT_denied_policy_missing);

  walk.key.policy = request.subject.policy;
  reason = walk_up(dentry, &walk);
  if (reason) return refuse(reason);
  take_default(&walk.judgement[0], policy, STAYD_ACCESS_READ);
  take_default(&walk.judgement[1], policy, STAYD_ACCESS_WRITE);
  take_stricter(&request, &walk, reads, writes);
  if (request.verdict == STAYD_VERDICT_ALLOW) return 0;

  request.object.operation = STAYD_OP_OPEN;
  request.object.access = reads << STAYD_ACCESS_READ | writes << STAYD_ACCESS_WRITE;
  request.open_flags = file->f_flags;
  bind_inode(&request, dentry, dentry->d_inode);
  return enforce(&request, false);
}

static __always_inline bool is_laxer(const struct judgement* there, const struct judgement* here) {
  return here->verdict > STAYD_VERDICT_AUDIT && there->verdict < here->verdict;
}

/* A second name in a place with laxer rules would take the file out of its label. No
 * question is asked: what would be answered is the copy, and that is an open. */
static __always_inline int judge_link(struct dentry* source, struct dentry* name) {
  struct walk here = {.access = {STAYD_ACCESS_READ, STAYD_ACCESS_WRITE}};
  struct walk there = {.access = {STAYD_ACCESS_READ, STAYD_ACCESS_WRITE}};
  struct request request = {};
  struct stayd_policy* policy;
  __u32 reason;

  if (!current_subject(&request.subject)) return 0;
  policy = bpf_map_lookup_elem(&policies, &request.subject.policy);
  if (!policy) return refuse(STAYD_COUNT_denied_policy_missing);
  here.key.policy = there.key.policy = request.subject.policy;
  reason = walk_up(source, &here);
  if (reason) return refuse(reason);
  reason = walk_up(name->d_parent, &there);
  if (reason) return refuse(reason);
  for (int i = 0; i < 2; i++) {
    take_default(&here.judgement[i], policy, here.access[i]);
    take_default(&there.judgement[i], policy, here.access[i]);
  }
  if (!is_laxer(&there.judgement[0], &here.judgement[0]) &&
      !is_laxer(&there.judgement[1], &here.judgement[1]))
    return 0;
  take_stricter(&request, &here, true, true);
  request.object.operation = STAYD_OP_OPEN;
  request.object.access = 1 << STAYD_ACCESS_READ | 1 << STAYD_ACCESS_WRITE;
  bind_inode(&request, source, source->d_inode);
  request.verdict = STAYD_VERDICT_DENY;
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
