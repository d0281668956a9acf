/* SPDX-License-Identifier: GPL-2.0 */
/* Judges open, create, delete and rename by inode ancestry and name. Decisions bind the inode's
 * identity. */
#pragma once

#include "lib/enforce.bpf.h"
#include "lib/labels.bpf.h"

enum {
  READ_BIT = 1 << STAYD_ACCESS_READ,
  WRITE_BIT = 1 << STAYD_ACCESS_WRITE,
};

/* Notes what an event shows of the file. */
static __always_inline void show_file(struct request* request, struct dentry* dentry) {
  request->dentry = (__u64)dentry;
  request->magic = dentry->d_sb->s_magic;
}

/* Defers the verdict to the gatekeeper if a watched name stands for an inode that has to be looked
 * up first, or if patterns apply and the tables do not deny already. A policy that only observes
 * refuses nothing, so patterns matter even after a deny: they may give the file labels. */
static __always_inline void settle_deferral(struct request* request) {
  bool goes_on = request->verdict < STAYD_VERDICT_DENY || request->flags & STAYD_POLICY_OBSERVE;

  request->deferred = request->node.flags & STAYD_NODE_UNRESOLVED ||
                      (request->node.flags & STAYD_NODE_DEFER && goes_on);
}

/* True if overlayfs opens this file as the lower file of the one that was asked for. Until 6.7 it
 * does so under the overlay's path, later under the lower file's own. */
static __always_inline bool is_backing_file(struct file* file) {
  if (bpf_core_type_exists(struct backing_file)) return file->f_mode & FMODE_BACKING;
  return file->f_inode != file->f_path.dentry->d_inode;
}

/* Returns a dentry of the inode, or 0 if it has none. Which one it is matters only for hard
 * links. */
static __always_inline __u64 name_of(struct inode* inode) {
  __u64 alias = (__u64)BPF_CORE_READ(inode, i_dentry.first);

  if (!alias) return 0;
  if (bpf_core_field_exists(struct dentry, d_u))
    return alias - bpf_core_field_offset(struct dentry, d_u.d_alias);
  return alias - bpf_core_field_offset(struct dentry, d_alias);
}

/*
 * Judges the lower file of an overlay. Anyone may mount an overlay over a labelled directory: its
 * files have other inodes and ancestors, and only the lower file shows which rules apply. Where no
 * rule says anything about the lower file, the overlay's own file has been judged, and so have the
 * arguments of an exec.
 */
static __always_inline int judge_backing(struct file* file, struct request* request, bool reads,
                                         bool writes) {
  bool runs = file->f_flags & F_FLAGS_EXEC;
  __u64 dentry = name_of(file->f_inode);
  __u32 reason;
  int result;

  if (!dentry) return 0; /* it has no name, so no rule can be about it */
  request->object.operation = runs ? STAYD_OP_EXEC : STAYD_OP_OPEN;
  request->more = runs; /* MORE_ARGUMENTS */
  reason = walk_up_untyped(dentry, request);
  if (reason) {
    request->dentry = dentry;
    return fail(request, reason);
  }
  for (int access = 0; access < STAYD_ACCESS_COUNT; access++) {
    bool wanted =
        runs ? access == STAYD_ACCESS_EXEC
             : (access == STAYD_ACCESS_READ && reads) || (access == STAYD_ACCESS_WRITE && writes);
    if (wanted)
      take_if_stricter(request, request->node.verdicts[access], request->node.rules[access]);
  }
  bind_inode(request, file->f_inode);
  if (request->verdict <= STAYD_VERDICT_ALLOW) {
    if (request->subject.waits)
      end_wait(runs ? STAYD_OP_EXEC : STAYD_OP_OPEN, file->f_inode->i_sb->s_dev,
               file->f_inode->i_ino);
    if (!runs && reads) note_labels_read(request, dentry);
    return 0;
  }
  request->object.access =
      runs ? 1 << STAYD_ACCESS_EXEC : (reads ? READ_BIT : 0) | (writes ? WRITE_BIT : 0);
  request->open_flags = file->f_flags;
  request->dentry = dentry;
  request->magic = file->f_inode->i_sb->s_magic;
  result = enforce(request, false);
  if (!result && !runs && reads) note_labels_read(request, dentry);
  return result;
}

/*
 * Judges an open with O_TMPFILE as a creation in the directory. The file has no name yet and is
 * another one each time that the call restarts, so the decision binds the directory alone. No other
 * hook sees this creation.
 */
static __always_inline int judge_nameless(struct dentry* dentry, struct request* request,
                                          const struct stayd_policy* policy) {
  __u32 reason;

  request->object.operation = STAYD_OP_CREATE;
  reason = find_node(dentry, NULL, request);
  if (reason) return fail(request, reason);
  take(request, &request->node, policy, STAYD_ACCESS_CREATE);
  settle_deferral(request);
  bind_inode(request, dentry->d_parent->d_inode);
  if (is_allowed(request, STAYD_OP_CREATE)) return 0;
  request->object.access = 1 << STAYD_ACCESS_CREATE;
  show_file(request, dentry);
  request->open_flags = O_TMPFILE_BIT;
  return enforce(request, false);
}

static __always_inline int judge_open(struct request* request, const struct stayd_policy* policy,
                                      struct file* file) {
  struct dentry* dentry = file->f_path.dentry;
  bool writes;
  bool reads;
  __u32 reason;
  int result;

  if (file->f_mode & FMODE_CREATED) return 0;
  /* O_RDONLY|O_TRUNC empties the file all the same. */
  writes = file->f_mode & FMODE_WRITE || file->f_flags & O_TRUNC;
  reads = file->f_mode & FMODE_READ || !writes;
  if (is_backing_file(file)) return judge_backing(file, request, reads, writes);
  if (file->f_flags & F_FLAGS_EXEC) return 0; /* bprm_check_security judges it */
  if (file->f_flags & O_TMPFILE_BIT) return judge_nameless(dentry, request, policy);

  request->object.operation = STAYD_OP_OPEN;
  reason = find_node(dentry, file->f_inode, request);
  if (reason) return fail(request, reason);
  if (reads) take(request, &request->node, policy, STAYD_ACCESS_READ);
  if (writes) take(request, &request->node, policy, STAYD_ACCESS_WRITE);
  settle_deferral(request);
  if (is_allowed(request, STAYD_OP_OPEN)) {
    if (reads) note_labels_read(request, (__u64)dentry);
    return 0;
  }
  request->object.access = (reads ? READ_BIT : 0) | (writes ? WRITE_BIT : 0);
  request->open_flags = file->f_flags;
  show_file(request, dentry);
  result = enforce(request, false);
  if (!result && reads) note_labels_read(request, (__u64)dentry);
  return result;
}

/* Judges truncate(2), which opens no file. Every other call that reaches this hook has been through
 * file_open. */
static __always_inline int judge_truncate(struct request* request,
                                          const struct stayd_policy* policy,
                                          struct dentry* dentry) {
  struct call call = {};
  __u32 reason;

  current_call(STAYD_OP_OPEN, &call);
  if (!is_truncate(&call)) return 0;
  request->object.operation = STAYD_OP_OPEN;
  reason = find_node(dentry, inode_of(dentry), request);
  if (reason) return fail(request, reason);
  take(request, &request->node, policy, STAYD_ACCESS_WRITE);
  settle_deferral(request);
  if (is_allowed(request, STAYD_OP_OPEN)) return 0;
  request->object.access = WRITE_BIT;
  request->open_flags = O_TRUNC;
  show_file(request, dentry);
  return enforce(request, false);
}

/* Returns the verdicts on reading and writing, packed, for take_if_laxer_there(). */
static __always_inline __u32 openness(const struct request* request,
                                      const struct stayd_policy* policy) {
  __u32 packed = 0;

  for (int access = STAYD_ACCESS_READ; access <= STAYD_ACCESS_WRITE; access++) {
    __u32 verdict = request->node.verdicts[access];
    if (verdict == STAYD_VERDICT_UNSET) verdict = policy->verdicts[access];
    packed |= verdict << 8 * access;
  }
  return packed;
}

/* Takes the verdicts on reading and writing the file here, where those of the place that it is to
 * be moved or linked to are laxer: the file would lose its label there. */
static __always_inline void take_if_laxer_there(struct request* request,
                                                const struct stayd_policy* policy, __u32 there) {
  __u32 here = openness(request, policy);

  for (int access = STAYD_ACCESS_READ; access <= STAYD_ACCESS_WRITE; access++) {
    __u32 verdict = here >> 8 * access & 0xff;
    bool named = request->node.verdicts[access] != STAYD_VERDICT_UNSET;
    if (verdict > STAYD_VERDICT_AUDIT && (there >> 8 * access & 0xff) < verdict)
      take_if_stricter(request, verdict, named ? request->node.rules[access] : 0);
  }
}

/* Clears the node before that of another dentry is found. The flags that say what is deferred
 * stay. */
static __always_inline void forget_node(struct request* request) {
  struct stayd_node nothing = {.flags = request->node.flags};
  request->node = nothing;
  request->object.inode = 0;
}

/* Judges a hard link as the creation of another name. In a place with laxer rules the name would
 * take the file out of its label. Such a link is denied and never held, because approving it would
 * amount to approving a copy, and a copy is asked about as an open. */
static __always_inline int judge_link(struct request* request, const struct stayd_policy* policy,
                                      struct dentry* source, struct inode* directory,
                                      struct dentry* name) {
  struct stayd_node* target;
  bool second = false;
  __u32 reason;

  request->object.operation = STAYD_OP_CREATE;
  /* There is no file of the new name yet: may_create() in vfs_link() has seen to that. */
  do { /* twice; 6.1 takes no loop that ends without a condition that it cannot foresee */
    reason = find_node(second ? source : name, second ? inode_of(source) : NULL, request);
    if (reason) return fail(request, reason);
    if (second) break;
    request->open_flags = openness(request, policy);
    if (!remember_target(&request->node)) return refuse(STAYD_COUNT_denied_storage);
    forget_node(request);
    request->more = MORE_LINK;
    request->target = (__u64)name;
    second = true;
  } while (request->subject.id.generation);
  take_if_laxer_there(request, policy, request->open_flags);
  request->open_flags = 0;
  if (request->verdict != STAYD_VERDICT_UNSET) {
    request->more = 0;
    request->object.operation = STAYD_OP_OPEN;
    request->object.access = READ_BIT | WRITE_BIT;
    show_file(request, source);
    request->verdict = STAYD_VERDICT_DENY;
    return enforce(request, false);
  }
  target = bpf_task_storage_get(&rename_targets, bpf_get_current_task_btf(), NULL, 0);
  if (!target) return refuse(STAYD_COUNT_denied_storage);
  take(request, target, policy, STAYD_ACCESS_CREATE);
  settle_deferral(request);
  /* The object binds the file, the directory and the name, so that none can be swapped during the
   * hold. */
  *(__u64*)request->object.address = request->object.inode;
  *(__u32*)(request->object.address + 8) = request->object.inode_generation;
  bind_inode(request, directory);
  if (is_allowed(request, STAYD_OP_CREATE)) return 0;

  request->object.access = 1 << STAYD_ACCESS_CREATE;
  request->dentry = request->target;
  request->object.hash = hash_name(&request->dentry);
  if (!request->object.hash) return fail(request, STAYD_COUNT_denied_path_unreadable);
  show_file(request, source);
  return enforce(request, false);
}

/* True while the name is still being looked up. */
static __always_inline bool is_looked_up(struct dentry* dentry) {
  if (bpf_core_enum_value_exists(enum dentry_flags, DCACHE_PAR_LOOKUP))
    return dentry->d_flags & bpf_core_enum_value(enum dentry_flags, DCACHE_PAR_LOOKUP);
  return dentry->d_flags & (DCACHE_PAR_LOOKUP_1 | DCACHE_PAR_LOOKUP_14);
}

/*
 * Judges a creation. The hook runs before the file exists, so that a restarted call does not find a
 * file of its own making. O_CREAT on an existing file whose name is not cached reaches this hook as
 * well, and the open proceeds even if the hook returns an error. While the name is still being
 * looked up, the first pass therefore only restarts the call; a call that meant an existing file
 * does not reach the hook again.
 */
static __always_inline int judge_create(struct request* request, const struct stayd_policy* policy,
                                        struct inode* directory, struct dentry* dentry,
                                        __u32 mode) {
  __u32 reason;

  request->object.operation = STAYD_OP_CREATE;
  reason = find_node(dentry, inode_of(dentry), request);
  if (reason) return fail(request, reason);
  take(request, &request->node, policy, STAYD_ACCESS_CREATE);
  settle_deferral(request);
  bind_inode(request, directory);
  if (is_allowed(request, STAYD_OP_CREATE)) return 0;

  request->object.access = 1 << STAYD_ACCESS_CREATE;
  show_file(request, dentry);
  request->object.hash = hash_name(&request->dentry);
  if (!request->object.hash) return fail(request, STAYD_COUNT_denied_path_unreadable);
  request->open_flags = mode;
  return enforce(request, is_looked_up(dentry));
}

static __always_inline int judge_delete(struct request* request, const struct stayd_policy* policy,
                                        struct dentry* dentry) {
  __u32 reason;

  request->object.operation = STAYD_OP_DELETE;
  reason = find_node(dentry, inode_of(dentry), request);
  if (reason) return fail(request, reason);
  take(request, &request->node, policy, STAYD_ACCESS_DELETE);
  settle_deferral(request);
  if (is_allowed(request, STAYD_OP_DELETE)) return 0;
  request->object.access = 1 << STAYD_ACCESS_DELETE;
  show_file(request, dentry);
  return enforce(request, false);
}

enum { REPLACES = 1u << 31 }; /* in open_flags during a rename, above openness() */

/* Takes the verdicts on the new name of a rename: on its creation and, if a file has that name, on
 * the deletion of that file. Keeps the node, and in open_flags the openness() of the place, until
 * the old name has been looked at as well. This is a function of its own so that the verifier does
 * not go through that second walk once for each verdict on the first. Returns 0, or the counter of
 * the reason to refuse. */
GLOBAL_SUBPROG __u32 take_new_name(struct request* request) {
  struct stayd_policy* policy;
  __u32 key;

  if (!request) return STAYD_COUNT_denied_policy_missing;
  key = request->subject.policy;
  policy = bpf_map_lookup_elem(&policies, &key);
  if (!policy) return STAYD_COUNT_denied_policy_missing;
  if (!remember_target(&request->node)) return STAYD_COUNT_denied_storage;
  take(request, &request->node, policy, STAYD_ACCESS_CREATE);
  request->open_flags = openness(request, policy);
  if (request->object.inode) {
    request->open_flags |= REPLACES;
    take(request, &request->node, policy, STAYD_ACCESS_DELETE);
  }
  forget_node(request);
  return 0;
}

/* Judges a rename, which is also the creation of the new name and the deletion of a file that had
 * it. A rename must not take a file to a place with laxer rules. */
static __always_inline int judge_rename(struct request* request, const struct stayd_policy* policy,
                                        struct dentry* source, struct dentry* target) {
  bool second = false;
  __u32 reason;

  request->object.operation = STAYD_OP_RENAME;
  request->more = MORE_TARGET;
  do { /* twice; 6.1 takes no loop that ends without a condition that it cannot foresee */
    reason = find_node(second ? source : target, inode_of(second ? source : target), request);
    if (reason) return fail(request, reason);
    if (second) break;
    reason = take_new_name(request);
    if (reason) return refuse(reason);
    second = true;
  } while (request->subject.id.generation);
  take(request, &request->node, policy, STAYD_ACCESS_RENAME);
  take_if_laxer_there(request, policy, request->open_flags);
  request->open_flags = request->open_flags / REPLACES;
  settle_deferral(request);
  if (is_allowed(request, STAYD_OP_RENAME)) return 0;

  request->object.access = 1 << STAYD_ACCESS_RENAME;
  request->dentry = request->target = (__u64)target;
  request->object.hash = hash_name(&request->dentry);
  if (!request->object.hash) return fail(request, STAYD_COUNT_denied_path_unreadable);
  show_file(request, source);
  *(__u64*)request->object.address = target->d_parent->d_inode->i_ino;
  *(__u32*)(request->object.address + 8) = target->d_sb->s_dev;
  return enforce(request, false);
}

static __always_inline void forget_inode(struct inode* inode) {
  if ((inode->i_mode & S_IFMT) == S_IFDIR)
    __sync_fetch_and_add(&tree_generation, 1);
  else
    __sync_fetch_and_add(&file_generations[inode->i_ino & (STAYD_FILE_GENERATIONS - 1)], 1);
}

/* Invalidates cached results after a file or directory got another name: those about a file or, for
 * a directory, about everything below it. */
static __always_inline void forget_place(struct dentry* dentry) {
  struct inode* inode = inode_of(dentry);

  if (inode) forget_inode(inode);
}

/* Does the same before a rename or link, whoever makes it, because an fexit program, which runs
 * afterwards, is skipped when it preempts itself on one CPU. The source is never negative. */
static __always_inline void forget_source(struct dentry* source) {
  struct inode* inode = source->d_inode;

  if (workloads_assigned && inode) forget_inode(inode);
}
