/* SPDX-License-Identifier: GPL-2.0 */
/*
 * exec: judged once for the program and, for a script, once for each interpreter
 * (at most five, fs/exec.c), each with the file that is about to run. All of them
 * belong to one system call, which is why holds are kept until it is over.
 */
#pragma once

#include "file.bpf.h"

enum { HASHED_ARGUMENTS = 64 };

/* Over how many arguments there are and the head of each, as the caller's memory has
 * them now. */
SEPARATE __u64 hash_argv(__u32 argc) {
  struct siphash state;
  struct call call;
  __u64 pointer;

  current_call(STAYD_OP_EXEC, &call);
  pointer = argv_pointer(&call);
  siphash_start(&state);
  siphash_word(&state, argc);
  for (int i = 0; i < HASHED_ARGUMENTS; i++) {
    __u64 head[16] = {};
    __u64 argument = 0;

    if (read_argument_pointer(pointer, i, call.compat, &argument) || !argument) break;
    siphash_word(&state, bpf_probe_read_user_str(head, sizeof(head), (void*)argument));
    for (int word = 0; word < 16; word++) siphash_word(&state, head[word]);
  }
  return siphash_end(&state);
}

static __always_inline int judge_exec(struct linux_binprm* bprm) {
  struct walk walk = {.access = {STAYD_ACCESS_EXEC, STAYD_ACCESS_EXEC}};
  struct request request = {};
  struct stayd_policy* policy;
  struct dentry* dentry;
  __u32 reason;

  if (!current_subject(&request.subject)) return 0;
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
  request.object.hash = hash_argv(bprm->argc);
  bind_inode(&request, dentry, dentry->d_inode);
  return enforce(&request, false);
}
