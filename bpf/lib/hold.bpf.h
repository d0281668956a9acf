/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Restart and park. A BPF program cannot wait, so it makes the system call start
 * over: it sends the thread SIGSTOP and at once SIGCONT, which leaves "a signal is
 * pending" set and nothing queued, and returns -ERESTARTSYS. On its way to user
 * space the kernel finds no signal to deliver and rewinds to the system call. The
 * thread spins through that until the agent has stopped it there with ptrace, and
 * again, once, after the decision. See docs/design/architecture.md.
 *
 * What is known of a thread's holds lives in its task storage, one slot for each
 * (system call, object), and is used up by that system call:
 *
 *   ASKED    the agent has been told; the answer will be in `answers`
 *   ALLOWED  decided, and the call has been restarted since: will pass
 *   SPENT    has passed; a restart of the same call makes it ALLOWED again, and
 *            the same call made anew finds it of no use
 *   PROBED   creation under a name that may exist (../file.bpf.h), or arguments that
 *            could not be read (../exec.bpf.h): look again once
 */
#pragma once

#include "judge.bpf.h"

enum slot_state { FREE = 0, ASKED, ALLOWED, SPENT, PROBED };

/* Says in the thread's tag whether any of its slots waits. */
SEPARATE int note_waiting(const struct thread_holds* all) {
  struct stayd_tag* tag = bpf_task_storage_get(&subjects, bpf_get_current_task_btf(), NULL, 0);
  __u32 waits = 0;

  if (!all || !tag) return 0;
  for (int i = 0; i < STAYD_HOLDS_PER_CALL; i++) waits |= all->slots[i].state == ASKED;
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

/* Global functions give the verifier one state to go on with instead of eight. */
SEPARATE __u32 find_slot(const struct thread_holds* all, __u64 call,
                         const struct stayd_object* object) {
  if (!all || !object) return NO_SLOT;
  for (int i = 0; i < STAYD_HOLDS_PER_CALL; i++) {
    const struct slot* slot = &all->slots[i];
    if (slot->state != FREE && slot->call == call && same_object(&slot->object, object)) return i;
  }
  return NO_SLOT;
}

/* A free slot; else one of another system call, which has been left for good; else the oldest
 * that has passed: a loop makes the same call about other things again and again. */
SEPARATE __u32 find_room(const struct thread_holds* all, __u64 call) {
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

/* A call that sends or connects is about one thing. What has passed was another call's, and no
 * restart of this one is to bring it back. */
SEPARATE int forget_spent(struct thread_holds* all, __u64 call) {
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

static __always_inline void revive_spent(struct thread_holds* all, __u64 call) {
  for (int i = 0; i < STAYD_HOLDS_PER_CALL; i++) {
    struct slot* slot = &all->slots[i];
    if (slot->state == SPENT && slot->call == call) slot->state = ALLOWED;
  }
}

/* Leaves "a signal is pending" set and nothing queued. A real signal that waits for this
 * thread has set it already, and must not meet the pair: SIGCONT cancels stop signals. */
static __always_inline bool provoke_restart(void) {
  if (bpf_get_current_task_btf()->thread_info.flags & sigpending_mask) return true;
  if (bpf_send_signal_thread(SIGSTOP)) return false;
  return !bpf_send_signal_thread(SIGCONT) || !bpf_send_signal_thread(SIGCONT);
}

SEPARATE int restart(struct thread_holds* all, __u64 call) {
  if (!all) return -EPERM;
  if (!provoke_restart()) return refuse(STAYD_COUNT_denied_no_signal);
  revive_spent(all, call);
  count(STAYD_COUNT_restarts);
  return -ERESTARTSYS;
}

/* io_uring meets the connect hook twice for one request, with the same socket. */
enum { SAME_USE_NS = 1000000000 };

static __always_inline bool use_grant(struct stayd_grant* grant, __u64 socket, __u64 now) {
  if (!grant || now >= grant->expires_ns) return false;
  if (socket && socket == grant->last_socket && now - grant->last_use_ns < SAME_USE_NS) return true;
  if (__sync_fetch_and_add(&grant->uses, -1) <= 0) return false;
  grant->last_use_ns = now;
  grant->last_socket = socket;
  return true;
}

/* The whole workload's, else that of this process. */
SEPARATE int take_grant(const struct request* request, __u64 now) {
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

static __always_inline void forget_answer(__u64 hold_id) {
  bpf_map_delete_elem(&answers, &hold_id);
}

/* An agent that restarts on purpose says until when another one will be there. What waits for
 * it goes round and round meanwhile, which costs the machine some of its time. */
static __always_inline bool is_restarting(__u64 now) { return now < restart_until_ns; }

/* Whether nobody is there to ask, and the policy does not mind. What the tables deny, and only
 * contents could allow, stays denied. */
static __always_inline bool goes_on_alone(const struct request* request, __u64 now) {
  if (agent_alive || is_restarting(now)) return false;
  if (!(request->flags & STAYD_POLICY_ALLOW_ON_LOSS)) return false;
  if (request->verdict == STAYD_VERDICT_DENY) return false;
  count(STAYD_COUNT_allowed_on_agent_loss);
  return true;
}

enum { WAIT = 1, AGAIN = 2 };

/* A thread that has asked is back: 0 go on, WAIT, AGAIN, or the refusal. Anything but
 * WAIT ends the hold. Takes the labels that only the agent knew. */
SEPARATE int consult(struct request* request, struct slot* slot, __u64 now) {
  struct stayd_answer* answer;
  __u64 hold_id, since;

  if (!request || !slot) return -EPERM;
  hold_id = slot->hold_id;
  answer = bpf_map_lookup_elem(&answers, &hold_id);
  if (answer && answer->state == STAYD_ANSWER_ALLOW) {
    if (answer->expires_ns && now >= answer->expires_ns) {
      report_hold(STAYD_EVENT_GONE, hold_id, bpf_get_current_task_btf());
      return refuse(STAYD_COUNT_denied_expired);
    }
    count(STAYD_COUNT_allowed_by_decision);
    request->node.labels |= answer->labels;
    return 0;
  }
  if (answer && answer->state == STAYD_ANSWER_DENY) return refuse(STAYD_COUNT_denied_by_decision);
  if (answer && answer->state == STAYD_ANSWER_AGAIN) {
    count(STAYD_COUNT_judged_again);
    return AGAIN;
  }
  /* Running again after it was parked: the agent let it go for a signal, or died. */
  if (answer && answer->session != slot->session) {
    slot->session = answer->session;
    slot->since_ns = now;
  }
  if (answer && answer->state == STAYD_ANSWER_AWAY) {
    answer->state = STAYD_ANSWER_SEEN;
    report_resumed(hold_id);
  }
  if (goes_on_alone(request, now)) {
    report_hold(STAYD_EVENT_GONE, hold_id, bpf_get_current_task_btf());
    return 0;
  }
  since = slot->since_ns > agent_since_ns ? slot->since_ns : agent_since_ns;
  if (now - since <= answer_limit_ns || is_restarting(now)) return WAIT;
  report_hold(STAYD_EVENT_GONE, hold_id, bpf_get_current_task_btf());
  return refuse(STAYD_COUNT_denied_unanswered);
}

/* The agent is behind, or dead: do not let more threads spin than the machine bears. */
static __always_inline bool too_many_unparked(__u32 workload_slot) {
  __u64* raised = bpf_map_lookup_elem(&holds_raised, &workload_slot);
  __u64* handled = bpf_map_lookup_elem(&holds_handled, &workload_slot);

  if (!raised || !handled) return true;
  /* Signed: what an agent that died had counted may be counted again. */
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

  if (slot->state != ASKED || slot->call != call) return;
  slot->state = FREE;
  report_hold(STAYD_EVENT_SUPERSEDED, hold_id, bpf_get_current_task_btf());
  forget_answer(hold_id);
}

/* A call waits for one object at a time. If it comes back with another while one is
 * still asked about, that one was swapped while it waited. */
SEPARATE int supersede(struct thread_holds* all, __u64 call) {
  if (!all) return 0;
  for (int i = 0; i < STAYD_HOLDS_PER_CALL; i++) end_as_superseded(&all->slots[i], call);
  return 0;
}

/* The call asked about this, and is not to wait for it any more: it is judged otherwise now.
 * Other things that one call is about may have asked, too. */
SEPARATE int end_wait(__u32 operation, __u32 device, __u64 inode) {
  struct thread_holds* all = bpf_task_storage_get(&holds, bpf_get_current_task_btf(), NULL, 0);
  __u64 call = call_identity(current_registers());

  if (!all) return 0;
  for (int i = 0; i < STAYD_HOLDS_PER_CALL; i++) {
    struct slot* slot = &all->slots[i];
    if (slot->object.operation != operation || slot->object.device != device) continue;
    if (slot->object.inode == inode) end_as_superseded(slot, call);
  }
  return note_waiting(all);
}

/* Whether the tables alone say that it goes on; its object is bound. */
static __always_inline bool is_allowed(const struct request* request, __u32 operation) {
  if (request->verdict != STAYD_VERDICT_ALLOW || request->ask) return false;
  if (request->subject.waits) end_wait(operation, request->object.device, request->object.inode);
  return true;
}

static __always_inline int go_by_grant(const struct request* request, __u64 now) {
  if (!take_grant(request, now)) return false;
  count(STAYD_COUNT_allowed_by_grant);
  return true;
}

/* Asks: tells the agent, and starts the system call over. */
static __always_inline int ask(const struct request* request, struct thread_holds* all,
                               struct slot* slot, __u64 call) {
  slot->state = FREE;
  if (too_many_unparked(request->subject.id.slot)) return refuse(STAYD_COUNT_denied_too_many);
  slot->hold_id = __sync_fetch_and_add(&next_hold_id, 1);
  if (!report(request, request->ask ? STAYD_DISPOSITION_ASKED : STAYD_DISPOSITION_HELD,
              slot->hold_id)) {
    unraise(request->subject.id.slot);
    return refuse(STAYD_COUNT_denied_ring_full);
  }
  slot->state = ASKED;
  note_waiting(all);
  count(request->ask ? STAYD_COUNT_asked : STAYD_COUNT_held);
  return restart(all, call);
}

/* A slot for the request: FREE, and its hold, if it was another call's, ended. NULL: none. */
static __always_inline struct slot* make_slot(const struct request* request,
                                              struct thread_holds* all, __u32 index, __u64 call,
                                              __u64 now) {
  struct slot* slot;

  if (index >= NO_SLOT) index = find_room(all, call);
  if (index >= NO_SLOT) return NULL;
  slot = slot_at(all, index);
  if (slot->state == ASKED) {
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

/* Restarts the call once, and lets it on the second time; see PROBED. */
SEPARATE int probe(const struct request* request) {
  struct thread_holds* all;
  struct slot* slot;
  struct call call;
  __u32 index;

  if (!request) return 0;
  current_call(request->object.operation, &call);
  if (!call.can_wait) return 0;
  all = bpf_task_storage_get(&holds, bpf_get_current_task_btf(), NULL,
                             BPF_LOCAL_STORAGE_GET_F_CREATE);
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

/*
 * Holds the current thread at this object, or lets it on if that has been decided.
 * Returns 0 (go on), -ERESTARTSYS (held) or -EPERM (counted).
 */
static __always_inline int hold(struct request* request) {
  __u64 now = bpf_ktime_get_boot_ns();
  struct thread_holds* all;
  struct slot* slot;
  struct call call;
  __u32 index;
  int result;

  if (goes_on_alone(request, now)) return 0;
  current_call(request->object.operation, &call);
  if (!call.can_wait) {
    if (go_by_grant(request, now)) return 0;
    if (!report(request, STAYD_DISPOSITION_CANNOT_WAIT, 0)) count(STAYD_COUNT_events_lost);
    return refuse(STAYD_COUNT_denied_cannot_wait);
  }

  all = bpf_task_storage_get(&holds, bpf_get_current_task_btf(), NULL,
                             BPF_LOCAL_STORAGE_GET_F_CREATE);
  if (!all) return refuse(STAYD_COUNT_denied_storage);
  index = find_slot(all, call.identity, &request->object);
  slot = slot_at(all, index);
  if (index < NO_SLOT && slot->state == ALLOWED) {
    slot->state = SPENT;
    return 0;
  }
  if (index < NO_SLOT && slot->state == ASKED) {
    result = consult(request, slot, now);
    if (result == WAIT) return restart(all, call.identity);
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
  return ask(request, all, slot, call.identity);
}

/* A released workload's tasks are free, but the call that is waiting for an answer is not
 * answered by that. */
SEPARATE int refuse_if_waiting(__u32 unused) {
  struct thread_holds* all = bpf_task_storage_get(&holds, bpf_get_current_task_btf(), NULL, 0);
  __u64 call = call_identity(current_registers());
  bool waiting = false;

  if (!all) return 0;
  for (int i = 0; i < STAYD_HOLDS_PER_CALL; i++) {
    struct slot* slot = &all->slots[i];
    if (slot->state != ASKED || slot->call != call) continue;
    slot->state = FREE;
    waiting = true;
    report_hold(STAYD_EVENT_GONE, slot->hold_id, bpf_get_current_task_btf());
    forget_answer(slot->hold_id);
  }
  return waiting ? refuse(STAYD_COUNT_denied_by_release) : 0;
}

/* The first thing that a process in a new cgroup does may be what a policy forbids it. Returns
 * -ERESTARTSYS, or 0 where that is not possible. */
SEPARATE int wait_for_policy(__u32 unused) {
  struct thread_holds* all;
  struct call call;

  current_call(STAYD_OP_OPEN, &call);
  if (!call.can_wait) return 0;
  all = bpf_task_storage_get(&holds, bpf_get_current_task_btf(), NULL,
                             BPF_LOCAL_STORAGE_GET_F_CREATE);
  if (!all || !provoke_restart()) return 0;
  return -ERESTARTSYS;
}

/* For a task without a live workload: refuses it if its workload has ended or found no slot. */
static __always_inline int pass_unless_abandoned(struct subject* subject) {
  if (subject->unresolved && find_closed(subject)) return refuse(STAYD_COUNT_denied_no_workload);
  if (subject->undecided && wait_for_policy(0)) return -ERESTARTSYS;
  return subject->unresolved ? refuse_if_waiting(0) : 0;
}

/* Nothing is held or refused, but said. */
static __always_inline int observe(const struct request* request) {
  switch (request->verdict) {
    case STAYD_VERDICT_ALLOW:
      break;
    case STAYD_VERDICT_AUDIT:
      report_or_count(request, STAYD_DISPOSITION_AUDITED);
      break;
    case STAYD_VERDICT_HOLD:
      report_or_count(request, STAYD_DISPOSITION_WOULD_HOLD);
      break;
    default:
      report_or_count(request, STAYD_DISPOSITION_WOULD_DENY);
  }
  return 0;
}

/* Carries out request->verdict. `look_twice`: it may turn out to be about something else. A
 * function of its own, with everything that may follow in it: the stack allows no more. */
SEPARATE int enforce(struct request* request, __u32 look_twice) {
  bool observing, holds;
  int result;

  if (!request) return -EPERM;
  observing = request->flags & STAYD_POLICY_OBSERVE;
  holds = request->ask || (request->verdict == STAYD_VERDICT_HOLD && !observing);
  if (look_twice && probe(request)) return -ERESTARTSYS;
  if (request->subject.waits && !holds)
    end_wait(request->object.operation, request->object.device, request->object.inode);
  if (observing && !holds) return observe(request);
  if (holds) {
    /* What is only observed spins until the gatekeeper has spoken, and then goes on. */
    result = hold(request);
    return observing && result != -ERESTARTSYS ? 0 : result;
  }
  switch (request->verdict) {
    case STAYD_VERDICT_ALLOW:
      return 0;
    case STAYD_VERDICT_AUDIT:
      report_or_count(request, STAYD_DISPOSITION_AUDITED);
      return 0;
    default:
      report_or_count(request, STAYD_DISPOSITION_DENIED);
      return refuse(STAYD_COUNT_denied_by_policy);
  }
}
