/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a file up to the root of its file system: what the policy says of it and of the
 * directories above it, by inode and, for the names that it watches, by name. The nearest
 * one that says something about an access wins. What was found is kept in `judged`.
 */
#pragma once

#include "report.bpf.h"
#include "stayd/siphash.h"

enum { WALK_DEPTH = 128, EXTENSION_SIZE = 16, NAME_PIECE = 24, NAME_PIECES = 11 };

static __always_inline void start_hash(struct siphash* state) {
  siphash_start(state, hash_key[0], hash_key[1]);
}

/*
 * What the name stands for; NULL: nothing. From 6.4 to 6.15 the verifier takes d_inode for a
 * pointer that is never NULL, drops every check of it, and leaves its loads unguarded: only a
 * number that it does not know keeps the check. Since 6.16 it insists on one of the pointer.
 */
static __always_inline struct inode* inode_of(struct dentry* dentry) {
  return BPF_CORE_READ(dentry, d_inode) ? dentry->d_inode : NULL;
}

/* 0 or 1. */
static __always_inline __u64 maybe_named(__u64 inode) {
  return node_hints[(inode >> 6) & 4095] >> (inode & 63) & 1;
}

/* Of all bytes of request->dentry's name; 0 if it cannot be read, which no name hashes to in
 * practice. */
SEPARATE __u64 hash_name(const struct request* request) {
  __u64 words[NAME_PIECE / 8 + 1];
  const unsigned char* name;
  struct dentry* dentry;
  struct siphash state;
  __u64 length = 0;
  long size = 0;

  if (!request) return 0;
  dentry = (struct dentry*)request->dentry;
  name = BPF_CORE_READ(dentry, d_name.name);
  start_hash(&state);
  for (int i = 0; i < NAME_PIECES; i++) { /* NAME_MAX and a zero */
    __builtin_memset(words, 0, sizeof(words));
    size = bpf_probe_read_kernel_str(words, NAME_PIECE + 1, name + NAME_PIECE * i);
    if (size <= 0) return 0;
    if (size <= NAME_PIECE) break;
    for (int word = 0; word < NAME_PIECE / 8; word++) siphash_word(&state, words[word]);
    length += NAME_PIECE;
  }
  return siphash_end_words(&state, words, NAME_PIECE / 8, size - 1, length + size - 1);
}

/* Of what is behind the name's last dot; 0 if that is nothing, or too long. */
SEPARATE __u64 hash_extension(const struct request* request) {
  const unsigned char* name;
  struct dentry* dentry;
  __u32 size, shown;
  __u32 length = 0;
  __u64 words[EXTENSION_SIZE / 8] = {};
  char tail[EXTENSION_SIZE] = {};
  struct siphash state;
  long read;

  if (!request) return 0;
  dentry = (struct dentry*)request->dentry;
  name = BPF_CORE_READ(dentry, d_name.name);
  size = BPF_CORE_READ(dentry, d_name.len);
  shown = size < EXTENSION_SIZE ? size : EXTENSION_SIZE;
  if (bpf_probe_read_kernel(tail, sizeof(tail), name + size - shown)) return 0;
  for (__u32 i = 0; i < EXTENSION_SIZE; i++)
    if (i < shown && tail[i] == '.') length = shown - 1 - i;
  if (!length) return 0;
  read = bpf_probe_read_kernel_str(words, EXTENSION_SIZE, name + size - length);
  if (read <= 0) return 0;
  start_hash(&state);
  return siphash_end_words(&state, words, EXTENSION_SIZE / 8, read - 1, read - 1);
}

/* Of an abstract unix socket's name; 0 if it cannot be read. */
SEPARATE __u64 hash_abstract(__u64 abstract) {
  struct unix_address* address = (struct unix_address*)abstract;
  __u32 length = BPF_CORE_READ(address, len);
  __u64 name = abstract + bpf_core_field_offset(struct unix_address, name) + ABSTRACT_PREFIX;
  struct siphash state;

  if (length <= ABSTRACT_PREFIX || length > ABSTRACT_PREFIX + UNIX_NAME_SIZE) return 0;
  length -= ABSTRACT_PREFIX;
  start_hash(&state);
  for (__u32 i = 0; i < UNIX_NAME_SIZE / 8 + 1; i++) {
    __u64 word = 0;
    __u32 left = length - 8 * i;
    if (left && bpf_probe_read_kernel(&word, sizeof(word), (void*)(name + 8 * i))) return 0;
    if (left < 8) return siphash_end(&state, word & ((1ull << (8 * left)) - 1), length);
    siphash_word(&state, word);
  }
  return 0;
}

static __always_inline void unite(struct stayd_node* node, const struct stayd_node* other) {
  node->labels |= other->labels;
  node->flags |= other->flags & STAYD_NODE_ASK;
}

static __always_inline void take_stricter_verdicts(struct stayd_node* node,
                                                   const struct stayd_node* other) {
  for (int i = 0; i < STAYD_ACCESS_COUNT; i++) {
    if (other->verdicts[i] <= node->verdicts[i]) continue;
    node->verdicts[i] = other->verdicts[i];
    node->rules[i] = other->rules[i];
  }
}

/* File systems whose directories change by renames and deletions that are seen here: not those
 * over others or over the network. */
static __always_inline bool is_local(__u64 magic) {
  switch (magic) {
    case 0xef53:     /* ext2, ext3, ext4 */
    case 0x58465342: /* XFS */
    case 0xf2f52010: /* F2FS */
    case 0x01021994: /* tmpfs */
      return true;
  }
  return false;
}

/* Whether the name is none any more, though the file lives on: no path leads there. */
static __always_inline bool is_removed(__u64 leaf) {
  struct dentry* dentry = (struct dentry*)leaf;

  return !BPF_CORE_READ(dentry, d_hash.pprev) && is_local(BPF_CORE_READ(dentry, d_sb, s_magic));
}

/* What the policy says of the name at this level, whatever bears it. */
SEPARATE int visit_entry(struct request* request, struct stayd_node* level, __u64 name) {
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
    if (entry->node.flags & STAYD_NODE_UNRESOLVED)
      request->node.flags |= STAYD_NODE_UNRESOLVED;
    else
      report_entry(key.policy, key.inode, key.device);
  }
  take_stricter_verdicts(level, &entry->node);
  unite(level, &entry->node);
  return 0;
}

/* Adds what is said of the inode and of the name at this level. */
SEPARATE int visit_level(struct request* request) {
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
  if (node && node->flags & STAYD_NODE_WATCHED) visit_entry(request, &level, hash_name(request));

  for (int i = 0; i < STAYD_ACCESS_COUNT; i++) {
    if (request->node.verdicts[i] != STAYD_VERDICT_UNSET) continue;
    request->node.verdicts[i] = level.verdicts[i];
    request->node.rules[i] = level.rules[i];
  }
  unite(&request->node, &level);
  return 0;
}

/* Walks from `dentry`, which stands for the inode number `inode`, 0 for none, to the root of
 * its file system. Returns 0, or the counter of the reason to refuse. */
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
      /* Opened by handle and not connected to the tree: its directories are unknown. */
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

/* The same for a dentry that was found by following pointers, which the verifier does not
 * trust: every step is a checked read. */
SEPARATE int walk_up_untyped(__u64 leaf, struct request* request) {
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
    if (parent == dentry) return 0;
    dentry = parent;
  }
  return STAYD_COUNT_denied_path_too_deep;
}

/* A pattern makes stricter what the walk, or else the default, says. */
SEPARATE int take_pattern(struct request* request, __u64 name, __u32 kind) {
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
  return tree << 32 | *(volatile __u32*)&file_generations[inode & 4095];
}

/* True if the inode's number identifies the file and its name is the only one. */
static __always_inline bool may_keep(struct inode* inode) {
  if ((inode->i_mode & S_IFMT) != S_IFDIR && inode->i_nlink != 1) return false;
  return is_local(inode->i_sb->s_magic);
}

/* Takes what was found earlier, if nothing has moved since. */
SEPARATE int recall(struct request* request, const struct stayd_judged_key* key) {
  struct stayd_judged_key copy; /* 6.1 takes map keys from the program's own stack only */
  struct stayd_judged* kept;
  __u32 flags;

  if (!request || !key) return false;
  copy = *key;
  kept = bpf_map_lookup_elem(&judged, &copy);
  if (!kept || kept->generation != request->generation) return false;
  flags = request->node.flags; /* of another file of the same operation */
  request->node = kept->node;
  request->node.flags |= flags;
  return true;
}

SEPARATE int keep(const struct request* request, const struct stayd_judged_key* key) {
  struct stayd_judged_key copy;
  struct stayd_judged found = {};

  if (!request || !key) return 0;
  copy = *key;
  found.generation = request->generation;
  found.node = request->node;
  return bpf_map_update_elem(&judged, &copy, &found, BPF_ANY);
}

static __always_inline void bind_inode(struct request* request, struct inode* inode) {
  request->object.inode = inode->i_ino;
  request->object.inode_generation = inode->i_generation;
  request->object.device = inode->i_sb->s_dev;
}

/* Binds the file and finds what the policy says of it, or, without `inode`, of the name that
 * is about to be made. Returns 0, or the counter of the reason to refuse. */
static __always_inline __u32 find_node(struct dentry* dentry, struct inode* inode,
                                       struct request* request) {
  struct stayd_judged_key key = {};
  bool kept = false;
  __u32 reason;

  if (inode) {
    bind_inode(request, inode);
    key.inode = request->object.inode;
    key.place = dentry->d_name.hash;
    key.device = request->object.device;
    key.inode_generation = request->object.inode_generation;
    key.policy = request->subject.policy;
    request->generation = generation_of(key.inode); /* before the walk: a rename ends it */
    kept = may_keep(inode);
    /* What the gatekeeper found out about a file that this very call asked about is in its
     * answer, which has to be taken. */
    if (kept && !request->subject.waits && recall(request, &key)) return 0;
  }
  reason = walk_up(dentry, request, key.inode);
  if (reason) {
    request->dentry = (__u64)dentry;
    return reason;
  }
  if (request->node.verdicts[STAYD_ACCESS_EXEC]) request->node.flags |= STAYD_NODE_EXEC_SAID;
  if (request->flags & STAYD_POLICY_NAMES) {
    request->dentry = (__u64)dentry;
    take_pattern(request, hash_name(request), STAYD_NAME_EXACT);
    take_pattern(request, hash_extension(request), STAYD_NAME_EXTENSION);
  }
  if (request->flags & STAYD_POLICY_ASK_FILES) request->node.flags |= STAYD_NODE_ASK;
  if (kept) request->node.flags |= STAYD_NODE_KEEP;
  if (kept && !(request->node.flags & (STAYD_NODE_ASK | STAYD_NODE_UNRESOLVED)))
    keep(request, &key);
  return 0;
}
