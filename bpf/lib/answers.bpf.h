/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Looks up what a waiting thread is told when its restarted call reaches the hook again: the answer
 * in `answers` or, without one, whether it may wait longer.
 */
#pragma once

#include "notices.bpf.h"
#include "slots.bpf.h"

static __always_inline void forget_answer(__u64 hold_id) {
  bpf_map_delete_elem(&answers, &hold_id);
}

/* True until the deadline that a planned restart sets for the next agent. Held threads keep
 * restarting their system calls until then, which costs CPU time. */
static __always_inline bool is_restarting(__u64 now) { return now < restart_until_ns; }

/* True if no agent is running and the policy says on_agent_loss: allow, which is counted. A table
 * verdict of deny still stands, even where a content rule could have allowed it. */
static __always_inline bool goes_on_alone(const struct request* request, __u64 now) {
  if (agent_alive || is_restarting(now)) return false;
  if (!(request->flags & STAYD_POLICY_ALLOW_ON_LOSS)) return false;
  if (request->verdict == STAYD_VERDICT_DENY) return false;
  count(STAYD_COUNT_allowed_on_agent_loss);
  return true;
}

/* Stores the entry that was found for the hold, and returns its state; 0 if there is none, or if
 * its memory has become another hold's in between. The caller's call then starts over and looks
 * again. An answer that allows is written once, so the word cannot become another's and be this
 * one's again. */
static __always_inline __u32 read_answer(__u64 hold_id, const struct stayd_answer* found,
                                         struct stayd_answer* answer) {
  if (!found) return 0;
  answer->word = *(const volatile __u64*)&found->word;
  answer->expires_ns = *(const volatile __u64*)&found->expires_ns;
  answer->labels = *(const volatile __u64*)&found->labels;
  answer->session = *(const volatile __u32*)&found->session;
  if (*(const volatile __u64*)&found->word != answer->word) return 0;
  if (STAYD_ANSWER_HOLD(answer->word) != hold_id) return 0;
  return STAYD_ANSWER_STATE(answer->word);
}

/* Returns the state of the hold's answer; 0: there is none. The memory may become another hold's
 * while it is read, if the answer is replaced: it is looked up once more then. */
static __always_inline __u32 state_of_answer(__u64 hold_id) {
  for (int i = 0; i < 2; i++) {
    struct stayd_answer* found = bpf_map_lookup_elem(&answers, &hold_id);
    __u64 word = found ? *(volatile __u64*)&found->word : 0;

    if (!found) return 0;
    if (STAYD_ANSWER_HOLD(word) == hold_id) return STAYD_ANSWER_STATE(word);
  }
  return 0;
}

enum { WAIT = 1, AGAIN = 2, PENDING = 3 };

/* Returns 0 (the operation is allowed), WAIT, AGAIN (judge it by the new tables), PENDING (the
 * thread goes on, and its connection waits), or the counted refusal. Anything but WAIT ends the
 * thread's hold. Adds the labels that only the agent knew. */
GLOBAL_SUBPROG int consult(struct request* request, struct slot* slot, __u64 now) {
  struct stayd_answer answer = {};
  __u64 hold_id, since;
  __u32 state;

  if (!request || !slot) return -EPERM;
  hold_id = slot->hold_id;
  state = read_answer(hold_id, bpf_map_lookup_elem(&answers, &hold_id), &answer);
  if (state == STAYD_ANSWER_ALLOW) {
    if (answer.expires_ns && now >= answer.expires_ns) {
      report_hold(STAYD_EVENT_GONE, hold_id, bpf_get_current_task_btf());
      return refuse(STAYD_COUNT_denied_expired);
    }
    count(STAYD_COUNT_allowed_by_decision);
    request->node.labels |= answer.labels;
    return 0;
  }
  if (state == STAYD_ANSWER_DENY) return refuse(STAYD_COUNT_denied_by_decision);
  if (state == STAYD_ANSWER_AGAIN) {
    count(STAYD_COUNT_judged_again);
    return AGAIN;
  }
  if (state == STAYD_ANSWER_PEND) {
    if (request->may_pend) return PENDING;
    report_hold(STAYD_EVENT_GONE, hold_id, bpf_get_current_task_btf());
    return refuse(STAYD_COUNT_denied_cannot_wait);
  }
  /* The thread was parked and runs again: the agent resumed it for a signal, or died. */
  if (state && answer.session != slot->session) {
    slot->session = answer.session;
    slot->since_ns = now;
    if (state == STAYD_ANSWER_AWAY) report_resumed(hold_id);
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
