/* SPDX-License-Identifier: GPL-2.0 */
/*
 * exec: judged once for the program and, for a script, once for each interpreter
 * (at most five, fs/exec.c), each with the file that is about to run. All of them
 * belong to one system call, which is why holds are kept until it is over.
 *
 * The arguments are judged as the caller's memory has them when the hook runs, a moment
 * after the kernel has copied them: another thread may have changed them in between. So
 * they are read again from the new program's own stack, and it does not live to see its
 * first instruction if they are not the same.
 */
#pragma once

#include "file.bpf.h"

enum { ARGV_CHUNK = 64, ARGV_CHUNKS = 4096 };

/* Zero, which the verifier does not know: it would count every chunk of every argument. */
volatile __u32 unknown_zero = 0;

struct argv_walk {
  struct siphash state;
  __u64 hashed; /* bytes, since start_hash() */
  struct arguments found;
  __u64 argv; /* the array; 0: they follow each other in memory */
  __u64 at;   /* within an argument; 0: at the next one's beginning */
  __u64 next; /* of arguments that follow each other */
  __u32 skip; /* arguments to leave out */
  __u32 compat;
  __u32 complete;
  __u32 wanted; /* of arguments that follow each other */
};

static __always_inline void end_argument(struct argv_walk* walk) {
  walk->at = 0;
  if (walk->found.count++) return;
  walk->found.first = siphash_end(&walk->state, 0, walk->hashed);
  start_hash(&walk->state);
  walk->hashed = 0;
}

/* Stores where the next argument is; false behind the last or if it cannot be read. */
static __always_inline bool next_argument(struct argv_walk* walk) {
  if (walk->argv) {
    if (read_argument_pointer(walk->argv, walk->found.count, walk->compat, &walk->at)) return false;
    walk->complete = !walk->at;
    return walk->at;
  }
  walk->at = walk->next;
  walk->complete = walk->found.count == walk->wanted;
  return !walk->complete;
}

/* bpf_loop() calls it for each chunk; 1 ends the loop. */
static long hash_chunk(__u32 chunk, void* context) {
  struct argv_walk* walk = context;
  __u64 words[ARGV_CHUNK / 8] = {};
  long size;

  if (!walk->at && !next_argument(walk)) return 1;
  size = bpf_probe_read_user_str(words, sizeof(words), (void*)walk->at);
  if (size <= 0) return 1;
  walk->next = walk->at + (size == ARGV_CHUNK ? ARGV_CHUNK - 1 : size);
  if (walk->skip) {
    if (size == ARGV_CHUNK) {
      walk->at = walk->next;
    } else {
      walk->at = 0;
      walk->skip--;
    }
    return 0;
  }
  for (int word = 0; word < ARGV_CHUNK / 8; word++) siphash_word(&walk->state, words[word]);
  siphash_word(&walk->state, size);
  walk->hashed += ARGV_CHUNK + 8;
  if (size == ARGV_CHUNK)
    walk->at = walk->next;
  else
    end_argument(walk);
  return 0;
}

static __always_inline bool hash_arguments(struct argv_walk* walk) {
  walk->found.count += unknown_zero;
  walk->skip += unknown_zero;
  walk->at += unknown_zero;
  start_hash(&walk->state);
  bpf_loop(ARGV_CHUNKS, hash_chunk, walk, 0);
  walk->found.rest = siphash_end(&walk->state, 0, walk->hashed);
  return walk->complete;
}

/* Stores hashes of every byte of the arguments, as the caller's memory has them now.
 * False if they cannot be read, or are more than ARGV_CHUNKS. */
SEPARATE int hash_argv(struct arguments* arguments) {
  struct argv_walk walk = {};
  struct call call;
  bool complete;

  if (!arguments) return false;
  current_call(STAYD_OP_EXEC, &call);
  walk.argv = argv_pointer(&call);
  walk.compat = call.compat;
  if (!walk.argv) {
    walk.complete = 1; /* execve(2) takes NULL for no arguments */
    *arguments = walk.found;
    return true;
  }
  complete = hash_arguments(&walk);
  *arguments = walk.found;
  return complete;
}

/* Since 6.13: that somebody has looked at the time (include/linux/fs.h, I_CTIME_QUERIED), which is
 * not a part of it. The gatekeeper looks when it reads the program. */
enum { CTIME_QUERIED = 1u << 31 };

static __always_inline __u64 change_time(struct inode* inode) {
  if (bpf_core_field_exists(inode->i_ctime_sec))
    return (__u64)inode->i_ctime_sec * 1000000000 + (inode->i_ctime_nsec & ~CTIME_QUERIED);
  if (bpf_core_field_exists(inode->__i_ctime))
    return (__u64)inode->__i_ctime.tv_sec * 1000000000 + inode->__i_ctime.tv_nsec;
  return (__u64)inode->i_ctime.tv_sec * 1000000000 + inode->i_ctime.tv_nsec;
}

/* What a decision about a program binds besides its inode: what it is called with, and that
 * it was not written to since. */
static __always_inline __u64 hash_exec(const struct arguments* arguments, struct inode* inode) {
  struct siphash state;

  start_hash(&state);
  siphash_word(&state, arguments->first);
  siphash_word(&state, arguments->rest);
  siphash_word(&state, arguments->count);
  siphash_word(&state, change_time(inode));
  siphash_word(&state, inode->i_size);
  return siphash_end(&state, 0, 5 * 8);
}

static __always_inline bool others_can_write(struct inode* inode) {
  return inode->i_uid.val || inode->i_mode & 022;
}

/* Bit per STAYD_ORIGIN_*. */
static __always_inline __u32 origins_of(struct dentry* dentry, struct inode* inode) {
  __u32 origins = 0;

  if (dentry->d_parent == dentry && !(dentry->d_flags & DCACHE_DISCONNECTED))
    origins |= 1 << STAYD_ORIGIN_MEMFD;
  if (!inode->i_nlink) origins |= 1 << STAYD_ORIGIN_DELETED;
  if (others_can_write(inode) || others_can_write(dentry->d_parent->d_inode))
    origins |= 1 << STAYD_ORIGIN_WRITABLE;
  return origins;
}

static __always_inline void take_origins(struct request* request, const struct stayd_policy* policy,
                                         __u32 origins) {
  if (request->node.flags & STAYD_NODE_EXEC_SAID) origins &= ~(1u << STAYD_ORIGIN_WRITABLE);
  for (int i = 0; i < STAYD_ORIGIN_COUNT; i++)
    if (origins >> i & 1)
      take_if_stricter(request, policy->origin_verdicts[i], policy->origin_rules[i]);
}

/* For check_arguments(). The interpreter of a script comes by here as well, with the same. */
static __always_inline bool note_arguments(const struct arguments* arguments) {
  struct thread_holds* all = bpf_task_storage_get(&holds, bpf_get_current_task_btf(), NULL,
                                                  BPF_LOCAL_STORAGE_GET_F_CREATE);
  if (!all) return false;
  all->arguments = *arguments;
  all->arguments.judged = 1;
  return true;
}

static __always_inline void forget_arguments(void) {
  struct thread_holds* all = bpf_task_storage_get(&holds, bpf_get_current_task_btf(), NULL, 0);
  if (all) all->arguments.judged = 0;
}

static __always_inline int judge_exec(struct linux_binprm* bprm) {
  struct arguments arguments = {};
  struct request request = {};
  struct stayd_policy* policy;
  struct dentry* dentry;
  struct inode* inode;
  __u32 origins;
  __u32 reason;

  if (!current_subject(&request.subject)) return pass_unless_abandoned(&request.subject);
  policy = policy_of(&request);
  if (!policy) return refuse(STAYD_COUNT_denied_policy_missing);
  if (bprm->interp == bprm->filename) forget_arguments(); /* of an execve that failed */
  dentry = bprm->file->f_path.dentry;
  inode = bprm->file->f_inode;
  reason = find_node(dentry, inode, &request);
  if (reason) return fail(&request, reason);
  origins = origins_of(dentry, inode);
  take(&request, &request.node, policy, STAYD_ACCESS_EXEC);
  take_origins(&request, policy, origins);
  ask_about_file(&request);
  if (request.flags & STAYD_POLICY_CONTENTS ||
      (request.flags & STAYD_POLICY_ASK_EXEC && request.verdict < STAYD_VERDICT_DENY))
    request.ask = true;
  if (is_allowed(&request, STAYD_OP_EXEC)) return 0;

  request.object.operation = STAYD_OP_EXEC;
  request.object.access = 1 << STAYD_ACCESS_EXEC;
  request.open_flags = origins;
  if (!hash_argv(&arguments)) return fail(&request, STAYD_COUNT_denied_argv_unreadable);
  if (!(request.flags & STAYD_POLICY_OBSERVE) && !note_arguments(&arguments))
    return refuse(STAYD_COUNT_denied_storage);
  request.object.hash = hash_exec(&arguments, inode);
  show_file(&request, dentry);
  return enforce(&request, false);
}

/* The new program's memory is in place, its arguments at bprm->p, and it has not run yet. For a
 * script the kernel has put the interpreter's words in the place of the first argument. */
static __always_inline void check_arguments(struct linux_binprm* bprm) {
  struct task_struct* task = bpf_get_current_task_btf();
  struct thread_holds* all;
  struct arguments expected;
  struct argv_walk walk = {};
  bool script = bprm->interp != bprm->filename;
  bool same;

  if (!workloads_assigned) return;
  all = bpf_task_storage_get(&holds, task, NULL, 0);
  if (!all || !all->arguments.judged) return;
  expected = all->arguments;
  all->arguments.judged = 0;
  walk.next = bprm->p;
  walk.wanted = expected.count;
  if (script && expected.count) {
    /* The first of them is counted, and left out, like the ones before it. */
    walk.wanted = expected.count;
    walk.found.count = 1;
    walk.skip = bprm->argc - (expected.count - 1);
  }
  same = hash_arguments(&walk) && walk.found.rest == expected.rest &&
         walk.found.count == expected.count;
  if (!script && expected.count)
    same = same && walk.found.first == expected.first && bprm->argc == (int)expected.count;
  if (!expected.count) same = script || bprm->argc <= 1; /* the kernel adds an empty one */
  if (same) return;
  count(STAYD_COUNT_killed_arguments_changed);
  bpf_send_signal(SIGKILL);
  report_hold(STAYD_EVENT_KILLED, 0, task);
}
