/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Holds an operation: reports it, and makes its system call start over until there is an answer.
 * The parts are in slots.bpf.h, restart.bpf.h, grants.bpf.h and answers.bpf.h.
 */
#pragma once

#include "answers.bpf.h"
#include "events.bpf.h"
#include "grants.bpf.h"
#include "restart.bpf.h"

/* True if too many threads of the workload keep restarting unparked, because the agent is late or
 * dead. Otherwise one more is counted. */
static __always_inline bool too_many_unparked(__u32 workload_slot) {
  __u64* raised = bpf_map_lookup_elem(&holds_raised, &workload_slot);
  __u64* handled = bpf_map_lookup_elem(&holds_handled, &workload_slot);

  if (!raised || !handled) return true;
  /* The difference is signed: what a dead agent had counted may be counted again. */
  if ((__s64)(*raised - *handled) >= (__s64)unparked_limit) return true;
  __sync_fetch_and_add(raised, 1);
  return false;
}

static __always_inline void unraise(__u32 workload_slot) {
  __u64* raised = bpf_map_lookup_elem(&holds_raised, &workload_slot);
  if (raised) __sync_fetch_and_add(raised, -1);
}

static __always_inline void end_as_superseded(struct slot* slot, __u64 call) {
  __u64 hold_id = slot->hold_id;

  if (slot->state != WAITING || slot->call != call) return;
  slot->state = FREE;
  report_hold(STAYD_EVENT_SUPERSEDED, hold_id, bpf_get_current_task_btf());
  forget_answer(hold_id);
}

/* Ends the waiting holds of a call. A call waits for one object at a time, so if it comes back with
 * another one while a hold waits, the object was swapped during the hold. */
GLOBAL_SUBPROG int supersede(struct thread_holds* all, __u64 call) {
  if (!all) return 0;
  for (int i = 0; i < STAYD_HOLDS_PER_CALL; i++) end_as_superseded(&all->slots[i], call);
  return 0;
}

/* Ends the wait of the current call for this object, which is now judged in another way. Holds of
 * the same call for other objects stay. */
GLOBAL_SUBPROG int end_wait(__u32 operation, __u32 device, __u64 inode) {
  struct thread_holds* all = thread_holds();
  __u64 call = call_identity(current_registers());

  if (!all) return 0;
  for (int i = 0; i < STAYD_HOLDS_PER_CALL; i++) {
    struct slot* slot = &all->slots[i];
    if (slot->object.operation != operation || slot->object.device != device) continue;
    if (slot->object.inode == inode) end_as_superseded(slot, call);
  }
  return note_waiting(all);
}

/* Reports the operation and starts its system call over. The slot is WAITING from now on. */
static __always_inline int begin_wait(const struct request* request, struct thread_holds* all,
                                      struct slot* slot, __u64 call) {
  slot->state = FREE;
  if (too_many_unparked(request->subject.id.slot)) return refuse(STAYD_COUNT_denied_too_many);
  slot->hold_id = __sync_fetch_and_add(&next_hold_id, 1);
  if (!report(request, request->deferred ? STAYD_DISPOSITION_DEFERRED : STAYD_DISPOSITION_HELD,
              slot->hold_id)) {
    unraise(request->subject.id.slot);
    return refuse(STAYD_COUNT_denied_ring_full);
  }
  slot->state = WAITING;
  note_waiting(all);
  count(request->deferred ? STAYD_COUNT_asked : STAYD_COUNT_held);
  return restart(all, call);
}

/* Returns a FREE slot for the request, or NULL if there is none. If the slot was another call's,
 * that call's hold ends. */
static __always_inline struct slot* make_slot(const struct request* request,
                                              struct thread_holds* all, __u32 index, __u64 call,
                                              __u64 now) {
  struct slot* slot;

  if (index >= NO_SLOT) index = find_room(all, call);
  if (index >= NO_SLOT) return NULL;
  slot = slot_at(all, index);
  if (slot->state == WAITING) {
    report_hold(STAYD_EVENT_GONE, slot->hold_id, bpf_get_current_task_btf());
    forget_answer(slot->hold_id);
  }
  slot->state = FREE;
  slot->call = call;
  slot->object = request->object;
  slot->since_ns = now;
  slot->session = 0;
  return slot;
}

/* Restarts the call the first time and lets it through the second time; see PROBED. */
GLOBAL_SUBPROG int probe(const struct request* request) {
  struct thread_holds* all;
  struct slot* slot;
  struct call call = {};
  __u32 index;

  if (!request) return 0;
  current_call(request->object.operation, &call);
  if (!call.can_wait) return 0;
  all = make_thread_holds();
  if (!all) return 0;
  index = find_slot(all, call.identity, &request->object);
  if (index < NO_SLOT) {
    slot = slot_at(all, index);
    if (slot->state == PROBED) slot->state = FREE;
    return 0;
  }
  slot = make_slot(request, all, index, call.identity, bpf_ktime_get_boot_ns());
  if (!slot) return 0;
  slot->state = PROBED;
  return restart(all, call.identity);
}

static __always_inline bool is_network(__u32 operation) {
  return operation == STAYD_OP_CONNECT || operation == STAYD_OP_SEND;
}

/* Holds the current thread at this object, or lets it through if that has been decided. Returns 0
 * (allowed), -ERESTARTSYS (held), PENDING (see consult()) or -EPERM (counted). */
static __always_inline int hold(struct request* request) {
  __u64 now = bpf_ktime_get_boot_ns();
  struct thread_holds* all;
  struct slot* slot;
  struct call call = {};
  __u32 index;
  int result;

  if (goes_on_alone(request, now)) return 0;
  current_call(request->object.operation, &call);
  if (!call.can_wait) {
    if (go_by_grant(request, now)) return 0;
    if (!report(request, STAYD_DISPOSITION_CANNOT_WAIT, 0)) count(STAYD_COUNT_events_lost);
    return refuse(STAYD_COUNT_denied_cannot_wait);
  }

  all = make_thread_holds();
  if (!all) return refuse(STAYD_COUNT_denied_storage);
  index = find_slot(all, call.identity, &request->object);
  slot = slot_at(all, index);
  if (index < NO_SLOT && slot->state == ALLOWED) {
    slot->state = SPENT;
    return 0;
  }
  if (index < NO_SLOT && slot->state == WAITING) {
    result = consult(request, slot, now);
    if (result == WAIT) return restart(all, call.identity);
    if (result == PENDING)
      request->hold_id = slot->hold_id;
    else
      forget_answer(slot->hold_id);
    slot->state = result ? FREE : SPENT;
    note_waiting(all);
    return result == AGAIN ? restart(all, call.identity) : result;
  }
  if (go_by_grant(request, now)) {
    if (index < NO_SLOT) slot->state = FREE;
    supersede(all, call.identity);
    note_waiting(all);
    return 0;
  }
  supersede(all, call.identity);
  if (is_network(request->object.operation)) forget_spent(all, call.identity);
  slot = make_slot(request, all, index, call.identity, now);
  if (!slot) return refuse(STAYD_COUNT_denied_call_full);
  return begin_wait(request, all, slot, call.identity);
}
