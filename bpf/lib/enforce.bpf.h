/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The two ends of every hook that judges are here: one finds the workload of the current task, the
 * other carries out the verdict.
 */
#pragma once

#include "hold.bpf.h"
#include "judge.bpf.h"

/* Reports that the operation could not be judged, for the reason that `which` counts, and denies it
 * unless the policy only observes. */
GLOBAL_SUBPROG int fail(struct request* request, __u32 which) {
  bool observing;

  if (!request) return -EPERM;
  observing = request->flags & STAYD_POLICY_OBSERVE;
  count(which);
  request->failure = which;
  request->rule = 0;
  request->deferred = 0;
  if (!report(request, observing ? STAYD_DISPOSITION_WOULD_DENY : STAYD_DISPOSITION_DENIED, 0))
    count(STAYD_COUNT_events_lost);
  return observing ? 0 : -EPERM;
}

/* True if the tables alone allow the operation. A wait of this call for the object, which must be
 * bound already, then ends. */
static __always_inline bool is_allowed(const struct request* request, __u32 operation) {
  if (request->verdict != STAYD_VERDICT_ALLOW || request->deferred) return false;
  if (request->subject.waits) end_wait(operation, request->object.device, request->object.inode);
  return true;
}

/* Denies a call that was waiting for an answer when its workload was released: the tasks are free,
 * but this question has not been answered. */
GLOBAL_SUBPROG int refuse_if_waiting(__u32 unused) {
  struct thread_holds* all = thread_holds();
  __u64 call = call_identity(current_registers());
  bool waiting = false;

  if (!all) return 0;
  for (int i = 0; i < STAYD_HOLDS_PER_CALL; i++) {
    struct slot* slot = &all->slots[i];
    if (slot->state != WAITING || slot->call != call) continue;
    slot->state = FREE;
    waiting = true;
    report_hold(STAYD_EVENT_GONE, slot->hold_id, bpf_get_current_task_btf());
    forget_answer(slot->hold_id);
  }
  return waiting ? refuse(STAYD_COUNT_denied_by_release) : 0;
}

/* Returns the result of a hook for a task that belongs to no workload, or to one that has ended. */
static __always_inline int pass_unless_abandoned(struct subject* subject, bool may_wait) {
  if (subject->unresolved && find_closed(subject)) return refuse(STAYD_COUNT_denied_no_workload);
  if (!may_wait) return 0;
  if (subject->undecided && wait_for_policy(0)) return -ERESTARTSYS;
  return subject->unresolved ? refuse_if_waiting(0) : 0;
}

/* Finds the workload of the current task. Returns the policy to judge by, or NULL with the hook's
 * result in `result`. The request need not be initialised: every process on the host comes here,
 * and only those in workloads pay for clearing more of it than is used until then. */
static __always_inline const struct stayd_policy* begin_request(struct request* request,
                                                                bool may_wait, int* result) {
  const struct stayd_policy* policy;

  request->flags = 0;
  __builtin_memset(&request->subject, 0, sizeof(request->subject));
  if (!current_subject(&request->subject)) {
    *result = pass_unless_abandoned(&request->subject, may_wait);
    return NULL;
  }
  __builtin_memset(request, 0, offsetof(struct request, flags));
  policy = policy_of(request);
  if (!policy) *result = refuse(STAYD_COUNT_denied_policy_missing);
  return policy;
}

/* Returns the hook's result as a constant, because the verifier must see that it is 0 or an error.
 * A policy that only observes denies nothing, whatever the result was. */
static __always_inline int end_request(const struct request* request, int result) {
  switch (result) {
    case 0:
      return 0;
    case -ERESTARTSYS:
      return -ERESTARTSYS;
    case -EINVAL:
      return -EINVAL;
    default:
      return request->flags & STAYD_POLICY_OBSERVE ? 0 : -EPERM;
  }
}

/*
 * Runs a whole hook that judges: if the current task belongs to a workload, judge(request, policy,
 * ...) is called and its result returned. `may_wait` is false for hooks that run under a lock,
 * whose calls cannot be restarted.
 */
#define JUDGE_REQUEST(may_wait, judge, ...)                                         \
  ({                                                                                \
    struct request request;                                                         \
    int result = 0;                                                                 \
    const struct stayd_policy* policy = begin_request(&request, may_wait, &result); \
    if (policy) result = judge(&request, policy, __VA_ARGS__);                      \
    end_request(&request, result);                                                  \
  })
#define JUDGE(judge, ...) JUDGE_REQUEST(true, judge, __VA_ARGS__)
#define JUDGE_UNDER_LOCK(judge, ...) JUDGE_REQUEST(false, judge, __VA_ARGS__)

/* Reports what would have been done. Nothing is held or denied. */
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

/* Carries out request->verdict. `look_twice` says that the operation may turn out to be another
 * one; see PROBED. This is a function of its own, with everything that may follow in it, because
 * the stack allows no more. */
GLOBAL_SUBPROG int enforce(struct request* request, __u32 look_twice) {
  bool observing, holds;
  int result;

  if (!request) return -EPERM;
  observing = request->flags & STAYD_POLICY_OBSERVE;
  holds = request->deferred || (request->verdict == STAYD_VERDICT_HOLD && !observing);
  result = look_twice ? probe(request) : 0;
  if (result) return result;
  if (request->subject.waits && !holds)
    end_wait(request->object.operation, request->object.device, request->object.inode);
  if (observing && !holds) return observe(request);
  if (holds) {
    /* An operation that is only observed restarts until the gatekeeper has answered, and then
     * proceeds. */
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
