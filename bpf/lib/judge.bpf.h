/* SPDX-License-Identifier: GPL-2.0 */
/* What policy says, from its compiled tables. agent/policy/decision.cpp says the same. */
#pragma once

#include "maps.bpf.h"

enum { WALK_DEPTH = 128 };

struct judgement {
  __u32 verdict;
  __u32 rule;
};

static __always_inline void take_default(struct judgement* judgement,
                                         const struct stayd_policy* policy, __u32 access) {
  if (judgement->verdict != STAYD_VERDICT_UNSET) return;
  judgement->verdict = policy->verdicts[access & (STAYD_ACCESS_COUNT - 1)];
  judgement->rule = 0;
}

/* Two accesses at once, which may be the same. */
struct walk {
  struct stayd_node_key key;
  __u32 access[2];
  struct judgement judgement[2];
};

static __always_inline bool take(struct judgement* judgement, const struct stayd_node* node,
                                 __u32 access) {
  access &= STAYD_ACCESS_COUNT - 1;
  if (judgement->verdict == STAYD_VERDICT_UNSET) {
    judgement->verdict = node->verdicts[access];
    judgement->rule = node->rules[access];
  }
  return judgement->verdict != STAYD_VERDICT_UNSET;
}

/* Takes what the node at walk->key says, unless one below it has said so; returns
 * whether nothing is left to ask. A function of its own for the verifier's sake. */
SEPARATE int visit_node(struct walk* walk) {
  struct stayd_node_key key;
  struct stayd_node* node;
  bool first, second;

  if (!walk) return false;
  key = walk->key; /* 6.1 takes map keys from the stack only */
  node = bpf_map_lookup_elem(&policy_nodes, &key);
  if (!node) return false;
  first = take(&walk->judgement[0], node, walk->access[0]);
  second = take(&walk->judgement[1], node, walk->access[1]);
  return first && second;
}

/* Walks from `dentry` to the root of its file system. Returns 0, or the counter of
 * the reason to refuse. */
static __always_inline __u32 walk_up(struct dentry* dentry, struct walk* walk) {
  for (int i = 0; i < WALK_DEPTH; i++) {
    struct inode* inode = dentry->d_inode;
    struct dentry* parent = dentry->d_parent;

    walk->key.inode = inode->i_ino; /* 0 where there is none: such a key is never in the map */
    walk->key.device = inode->i_sb->s_dev;
    if (visit_node(walk)) return 0;
    if (parent == dentry) {
      /* Opened by handle and not connected to the tree: its directories are unknown. */
      if (dentry->d_flags & DCACHE_DISCONNECTED && dentry != dentry->d_sb->s_root)
        return STAYD_COUNT_denied_path_unreadable;
      return 0;
    }
    dentry = parent;
  }
  return STAYD_COUNT_denied_path_too_deep;
}

/* The same for a dentry that was found by following pointers, which the verifier does not
 * trust: every step is a checked read. */
SEPARATE int walk_up_untyped(__u64 leaf, struct walk* walk) {
  struct dentry* dentry = (struct dentry*)leaf;

  if (!walk) return STAYD_COUNT_denied_path_unreadable;
  for (int i = 0; i < WALK_DEPTH; i++) {
    struct dentry* parent = BPF_CORE_READ(dentry, d_parent);

    walk->key.inode = BPF_CORE_READ(dentry, d_inode, i_ino);
    walk->key.device = BPF_CORE_READ(dentry, d_inode, i_sb, s_dev);
    if (visit_node(walk) || parent == dentry) return 0;
    dentry = parent;
  }
  return STAYD_COUNT_denied_path_too_deep;
}

/* Stores what the prefixes say of the address, if anything. */
SEPARATE int judge_address(const struct stayd_object* object, __u32 policy,
                           struct judgement* judgement) {
  struct stayd_prefix_key key = {.prefix_bits = 32 + 128, .policy = policy};
  struct stayd_prefix* prefix;

  if (!object || !judgement) return 0;
  __builtin_memcpy(key.address, object->address, sizeof(key.address));
  prefix = bpf_map_lookup_elem(&policy_prefixes, &key);
  if (!prefix) return 0;
  for (__u32 i = 0; i < STAYD_PORT_RULES; i++) {
    struct stayd_port_rule* rule = &prefix->rules[i];
    if (i >= prefix->count) return 0;
    if (rule->protocol && rule->protocol != object->protocol) continue;
    if (object->port < rule->first || object->port > rule->last) continue;
    judgement->verdict = rule->verdict;
    judgement->rule = rule->rule;
    return 0;
  }
  return 0;
}
