/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A request is what a hook judges: the operation of the current task, its object, and what has been
 * found out about them so far. The programs have 512 bytes of stack in all, so the request is also
 * the state of the walk (walk.bpf.h), and members are shared.
 */
#pragma once

#include "subject.bpf.h"
#include "syscalls.bpf.h"

/* If one of these is set, the event of the request shows, besides a path, arguments or the path of
 * `target`, which for MORE_LINK is a hard link's new name. */
enum { MORE_ARGUMENTS = 1, MORE_TARGET, MORE_LINK };

struct request {
  struct stayd_object object;
  struct stayd_node node; /* what the walk has found; empty for addresses */
  __u64 generation;       /* before the walk */
  __u64 dentry;           /* what the path is read from; 0: none. While walking: at this level */
  union {
    __u64 target;   /* rename: the dentry of the new name */
    __u64 abstract; /* of a unix socket without a dentry: its address */
    __u64 socket;   /* whose destination is judged; 0: none */
  };
  __u64 at; /* while walking: the inode; 0: none */
  union {
    __u64 parent;  /* while walking: the inode of the directory above; 0: none */
    __u64 hold_id; /* connect, if hold() returned PENDING: of the hold */
  };
  union {
    __u32 device;   /* while walking */
    __u32 may_pend; /* connect: the connection may be pending while the thread goes on */
  };
  __u32 rule;
  __u32 open_flags;
  __u32 magic;
  __u8 verdict;
  __u8 deferred; /* the verdict is not final: the gatekeeper knows more */
  __u8 failure;  /* STAYD_COUNT_*: why it cannot be judged; 0: it can */
  __u8 more;     /* MORE_*: what the event shows besides a path */
  /* These two are last: see begin_request(). */
  __u32 flags; /* of the policy */
  struct subject subject;
};

/* Returns the policy of the request's subject and notes its flags; NULL if it is not in the map. */
static __always_inline struct stayd_policy* policy_of(struct request* request) {
  struct stayd_policy* policy = bpf_map_lookup_elem(&policies, &request->subject.policy);

  if (policy) request->flags = policy->flags;
  return policy;
}

/* Raises the verdict of the request to this one, if it is stricter. */
static __always_inline void take_if_stricter(struct request* request, __u32 verdict, __u32 rule) {
  if (verdict <= request->verdict) return;
  request->verdict = verdict;
  request->rule = rule;
}
