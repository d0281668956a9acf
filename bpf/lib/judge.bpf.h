/* SPDX-License-Identifier: GPL-2.0 */
/* What policy says, from its compiled tables. agent/policy/decision.cpp says the same. */
#pragma once

#include "walk.bpf.h"

static __always_inline void take_if_stricter(struct request* request, __u32 verdict, __u32 rule) {
  if (verdict <= request->verdict) return;
  request->verdict = verdict;
  request->rule = rule;
}

/* After what the workload has read, see struct stayd_flow. */
SEPARATE int take_flows(struct request* request, __u32 access) {
  __u32 key, slot;
  struct stayd_policy* policy;
  __u64* labels;

  if (!request) return 0;
  key = request->subject.policy;
  slot = request->subject.id.slot;
  policy = bpf_map_lookup_elem(&policies, &key);
  labels = bpf_map_lookup_elem(&touched, &slot);
  if (!policy || !labels) return 0;
  access &= STAYD_ACCESS_COUNT - 1;
  for (__u32 i = 0; i < STAYD_FLOWS; i++) {
    struct stayd_flow* flow = &policy->flows[i];
    if (i >= policy->flow_count) break;
    if (flow->labels & *labels) take_if_stricter(request, flow->verdicts[access], flow->rule);
  }
  return 0;
}

/* What the node, or else the default, says of this access, and the flows; the stricter of it
 * and what has been taken before. */
static __always_inline void take(struct request* request, const struct stayd_node* node,
                                 const struct stayd_policy* policy, __u32 access) {
  __u32 verdict, rule;

  access &= STAYD_ACCESS_COUNT - 1;
  verdict = node->verdicts[access];
  rule = node->rules[access];
  if (verdict == STAYD_VERDICT_UNSET) {
    verdict = policy->verdicts[access];
    rule = 0;
  }
  take_if_stricter(request, verdict, rule);
  if (policy->flow_count) take_flows(request, access);
}

/* The policy of the request, its flags noted in it. */
static __always_inline struct stayd_policy* policy_of(struct request* request) {
  struct stayd_policy* policy = bpf_map_lookup_elem(&policies, &request->subject.policy);

  if (policy) request->flags = policy->flags;
  return policy;
}

/* A failure to judge: refused, unless nothing is. */
static __always_inline int fail(const struct request* request, __u32 which) {
  count(which);
  return request->flags & STAYD_POLICY_OBSERVE ? 0 : -EPERM;
}

/* Notes that a file with these labels is about to be read. */
static __always_inline void touch(const struct request* request) {
  __u32 slot = request->subject.id.slot;
  __u64* labels;
  __u64 added;

  if (!request->node.labels) return;
  labels = bpf_map_lookup_elem(&touched, &slot);
  if (!labels) return;
  added = request->node.labels & ~*labels;
  if (!added) return;
  __sync_fetch_and_or(labels, added);
  report_touched(request, added);
}

/* Stores what the prefixes and the names of the address say of it, if anything. Returns
 * whether the address is one that user space has looked at. */
SEPARATE int judge_address(struct request* request) {
  struct stayd_resolved_key key = {};
  struct stayd_prefix_key prefix_key = {.prefix_bits = 32 + 128};
  struct stayd_resolved* resolved;
  struct stayd_prefix* prefix;
  bool known;

  if (!request) return 0;
  key.policy = prefix_key.policy = request->subject.policy;
  __builtin_memcpy(key.address, request->object.address, sizeof(key.address));
  resolved = bpf_map_lookup_elem(&resolved_addresses, &key);
  known = resolved && (!resolved->expires_ns || bpf_ktime_get_boot_ns() < resolved->expires_ns);
  if (known) {
    prefix = &resolved->rules;
  } else {
    __builtin_memcpy(prefix_key.address, request->object.address, sizeof(prefix_key.address));
    prefix = bpf_map_lookup_elem(&policy_prefixes, &prefix_key);
  }
  if (!prefix) return known;
  for (__u32 i = 0; i < STAYD_PORT_RULES; i++) {
    struct stayd_port_rule* rule = &prefix->rules[i];
    if (i >= prefix->count) return known;
    if (rule->protocol && rule->protocol != request->object.protocol) continue;
    if (request->object.port < rule->first || request->object.port > rule->last) continue;
    request->verdict = rule->verdict;
    request->rule = rule->rule;
    return known;
  }
  return known;
}
