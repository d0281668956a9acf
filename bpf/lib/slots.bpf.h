/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A thread's holds live in its task storage, one slot for each (system call, object), and are used
 * up by that system call.
 */
#pragma once

#include "request.bpf.h"

enum slot_state {
  FREE = 0,
  WAITING, /* the agent has been told; its answer will be in `answers` */
  ALLOWED, /* decided, and the call has been restarted since: the hook lets it through next time */
  SPENT, /* the hook has let it through: ALLOWED again if the call restarts, void for a new call */
  PROBED, /* a creation under a name that may exist (../file.bpf.h), or arguments that could not be
           * read (../exec.bpf.h): the call is made once more */
  LOADED  /* an execve that the hook has let load its program, which then waits (in_place.bpf.h) */
};

struct slot {
  __u64 hold_id;
  __u64 call;
  __u64 since_ns; /* when the thread began to spin */
  struct stayd_object object;
  __u32 state;
  __u32 session; /* the parking that `since_ns` follows */
};

struct thread_holds {
  struct slot slots[STAYD_HOLDS_PER_CALL];
  struct stayd_arguments arguments; /* those of the latest execve that was hashed (../exec.bpf.h) */
  __u32 arguments_judged;           /* the program that runs must have these */
  /* The low half of the identity of an execve whose program turned out to be run by another one. */
  __u32 interpreted;
  /* The hashes that `arguments` had before, kept here because the stack has no room. */
  __u64 first_before;
  __u64 rest_before;
};

struct {
  __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, struct thread_holds);
} holds SEC(".maps");

/* Returns the current thread's storage, which is created if it is missing; NULL if there is no
 * memory. */
static __always_inline struct thread_holds* make_thread_holds(void) {
  return bpf_task_storage_get(&holds, bpf_get_current_task_btf(), NULL,
                              BPF_LOCAL_STORAGE_GET_F_CREATE);
}

/* Returns the current thread's storage, or NULL if the thread has none. */
static __always_inline struct thread_holds* thread_holds(void) {
  return bpf_task_storage_get(&holds, bpf_get_current_task_btf(), NULL, 0);
}

/* True if the agent has been told and the kernel side has not been given an answer. */
static __always_inline bool is_unanswered(const struct slot* slot) {
  return slot->state == WAITING || slot->state == LOADED;
}

/* Records in the thread's tag whether any of its slots waits. A program that was loaded does not:
 * its thread makes no call, and no retry of it could meet another verdict. */
GLOBAL_SUBPROG int note_waiting(const struct thread_holds* all) {
  struct stayd_tag* tag = bpf_task_storage_get(&subjects, bpf_get_current_task_btf(), NULL, 0);
  __u32 waits = 0;

  if (!all || !tag) return 0;
  for (int i = 0; i < STAYD_HOLDS_PER_CALL; i++) waits |= all->slots[i].state == WAITING;
  tag->waits = waits;
  return 0;
}

static __always_inline bool same_object(const struct stayd_object* a,
                                        const struct stayd_object* b) {
  const __u64* x = (const __u64*)a;
  const __u64* y = (const __u64*)b;
  __u64 difference = 0;

  for (int i = 0; i < (int)(sizeof(*a) / 8); i++) difference |= x[i] ^ y[i];
  return !difference;
}

enum { NO_SLOT = STAYD_HOLDS_PER_CALL };

/* Returns the index of the slot of this call and object, or NO_SLOT. This is a global function
 * because the verifier then goes on with one state instead of eight. */
GLOBAL_SUBPROG __u32 find_slot(const struct thread_holds* all, __u64 call,
                               const struct stayd_object* object) {
  if (!all || !object) return NO_SLOT;
  for (int i = 0; i < STAYD_HOLDS_PER_CALL; i++) {
    const struct slot* slot = &all->slots[i];
    if (slot->state != FREE && slot->call == call && same_object(&slot->object, object)) return i;
  }
  return NO_SLOT;
}

/* Returns the index of a free slot; else of a slot of another system call, which is over; else of
 * the oldest SPENT slot, since a loop makes the same call about other objects again and again; else
 * NO_SLOT. */
GLOBAL_SUBPROG __u32 find_room(const struct thread_holds* all, __u64 call) {
  __u64 since = ~0ull;
  __u32 oldest = NO_SLOT;

  if (!all) return NO_SLOT;
  for (int i = 0; i < STAYD_HOLDS_PER_CALL; i++)
    if (all->slots[i].state == FREE) return i;
  for (int i = 0; i < STAYD_HOLDS_PER_CALL; i++)
    if (all->slots[i].call != call) return i;
  for (int i = 0; i < STAYD_HOLDS_PER_CALL; i++) {
    const struct slot* slot = &all->slots[i];
    if (slot->state != SPENT || slot->since_ns >= since) continue;
    since = slot->since_ns;
    oldest = i;
  }
  return oldest;
}

/* Frees the spent slots of a call that sends or connects. Such a call is about one object, so a
 * spent slot is an earlier call's, and a restart of this call must not revive it. */
GLOBAL_SUBPROG int forget_spent(struct thread_holds* all, __u64 call) {
  if (!all) return 0;
  for (int i = 0; i < STAYD_HOLDS_PER_CALL; i++) {
    struct slot* slot = &all->slots[i];
    if (slot->state == SPENT && slot->call == call) slot->state = FREE;
  }
  return 0;
}

static __always_inline struct slot* slot_at(struct thread_holds* all, __u32 index) {
  return &all->slots[index & (STAYD_HOLDS_PER_CALL - 1)];
}

/* Makes the spent slots of a call that restarts ALLOWED again, so that it gets past the same hooks
 * once more. */
static __always_inline void revive_spent(struct thread_holds* all, __u64 call) {
  for (int i = 0; i < STAYD_HOLDS_PER_CALL; i++) {
    struct slot* slot = &all->slots[i];
    if (slot->state == SPENT && slot->call == call) slot->state = ALLOWED;
  }
}
