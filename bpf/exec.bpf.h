/* SPDX-License-Identifier: GPL-2.0 */
/*
 * exec: judged once for the program and, for a script, once for each interpreter
 * (at most five, fs/exec.c), each with the file that is about to run. All of them
 * belong to one system call, which is why holds are kept until it is over.
 */
#pragma once

#include "file.bpf.h"

enum { ARGV_CHUNK = 128, ARGV_CHUNKS = 2048 };

struct argv_walk {
  struct siphash state;
  __u64 argv;
  __u64 at; /* within an argument; 0: at the next one's beginning */
  __u32 index;
  __u32 compat;
  __u32 complete;
};

/* bpf_loop() calls it for each chunk; 1 ends the loop. */
static long hash_chunk(__u32 chunk, void* context) {
  struct argv_walk* walk = context;
  __u64 words[ARGV_CHUNK / 8] = {};
  long size;

  if (!walk->at) {
    if (read_argument_pointer(walk->argv, walk->index, walk->compat, &walk->at)) return 1;
    if (!walk->at) {
      walk->complete = 1;
      return 1;
    }
    walk->index++;
  }
  size = bpf_probe_read_user_str(words, sizeof(words), (void*)walk->at);
  if (size <= 0) return 1;
  for (int word = 0; word < ARGV_CHUNK / 8; word++) siphash_word(&walk->state, words[word]);
  siphash_word(&walk->state, size);
  walk->at = size == ARGV_CHUNK ? walk->at + ARGV_CHUNK - 1 : 0;
  return 0;
}

/* Stores the hash of every byte of the arguments, as the caller's memory has them now.
 * False if they cannot be read, or are more than ARGV_CHUNKS. */
static __always_inline bool hash_argv(__u64* hash) {
  struct argv_walk walk = {};
  struct call call;

  current_call(STAYD_OP_EXEC, &call);
  walk.argv = argv_pointer(&call);
  walk.compat = call.compat;
  siphash_start(&walk.state);
  bpf_loop(ARGV_CHUNKS, hash_chunk, &walk, 0);
  siphash_word(&walk.state, walk.index);
  *hash = siphash_end(&walk.state);
  return walk.complete;
}

static __always_inline int judge_exec(struct linux_binprm* bprm) {
  struct walk walk = {.access = {STAYD_ACCESS_EXEC, STAYD_ACCESS_EXEC}};
  struct request request = {};
  struct stayd_policy* policy;
  struct dentry* dentry;
  __u32 reason;

  if (!current_subject(&request.subject)) return pass_unless_abandoned(&request.subject);
  policy = bpf_map_lookup_elem(&policies, &request.subject.policy);
  if (!policy) return refuse(STAYD_COUNT_denied_policy_missing);
  dentry = bprm->file->f_path.dentry;
  walk.key.policy = request.subject.policy;
  reason = walk_up(dentry, &walk);
  if (reason) return refuse(reason);
  take_default(&walk.judgement[0], policy, STAYD_ACCESS_EXEC);
  request.verdict = walk.judgement[0].verdict;
  request.rule = walk.judgement[0].rule;
  if (request.verdict == STAYD_VERDICT_ALLOW) return 0;

  request.object.operation = STAYD_OP_EXEC;
  request.object.access = 1 << STAYD_ACCESS_EXEC;
  if (!hash_argv(&request.object.hash)) return refuse(STAYD_COUNT_denied_argv_unreadable);
  bind_inode(&request, dentry, dentry->d_inode);
  return enforce(&request, false);
}
