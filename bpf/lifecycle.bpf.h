/* SPDX-License-Identifier: GPL-2.0 */
/* Spreads tags and ends holds when tasks fork, exit and get signals, and when cgroups are created,
 * removed and changed. */
#pragma once

#include "lib/enforce.bpf.h"

static __always_inline void mark_stray(void) {
  strays_exist = 1;
  count(STAYD_COUNT_strays);
}

/* Gives a new task its parent's tag. This hook is the only thing that every way of creating a task
 * has in common, CLONE_INTO_CGROUP and io_uring's threads included. If the child cannot be tagged,
 * it is not created. */
static __always_inline int inherit(struct task_struct* child, unsigned long clone_flags) {
  struct subject subject = {};

  if (!current_subject(&subject) && !(subject.unresolved && find_closed(&subject))) return 0;
  if (!tag_task(child, &subject.id)) {
    count(STAYD_COUNT_untagged_forks);
    return -EAGAIN;
  }
  if (clone_flags & CLONE_INTO_CGROUP) mark_stray();
  return 0;
}

static __always_inline bool is_version_2(struct cgroup* cgroup) {
  return cgroup->root->hierarchy_id == 0;
}

/* Reports that a cgroup was created, or that it got an xattr which may put it under a policy. */
static __always_inline void report_cgroup(void) {
  struct stayd_event_header* event;

  event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
  if (!event) {
    count(STAYD_COUNT_events_lost);
    return;
  }
  event->time_ns = bpf_ktime_get_boot_ns();
  event->kind = STAYD_EVENT_CGROUP;
  event->size = sizeof(*event);
  bpf_ringbuf_submit(event, 0);
}

static __always_inline void report_cgroup_gone(const struct stayd_workload_id* workload) {
  struct stayd_cgroup_event* event = RESERVE_EVENT(stayd_cgroup_event, STAYD_EVENT_CGROUP_GONE);

  if (!event) return;
  event->workload = *workload;
  bpf_ringbuf_submit(event, 0);
}

static __always_inline void report_new_cgroup(void) {
  if (report_cgroups) report_cgroup();
}

/* Marks a cgroup as undecided until the agent has looked at it. A cgroup that belongs to a workload
 * stays as it is. */
static __always_inline void mark_undecided(__u64 cgroup) {
  struct stayd_workload_id id = {.slot = STAYD_UNDECIDED};
  struct stayd_workload_id known = {};

  if (!report_cgroups) return;
  if (workload_of_cgroup(cgroup, &known) && known.slot != STAYD_UNDECIDED) return;
  id.generation = bpf_ktime_get_boot_ns() >> STAYD_UNDECIDED_SHIFT;
  if (tag_cgroup(cgroup, &id)) {
    count(STAYD_COUNT_cgroups_full);
    return;
  }
  hint_cgroup(cgroup);
}

static __always_inline void tag_child_cgroup(struct cgroup* cgroup) {
  struct stayd_workload_id of_parent = {};
  __u64 child, parent;

  if (!workloads_assigned || !is_version_2(cgroup)) return;
  child = cgroup->kn->id;
  parent = cgroup->self.parent->cgroup->kn->id;
  if (!workload_of_cgroup(parent, &of_parent) || of_parent.slot == STAYD_UNDECIDED)
    return mark_undecided(child);
  /* The map is full. The tasks that enter this cgroup come from tagged ones and keep their tags. */
  if (tag_cgroup(child, &of_parent)) {
    count(STAYD_COUNT_cgroups_full);
    strays_exist = 1;
    return;
  }
  hint_cgroup(child);
}

/* Removes a cgroup's tag. A workload ends with its last cgroup, so the agent is told to look. */
static __always_inline void forget_cgroup(struct cgroup* cgroup) {
  struct stayd_workload_id of_cgroup = {};
  bool was_workload;
  __u64 id;

  if (!workloads_assigned || !is_version_2(cgroup)) return;
  id = cgroup->kn->id;
  was_workload = workload_of_cgroup(id, &of_cgroup) && of_cgroup.slot != STAYD_UNDECIDED;
  bpf_map_delete_elem(&tagged_cgroups, &id);
  if (was_workload) report_cgroup_gone(&of_cgroup);
}

/* Tags a task that moves into a workload's cgroup, and notes a tagged one that moves out. Runs only
 * for the leader when a whole process moves; its other threads are found at their next hook,
 * through the cgroup or the leader's tag. */
static __always_inline void follow_move(struct cgroup* destination, struct task_struct* task) {
  struct stayd_tag fresh = {};
  __u64 cgroup;

  if (!workloads_assigned || !is_version_2(destination)) return;
  cgroup = destination->kn->id;
  if (workload_of_cgroup(cgroup, &fresh.workload) && fresh.workload.slot != STAYD_UNDECIDED) {
    bpf_task_storage_get(&subjects, task, &fresh, BPF_LOCAL_STORAGE_GET_F_CREATE);
    return;
  }
  if (bpf_task_storage_get(&subjects, task, NULL, 0)) mark_stray();
}

/* Tags a task that was in its cgroup before the cgroup was assigned. Runs for every task on the
 * host. */
static __always_inline void tag_existing(struct task_struct* task) {
  struct stayd_workload_id id = {};

  if (!workload_of_cgroup(cgroup_id_of(task), &id) || id.slot == STAYD_UNDECIDED) return;
  tag_task(task, &id);
}

static __always_inline void end_holds(struct task_struct* task) {
  struct thread_holds* all;

  if (!workloads_assigned) return;
  if (task->pid == task->tgid && is_agent(task)) agent_alive = 0;
  all = bpf_task_storage_get(&holds, task, NULL, 0);
  if (!all) return;
  for (int i = 0; i < STAYD_HOLDS_PER_CALL; i++) {
    struct slot* slot = &all->slots[i];
    __u64 hold_id = slot->hold_id;
    if (slot->state != WAITING) continue;
    slot->state = FREE;
    bpf_map_delete_elem(&answers, &hold_id);
    report_hold(STAYD_EVENT_GONE, hold_id, task);
  }
}

/* Reports a signal for a process with parked threads, which the agent then resumes to handle it.
 * The pair of signals that makes a call restart is not reported. */
static __always_inline void wake_parked(int signal, struct kernel_siginfo* info,
                                        struct task_struct* task, int group) {
  __u32 tgid = task->tgid;
  struct stayd_signal_event* event;

  if (!workloads_assigned) return;
  if ((signal == SIGSTOP || signal == SIGCONT) && (unsigned long)info == SEND_SIG_PRIV) return;
  if (!bpf_map_lookup_elem(&parked_processes, &tgid)) return;
  event = RESERVE_EVENT(stayd_signal_event, STAYD_EVENT_SIGNAL);
  if (!event) return;
  event->tgid = tgid;
  event->tid = task->pid;
  event->signal = signal;
  event->group = group ? 1 : 0;
  bpf_ringbuf_submit(event, 0);
}

/* Ends the holds of a system call that fails with EINTR because of the signal that is about to be
 * delivered; if the call restarts instead, its holds stay. See arch/x86/kernel/signal.c,
 * handle_signal(). */
static __always_inline void meet_signal(struct k_sigaction* action) {
  struct task_struct* task = bpf_get_current_task_btf();
  struct thread_holds* all;
  struct pt_regs* regs;
  __u64 handler, call;
  bool ends;
  long result;

  if (!workloads_assigned) return;
  all = bpf_task_storage_get(&holds, task, NULL, 0);
  if (!all) return;
  regs = current_registers();
  result = regs->ax;
  if ((long)regs->orig_ax < 0) return; /* not in a system call */
  if (result != -ERESTARTSYS && result != -ERESTARTNOINTR && result != -ERESTARTNOHAND) return;
  handler = (__u64)action->sa.sa_handler;
  ends = handler > 1 /* neither SIG_DFL nor SIG_IGN */ &&
         (result == -ERESTARTNOHAND ||
          (result == -ERESTARTSYS && !(action->sa.sa_flags & SA_RESTART)));
  call = call_identity(regs);
  if (!ends) {
    revive_spent(all, call);
    return;
  }
  for (int i = 0; i < STAYD_HOLDS_PER_CALL; i++) {
    struct slot* slot = &all->slots[i];
    __u64 hold_id = slot->hold_id;
    if (slot->call != call) continue;
    if (slot->state == WAITING) {
      bpf_map_delete_elem(&answers, &hold_id);
      report_hold(STAYD_EVENT_GONE, hold_id, task);
    }
    slot->state = FREE;
  }
}
