/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A grant is the permission that an approval leaves behind. It allows further operations on the
 * same object by a workload or by one of its processes, for a number of uses and until a time.
 */
#pragma once

#include "request.bpf.h"

/* io_uring calls the connect hook twice for one request, with the same socket. Within this time
 * that is one use. */
enum { SAME_USE_NS = 1000000000 };

static __always_inline bool use_grant(struct stayd_grant* grant, __u64 socket, __u64 now) {
  if (!grant || now >= grant->expires_ns) return false;
  if (socket && socket == grant->last_socket && now - grant->last_use_ns < SAME_USE_NS) return true;
  if (__sync_fetch_and_add(&grant->uses, -1) <= 0) return false;
  grant->last_use_ns = now;
  grant->last_socket = socket;
  return true;
}

/* Uses a grant of the whole workload, or else of this process. Returns true if there is one. */
GLOBAL_SUBPROG int take_grant(const struct request* request, __u64 now) {
  struct stayd_grant_key key = {};
  struct task_struct* leader;

  if (!request) return false;
  key.object = request->object;
  key.workload = request->subject.id;
  if (use_grant(bpf_map_lookup_elem(&grants, &key), request->socket, now)) return true;
  leader = bpf_get_current_task_btf()->group_leader;
  key.process = leader->tgid;
  key.process_start_ns = leader->start_boottime;
  return use_grant(bpf_map_lookup_elem(&grants, &key), request->socket, now);
}

/* Does the same and counts the operation. */
static __always_inline int go_by_grant(const struct request* request, __u64 now) {
  if (!take_grant(request, now)) return false;
  count(STAYD_COUNT_allowed_by_grant);
  return true;
}
