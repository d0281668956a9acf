/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An exec is judged once for the program and, for a script, once for each interpreter (at most
 * five, fs/exec.c), each time by the file that is about to run. All of them belong to one system
 * call, which is why holds are kept until it is over.
 *
 * The arguments are judged as the caller's memory has them when the hook runs, shortly after the
 * kernel has copied them: another thread may have changed them in between. They are therefore read
 * again from the new program's own stack, and if they are not the same, the program is killed
 * before its first instruction.
 */
#pragma once

#include "file.bpf.h"

/* No execve has more chunks than this, because each byte and each pointer counts against the
 * kernel's limit of 6 MiB (fs/exec.c, bprm_stack_limits()). */
enum { ARGV_CHUNK = STAYD_PIECE_SIZE, ARGV_CHUNKS = 1 << 20 };

/* A zero whose value the verifier does not know. With a known one it would follow the counts of
 * every chunk of every argument. */
volatile __u32 unknown_zero = 0;

struct argv_walk {
  struct siphash state;
  __u64 hashed; /* bytes, since start_hash() */
  __u64 first;  /* the hash of the first argument, once it is complete */
  __u64 argv;   /* the array of pointers; 0: the arguments are contiguous in memory */
  __u64 at;     /* where to read on in an argument; 0: the next one begins */
  __u64 next;   /* contiguous arguments: where the next one begins */
  __u64 id;     /* the id of the pieces that are sent; 0: none are */
  __u32 count;
  __u32 size;
  __u32 skip;   /* arguments to leave out */
  __u32 wanted; /* contiguous arguments: how many there are */
  __u32 compat;
  __u32 complete;
};

static __always_inline void end_argument(struct argv_walk* walk) {
  walk->at = 0;
  if (walk->count++) return;
  walk->first = siphash_end(&walk->state, 0, walk->hashed);
  start_hash(&walk->state);
  walk->hashed = 0;
}

/* Stores where the next argument is. Returns false after the last one, or if it cannot be read. */
static __always_inline bool next_argument(struct argv_walk* walk) {
  if (walk->argv) {
    if (read_argument_pointer(walk->argv, walk->count, walk->compat, &walk->at)) return false;
    walk->complete = !walk->at;
    return walk->at;
  }
  walk->at = walk->next;
  walk->complete = walk->count == walk->wanted;
  return !walk->complete;
}

/* Sends a piece to the gatekeeper. Once the ring has no room for one, no later one is sent, so that
 * the gatekeeper gets an unbroken beginning of the arguments. */
static __always_inline void send_piece(struct argv_walk* walk, struct stayd_argument_piece* piece,
                                       __u64 size) {
  piece->id = walk->id;
  if (bpf_ringbuf_output(&argument_pieces, piece, sizeof(piece->id) + (size & (ARGV_CHUNK - 1)),
                         BPF_RB_NO_WAKEUP))
    walk->id = 0;
}

/* Hashes one chunk, as the callback of bpf_loop(): ARGV_CHUNK - 1 bytes of an argument, or the end
 * of one with its NUL, which may be all of it. Returns 1 to end the loop. */
static long hash_chunk(__u32 chunk, void* context) {
  struct argv_walk* walk = context;
  struct stayd_argument_piece piece = {};
  __u64* words = (__u64*)piece.bytes;
  __u64 shown;
  long size;

  if (!walk->at && !next_argument(walk)) return 1;
  size = with_its_nul(bpf_probe_read_user_str(piece.bytes, ARGV_CHUNK, (void*)walk->at));
  if (size <= 0) return 1;
  shown = size - size / ARGV_CHUNK; /* a whole chunk ends in a NUL that is not the argument's */
  walk->next = walk->at + shown;
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
  walk->size += shown;
  if (walk->id) send_piece(walk, &piece, shown);
  if (size == ARGV_CHUNK)
    walk->at = walk->next;
  else
    end_argument(walk);
  return 0;
}

/* Returns the hash of all arguments after the first. */
static __always_inline __u64 hash_arguments(struct argv_walk* walk) {
  walk->count += unknown_zero;
  walk->size += unknown_zero;
  walk->skip += unknown_zero;
  walk->at += unknown_zero;
  start_hash(&walk->state);
  bpf_loop(ARGV_CHUNKS, hash_chunk, walk, 0);
  return siphash_end(&walk->state, 0, walk->hashed);
}

/* Stores hashes of every byte of the arguments, as the caller's memory has them now, and if `send`
 * is set, sends the very same bytes to the gatekeeper. Returns false if they cannot be read. */
GLOBAL_SUBPROG int hash_argv(struct stayd_arguments* arguments, __u32 send) {
  struct argv_walk walk = {};
  bool compat = bpf_get_current_task_btf()->thread_info.status & TS_COMPAT;

  if (!arguments) return false;
  arguments->first = 0;
  arguments->rest = 0;
  arguments->id = 0;
  arguments->count = 0;
  arguments->size = 0;
  walk.argv = argv_pointer((__s32)current_registers()->orig_ax, compat);
  walk.compat = compat;
  if (!walk.argv) return true; /* execve(2) takes NULL for no arguments */
  if (send) walk.id = arguments->id = __sync_fetch_and_add(&next_arguments, 1);
  arguments->rest = hash_arguments(&walk);
  arguments->first = walk.first;
  arguments->count = walk.count;
  arguments->size = walk.size;
  return walk.complete;
}

/* Since 6.13 this bit says that the time has been queried (include/linux/fs.h, I_CTIME_QUERIED) and
 * is not a part of the time. The gatekeeper queries the time when it reads the program. */
enum { CTIME_QUERIED = 1u << 31 };

static __always_inline __u64 change_time(struct inode* inode) {
  if (bpf_core_field_exists(inode->i_ctime_sec))
    return (__u64)inode->i_ctime_sec * 1000000000 + (inode->i_ctime_nsec & ~CTIME_QUERIED);
  if (bpf_core_field_exists(inode->__i_ctime))
    return (__u64)inode->__i_ctime.tv_sec * 1000000000 + inode->__i_ctime.tv_nsec;
  return (__u64)inode->i_ctime.tv_sec * 1000000000 + inode->i_ctime.tv_nsec;
}

/* Returns the hash of what a decision about a program binds besides its inode: the arguments, and
 * the change time and size, which show that it has not been written to since. */
static __always_inline __u64 hash_exec(const struct stayd_arguments* arguments,
                                       struct inode* inode) {
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

/* Returns a bit per STAYD_ORIGIN_*. */
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

static __always_inline void forget_arguments(void) {
  struct thread_holds* all = thread_holds();
  if (all) all->arguments_judged = 0;
}

/* Hashes the arguments into the thread's storage, for check_arguments(). This happens again, with
 * the same arguments, for each interpreter of a script. Returns 0, or the counter of the reason to
 * refuse. */
static __always_inline __u32 note_arguments(struct request* request, struct inode* inode) {
  struct thread_holds* all = make_thread_holds();

  if (!all) return STAYD_COUNT_denied_storage;
  all->first_before = all->arguments.first;
  all->rest_before = all->arguments.rest;
  if (!hash_argv(&all->arguments, request->deferred && !request->subject.waits))
    return STAYD_COUNT_denied_argv_unreadable;
  /* A waiting thread has sent them already, unless another thread has changed them since. */
  if (request->deferred && request->subject.waits &&
      (all->first_before != all->arguments.first || all->rest_before != all->arguments.rest) &&
      !hash_argv(&all->arguments, true))
    return STAYD_COUNT_denied_argv_unreadable;
  all->arguments_judged = !(request->flags & STAYD_POLICY_OBSERVE);
  request->object.hash = hash_exec(&all->arguments, inode);
  return 0;
}

static __always_inline int judge_exec(struct request* request, const struct stayd_policy* policy,
                                      struct linux_binprm* bprm) {
  struct dentry* dentry;
  struct inode* inode;
  __u32 reason;
  int result = 0;

  if (bprm->interp == bprm->filename) {
    forget_arguments(); /* left by an execve that failed */
  } else {
    result = unload(0);
    if (result) return result;
  }
  dentry = bprm->file->f_path.dentry;
  inode = bprm->file->f_inode;
  request->object.operation = STAYD_OP_EXEC;
  request->more = MORE_ARGUMENTS;
  reason = find_node(dentry, inode, request);
  if (reason) return fail(request, reason);
  request->open_flags = origins_of(dentry, inode);
  take(request, &request->node, policy, STAYD_ACCESS_EXEC);
  take_origins(request, policy, request->open_flags);
  settle_deferral(request);
  if (request->flags & STAYD_POLICY_CONTENTS ||
      (request->flags & STAYD_POLICY_DEFER_EXEC && request->verdict < STAYD_VERDICT_DENY))
    request->deferred = true;
  if (is_allowed(request, STAYD_OP_EXEC)) return 0;

  request->object.access = 1 << STAYD_ACCESS_EXEC;
  show_file(request, dentry);
  reason = note_arguments(request, inode);
  /* The kernel has just copied the arguments, but their page can be unmapped for a moment: another
   * thread writes to a page that is shared after a fork, or the kernel migrates it. Restarting the
   * call faults the page in again. */
  if (reason == STAYD_COUNT_denied_argv_unreadable) result = probe(request);
  if (result) return result;
  if (reason) return fail(request, reason);
  if (may_wait_in_place(request, bprm)) request->more = MORE_IN_PLACE;
  return enforce(request, false);
}

/* Kills the new program if its arguments are not those that were judged. Its memory is in place,
 * with the arguments at bprm->p, and it has not run yet. For a script, the kernel has put the
 * interpreter's words in the place of the first argument. */
static __always_inline void check_arguments(struct linux_binprm* bprm) {
  struct task_struct* task = bpf_get_current_task_btf();
  struct stayd_arguments expected;
  struct thread_holds* all;
  struct argv_walk walk = {};
  bool script = bprm->interp != bprm->filename;
  __u64 rest;
  bool same;

  if (!workloads_assigned) return;
  all = bpf_task_storage_get(&holds, task, NULL, 0);
  if (!all || !all->arguments_judged) return;
  expected = all->arguments;
  all->arguments_judged = 0;
  walk.next = bprm->p;
  walk.wanted = expected.count;
  if (script && expected.count) {
    /* The words in the place of the first argument are skipped, and counted as one argument. */
    walk.count = 1;
    walk.skip = bprm->argc - (expected.count - 1);
  }
  rest = hash_arguments(&walk);
  same = walk.complete && rest == expected.rest && walk.count == expected.count;
  if (!script && expected.count)
    same = same && walk.first == expected.first && bprm->argc == (int)expected.count;
  if (!expected.count) same = script || bprm->argc <= 1; /* the kernel adds an empty argument */
  if (same) return;
  count(STAYD_COUNT_killed_arguments_changed);
  bpf_send_signal(SIGKILL);
  report_hold(STAYD_EVENT_KILLED, 0, task);
}
