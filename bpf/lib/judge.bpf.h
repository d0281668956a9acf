/* SPDX-License-Identifier: GPL-2.0 */
/* Judges operations by the compiled tables of their policy. agent/policy/decision.cpp decides the
 * same. */
#pragma once

#include "walk.bpf.h"

static __always_inline bool is_in_force(const struct stayd_flow* flow, __u64 labels, __u32 slot) {
  struct stayd_label_files* counts;

  if (!flow->files) return flow->labels & labels;
  counts = bpf_map_lookup_elem(&label_files, &slot);
  return !counts || counts->files[flow->counted & (STAYD_LABELS - 1)] >= flow->files;
}

/* Takes the stricter verdicts of flows whose labels, or as many files of their label, the workload
 * has read, except of those that do not count for the address; see struct stayd_flow. */
GLOBAL_SUBPROG int take_flows(struct request* request, __u32 access) {
  __u32 key, slot, exempt;
  struct stayd_policy* policy;
  __u64* labels;

  if (!request) return 0;
  key = request->subject.policy;
  slot = request->subject.id.slot;
  policy = bpf_map_lookup_elem(&policies, &key);
  labels = bpf_map_lookup_elem(&labels_read, &slot);
  if (!policy || !labels) return 0;
  access &= STAYD_ACCESS_COUNT - 1;
  exempt = access == STAYD_ACCESS_NETWORK ? request->exempt : 0;
  for (__u32 i = 0; i < STAYD_FLOWS; i++) {
    struct stayd_flow* flow = &policy->flows[i];
    if (i >= policy->flow_count) break;
    if (exempt >> i & 1 || !is_in_force(flow, *labels, slot)) continue;
    take_if_stricter(request, flow->verdicts[access], flow->rule);
  }
  return 0;
}

/* Takes the verdict of the node, or else the policy's default, for this access, and the verdicts of
 * the flows, where they are stricter than what has been taken before. */
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

/* Returns the number of resolvers' packets to the workload that the agent has not handled yet. */
static __always_inline __u64 names_waiting(__u32 slot) {
  __u64* reported = bpf_map_lookup_elem(&names_reported, &slot);
  __u64* handled = bpf_map_lookup_elem(&names_handled, &slot);

  return reported && handled ? *(volatile __u64*)reported - *handled : ~0ull;
}

/* Takes the first rule that matches the port and protocol. */
static __always_inline void take_port_rule(struct request* request,
                                           const struct stayd_prefix* prefix) {
  for (__u32 i = 0; i < STAYD_PORT_RULES; i++) {
    const struct stayd_port_rule* rule = &prefix->rules[i];
    if (i >= prefix->count) return;
    if (rule->protocol && rule->protocol != request->object.protocol) continue;
    if (request->object.port < rule->first || request->object.port > rule->last) continue;
    request->verdict = rule->verdict;
    request->rule = rule->rule;
    request->exempt = rule->exempt;
    return;
  }
}

/*
 * Stores the verdict of the rules for the address and its host names, if any. Returns true if it is
 * final: the agent has looked the address up, and has handled all packets in which resolvers told
 * the workload of names.
 *
 * The packets that have not been handled are counted before the lookup, because the agent deletes
 * the entry of an address before it counts the packet that names the address as handled. The kernel
 * reuses the memory of a deleted entry at once, so what was read of an entry counts only if the
 * entry is still there afterwards.
 */
static __always_inline bool judge_by_names(struct request* request,
                                           const struct stayd_resolved_key* key) {
  struct stayd_resolved* resolved;
  __u64 serial;

  if (names_waiting(request->subject.id.slot)) return false;
  resolved = bpf_map_lookup_elem(&resolved_addresses, key);
  if (!resolved || bpf_ktime_get_boot_ns() >= resolved->expires_ns) return false;
  serial = *(volatile __u64*)&resolved->serial;
  take_port_rule(request, &resolved->rules);
  resolved = bpf_map_lookup_elem(&resolved_addresses, key);
  return resolved && *(volatile __u64*)&resolved->serial == serial;
}

/* Stores the verdict of the rules for the address or its host names, if any. Returns true if it is
 * final; otherwise it is the verdict of the address prefixes alone. */
GLOBAL_SUBPROG int judge_address(struct request* request) {
  struct stayd_prefix_key prefix_key = {.prefix_bits = 32 + 128};
  struct stayd_prefix* prefix;
  bool has_names;

  if (!request) return 0;
  has_names = request->flags & STAYD_POLICY_DEFER_HOSTS;
  if (has_names) {
    struct stayd_resolved_key key = {.policy = request->subject.policy};
    __builtin_memcpy(key.address, request->object.address, sizeof(key.address));
    if (judge_by_names(request, &key)) return 1;
    request->verdict = STAYD_VERDICT_UNSET;
    request->rule = 0;
    request->exempt = 0;
  }
  prefix_key.policy = request->subject.policy;
  __builtin_memcpy(prefix_key.address, request->object.address, sizeof(prefix_key.address));
  prefix = bpf_map_lookup_elem(&policy_prefixes, &prefix_key);
  if (prefix) take_port_rule(request, prefix);
  return !has_names;
}
