/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Walks from a file up to the root of its file system and collects what the policy says about the
 * file and about the directories above it, by inode and, for watched names, by name. The nearest
 * one that says something about an access wins. The result is cached in `judged`.
 */
#pragma once

#include "hash.bpf.h"
#include "notices.bpf.h"
#include "request.bpf.h"

enum { WALK_DEPTH = 128 };

/*
 * Returns the inode of a dentry, or NULL if the dentry is negative. From 6.4 to 6.15 the verifier
 * takes d_inode for a pointer that is never NULL, drops every check of it, and leaves its loads
 * unguarded: only a check of a scalar that it does not know remains. Since 6.16 it insists on a
 * check of the pointer.
 */
static __always_inline struct inode* inode_of(struct dentry* dentry) {
  return BPF_CORE_READ(dentry, d_inode) ? dentry->d_inode : NULL;
}

/* Returns 1 if a policy may name the inode, and 0 if none does. */
static __always_inline __u64 maybe_named(__u64 inode) {
  return node_hints[STAYD_HINT_WORD(inode, STAYD_NODE_HINT_WORDS)] >> STAYD_HINT_SHIFT(inode) & 1;
}

static __always_inline void unite(struct stayd_node* node, const struct stayd_node* other) {
  node->labels |= other->labels;
  node->flags |= other->flags & STAYD_NODE_DEFER;
}

static __always_inline void take_stricter_verdicts(struct stayd_node* node,
                                                   const struct stayd_node* other) {
  for (int i = 0; i < STAYD_ACCESS_COUNT; i++) {
    if (other->verdicts[i] <= node->verdicts[i]) continue;
    node->verdicts[i] = other->verdicts[i];
    node->rules[i] = other->rules[i];
  }
}

/* True for file systems whose directories change only by renames and deletions that the hooks see.
 * Stacked and network file systems are not among them. */
static __always_inline bool is_local(__u64 magic) {
#define IS_MAGIC(name, number) || magic == number
  return false STAYD_LOCAL_FILE_SYSTEMS(IS_MAGIC);
#undef IS_MAGIC
}

/* True if the name has been removed while the file still exists: no path leads to it. */
static __always_inline bool is_removed(__u64 leaf) {
  struct dentry* dentry = (struct dentry*)leaf;

  return !BPF_CORE_READ(dentry, d_hash.pprev) && is_local(BPF_CORE_READ(dentry, d_sb, s_magic));
}

static __always_inline bool is_directory(__u64 dentry) {
  return (BPF_CORE_READ((struct dentry*)dentry, d_inode, i_mode) & S_IFMT) == S_IFDIR;
}

/* Adds what the policy says about the name at this level, whichever inode has it. An inode that the
 * agent does not know yet has to be looked up before the operation goes on, since rules may be
 * about places below it; below a file there are none, and to wait for one that has been deleted, on
 * a file system that is not local, would never end. */
GLOBAL_SUBPROG int visit_entry(struct request* request, struct stayd_node* level, __u64 name) {
  struct stayd_entry_key key = {};
  struct stayd_entry* entry;
  bool expected;

  if (!request || !level) return 0;
  key.inode = request->parent;
  key.device = request->device;
  key.policy = request->subject.policy;
  key.name = name;
  entry = bpf_map_lookup_elem(&policy_entries, &key);
  if (!entry) return 0;
  expected = entry->inode == request->at && (!entry->inode || entry->device == request->device);
  if (!expected && request->at && !is_removed(request->dentry)) {
    if (entry->node.flags & STAYD_NODE_UNRESOLVED && is_directory(request->dentry))
      request->node.flags |= STAYD_NODE_UNRESOLVED;
    else
      report_entry(key.policy, key.inode, key.device);
  }
  take_stricter_verdicts(level, &entry->node);
  level->flags |= entry->node.flags & STAYD_NODE_EXEC_SAID;
  unite(level, &entry->node);
  return 0;
}

/* Adds what the policy says about the inode and about the name at this level. */
GLOBAL_SUBPROG int visit_level(struct request* request) {
  struct stayd_node_key key = {};
  struct stayd_node level = {};
  struct stayd_node* node;

  if (!request) return 0;
  key.inode = request->at;
  key.device = request->device;
  key.policy = request->subject.policy;
  node = bpf_map_lookup_elem(&policy_nodes, &key);
  if (node) level = *node;
  key.inode = request->parent;
  node = bpf_map_lookup_elem(&policy_nodes, &key);
  if (node && node->flags & STAYD_NODE_WATCHED)
    visit_entry(request, &level, hash_name(&request->dentry));

  if (request->node.verdicts[STAYD_ACCESS_EXEC] == STAYD_VERDICT_UNSET)
    request->node.flags |= level.flags & STAYD_NODE_EXEC_SAID;
  for (int i = 0; i < STAYD_ACCESS_COUNT; i++) {
    if (request->node.verdicts[i] != STAYD_VERDICT_UNSET) continue;
    request->node.verdicts[i] = level.verdicts[i];
    request->node.rules[i] = level.rules[i];
  }
  unite(&request->node, &level);
  return 0;
}

/* Walks from `dentry`, whose inode number is `inode` (0 if it is negative), to the root of its file
 * system. Returns 0, or the counter of the reason to refuse. */
static __always_inline __u32 walk_up(struct dentry* dentry, struct request* request, __u64 inode) {
  __u64 named = maybe_named(inode);

  request->device = dentry->d_sb->s_dev;
  for (int i = 0; i < WALK_DEPTH; i++) {
    struct dentry* parent = dentry->d_parent;
    __u64 above = parent->d_inode->i_ino;
    __u64 named_above = maybe_named(above);

    if (named | named_above) {
      request->dentry = (__u64)dentry;
      request->at = inode;
      request->parent = parent == dentry ? 0 : above;
      visit_level(request);
    }
    if (parent == dentry) {
      /* The file was opened by handle and is not connected to the tree, so its directories are
       * unknown. */
      if (dentry->d_flags & DCACHE_DISCONNECTED && dentry != dentry->d_sb->s_root)
        return STAYD_COUNT_denied_path_unreadable;
      return 0;
    }
    dentry = parent;
    inode = above;
    named = named_above;
  }
  return STAYD_COUNT_denied_path_too_deep;
}

/* Does the same for a dentry that was found by following pointers, which the verifier does not
 * trust: every step is a checked read. */
GLOBAL_SUBPROG int walk_up_untyped(__u64 leaf, struct request* request) {
  struct dentry* dentry = (struct dentry*)leaf;

  if (!request) return STAYD_COUNT_denied_path_unreadable;
  request->device = BPF_CORE_READ(dentry, d_sb, s_dev);
  for (int i = 0; i < WALK_DEPTH; i++) {
    struct dentry* parent = BPF_CORE_READ(dentry, d_parent);
    __u64 inode = BPF_CORE_READ(dentry, d_inode, i_ino);
    __u64 above = BPF_CORE_READ(parent, d_inode, i_ino);

    if (maybe_named(inode) || maybe_named(above)) {
      request->dentry = (__u64)dentry;
      request->at = inode;
      request->parent = parent == dentry ? 0 : above;
      visit_level(request);
    }
    if (parent == dentry) {
      /* As in walk_up(). */
      if (BPF_CORE_READ(dentry, d_flags) & DCACHE_DISCONNECTED &&
          dentry != BPF_CORE_READ(dentry, d_sb, s_root))
        return STAYD_COUNT_denied_path_unreadable;
      return 0;
    }
    dentry = parent;
  }
  return STAYD_COUNT_denied_path_too_deep;
}

/* Takes the verdicts of a pattern that matches the name, where they are stricter than those of the
 * walk or, without any, the defaults. */
GLOBAL_SUBPROG int take_pattern(struct request* request, __u64 name, __u32 kind) {
  struct stayd_name_key key = {.name = name, .kind = kind};
  struct stayd_policy* policy;
  struct stayd_node* pattern;
  __u32 policy_key;

  if (!request || !name) return 0;
  policy_key = key.policy = request->subject.policy;
  policy = bpf_map_lookup_elem(&policies, &policy_key);
  pattern = bpf_map_lookup_elem(&policy_names, &key);
  if (!policy || !pattern) return 0;
  for (int i = 0; i < STAYD_ACCESS_COUNT; i++) {
    __u8 verdict = request->node.verdicts[i];
    if (verdict == STAYD_VERDICT_UNSET) verdict = policy->verdicts[i];
    if (pattern->verdicts[i] <= verdict) continue;
    request->node.verdicts[i] = pattern->verdicts[i];
    request->node.rules[i] = pattern->rules[i];
  }
  unite(&request->node, pattern);
  return 0;
}

static __always_inline __u64 generation_of(__u64 inode) {
  __u64 tree = *(volatile __u32*)&tree_generation;
  return tree << 32 | *(volatile __u32*)&file_generations[inode & (STAYD_FILE_GENERATIONS - 1)];
}

/* True if the result may be cached: the inode number identifies the file, and the file has only one
 * name. */
static __always_inline bool may_keep(struct inode* inode) {
  if ((inode->i_mode & S_IFMT) != S_IFDIR && inode->i_nlink != 1) return false;
  return is_local(inode->i_sb->s_magic);
}

/* Returns the key of the file that is bound, where the kernel's own hash of its name is `place`. */
static __always_inline struct stayd_judged_key judged_key(const struct request* request,
                                                          __u32 place) {
  struct stayd_judged_key key = {
      .inode = request->object.inode,
      .device = request->object.device,
      .inode_generation = request->object.inode_generation,
      .policy = request->subject.policy,
      .place = place,
  };
  return key;
}

static __always_inline bool is_of(const struct stayd_judged* kept,
                                  const struct stayd_judged_key* key) {
  const volatile __u64* x = (const volatile __u64*)&kept->key;
  const __u64* y = (const __u64*)key;

  return !((x[0] ^ y[0]) | (x[1] ^ y[1]) | (x[2] ^ y[2]));
}

/* Takes the cached result, if there is one and nothing has moved since. Returns true if so. */
static __always_inline bool recall(struct request* request, __u32 place) {
  struct stayd_judged_key key = judged_key(request, place);
  struct stayd_judged* kept = bpf_map_lookup_elem(&judged, &key);
  __u32 flags = request->node.flags; /* those of another file of the same operation */

  if (!kept || kept->generation != request->generation) return false;
  request->node = kept->node;
  barrier();
  if (!is_of(kept, &key)) {
    __builtin_memset(&request->node, 0, sizeof(request->node));
    request->node.flags = flags;
    return false;
  }
  request->node.flags |= flags;
  return true;
}

GLOBAL_SUBPROG int keep(const struct request* request, __u32 place) {
  struct stayd_judged found = {};

  if (!request) return 0;
  found.key = judged_key(request, place);
  found.generation = request->generation;
  found.node = request->node;
  return bpf_map_update_elem(&judged, &found.key, &found, BPF_ANY);
}

static __always_inline void bind_inode(struct request* request, struct inode* inode) {
  request->object.inode = inode->i_ino;
  request->object.inode_generation = inode->i_generation;
  request->object.device = inode->i_sb->s_dev;
}

/* Binds the file and finds what the policy says about it or, if `inode` is NULL, about the name
 * that is about to be created. Returns 0, or the counter of the reason to refuse. */
static __always_inline __u32 find_node(struct dentry* dentry, struct inode* inode,
                                       struct request* request) {
  bool kept = false;
  __u32 reason;

  if (inode) {
    bind_inode(request, inode);
    /* It is read before the walk: a rename during the walk voids the result. */
    request->generation = generation_of(request->object.inode);
    kept = may_keep(inode);
    /* If this call is waiting, what the gatekeeper found out about the file is in the answer to its
     * hold. The answer must be used, and not the cache. */
    if (kept && !request->subject.waits && recall(request, dentry->d_name.hash)) return 0;
  }
  reason = walk_up(dentry, request, inode ? request->object.inode : 0);
  if (reason) {
    request->dentry = (__u64)dentry;
    return reason;
  }
  if (request->flags & STAYD_POLICY_NAMES) {
    request->dentry = (__u64)dentry;
    take_pattern(request, hash_name(&request->dentry), STAYD_NAME_EXACT);
    take_pattern(request, hash_extension(&request->dentry), STAYD_NAME_EXTENSION);
  }
  if (request->flags & STAYD_POLICY_DEFER_FILES) request->node.flags |= STAYD_NODE_DEFER;
  if (kept) request->node.flags |= STAYD_NODE_KEEP;
  if (kept && !(request->node.flags & (STAYD_NODE_DEFER | STAYD_NODE_UNRESOLVED)))
    keep(request, dentry->d_name.hash);
  return 0;
}
