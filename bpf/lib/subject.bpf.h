/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Finds the workload of a task. The tag in task storage decides, because moving to another cgroup
 * does not change it. Cheaper checks come first, since every process on the host pays for them: is
 * any workload assigned, and could this cgroup be tagged?
 */
#pragma once

#include "maps.bpf.h"

enum { NS_PER_TICK = 10000000 }; /* USER_HZ is 100 */

struct subject {
  struct stayd_workload_id id;
  __u32 policy;
  __u8 unresolved; /* the task or its cgroup has a tag, but of no workload that exists */
  __u8 waits;      /* see struct stayd_tag */
  __u8 undecided;  /* the cgroup may yet become a workload's */
  __u8 reserved;
};

static __always_inline __u64 cgroup_id_of(struct task_struct* task) {
  return task->cgroups->dfl_cgrp->kn->id;
}

static __always_inline bool maybe_tagged(__u64 cgroup_id) {
  return cgroup_hints[STAYD_HINT_WORD(cgroup_id, STAYD_CGROUP_HINT_WORDS)] >>
             STAYD_HINT_SHIFT(cgroup_id) &
         1;
}

static __always_inline void hint_cgroup(__u64 cgroup_id) {
  __sync_fetch_and_or(&cgroup_hints[STAYD_HINT_WORD(cgroup_id, STAYD_CGROUP_HINT_WORDS)],
                      1ull << STAYD_HINT_SHIFT(cgroup_id));
}

/* Stores what was found for a tagged cgroup; false: nothing was. If the entry was replaced while it
 * was read, the agent is said to have not decided yet, so that the call starts over and looks
 * again. */
static __always_inline bool read_workload(__u64 cgroup, struct stayd_tagged_cgroup* found,
                                          struct stayd_workload_id* id) {
  __u64 read;

  if (!found) return false;
  read = *(volatile __u64*)&found->workload;
  __builtin_memcpy(id, &read, sizeof(*id));
  if (*(volatile __u64*)&found->cgroup == cgroup) return true;
  id->slot = STAYD_UNDECIDED;
  id->generation = bpf_ktime_get_boot_ns() >> STAYD_UNDECIDED_SHIFT;
  return true;
}

/* Stores the workload of a cgroup; false: it is not tagged. */
GLOBAL_SUBPROG int workload_of_cgroup(__u64 cgroup, struct stayd_workload_id* id) {
  if (!id || !read_workload(cgroup, bpf_map_lookup_elem(&tagged_cgroups, &cgroup), id))
    return false;
  if (id->slot != STAYD_UNDECIDED) return true;
  /* The entry may have been replaced while it was read. Not every caller's call starts over. */
  return read_workload(cgroup, bpf_map_lookup_elem(&tagged_cgroups, &cgroup), id);
}

/* Returns 0, or the error of bpf(2). */
static __always_inline long tag_cgroup(__u64 cgroup, const struct stayd_workload_id* id) {
  struct stayd_tagged_cgroup value = {.cgroup = cgroup, .workload = *id};

  return bpf_map_update_elem(&tagged_cgroups, &cgroup, &value, BPF_ANY);
}

/* Fills in the subject that a tag stands for. Returns false if the tag's workload was released, or
 * if the tag is an earlier user's of the same slot. */
static __always_inline bool resolve(const struct stayd_workload_id* id, struct subject* subject) {
  __u32 slot;
  struct stayd_workload* workload;

  if (!id) return false;
  slot = id->slot;
  workload = bpf_map_lookup_elem(&workloads, &slot);
  if (!workload || !id->generation || workload->generation != id->generation) return false;
  subject->id.slot = slot;
  subject->id.generation = id->generation;
  subject->policy = workload->policy;
  return true;
}

/* Returns true if the task has the tag now. */
static __always_inline bool tag_task(struct task_struct* task, const struct stayd_workload_id* id) {
  struct stayd_tag fresh = {.workload = *id};
  struct stayd_tag* tag =
      bpf_task_storage_get(&subjects, task, &fresh, BPF_LOCAL_STORAGE_GET_F_CREATE);

  if (!tag) return false;
  tag->workload = fresh.workload;
  return true;
}

static __always_inline bool is_agent(struct task_struct* task) {
  return (__u32)task->tgid == agent_tgid &&
         task->group_leader->start_boottime / NS_PER_TICK == agent_start_ticks;
}

/* True if a running agent still has to say which workload the cgroup belongs to. After
 * answer_limit_ns it no longer matters: other processes on this host must not wait for an agent
 * that is stuck. */
static __always_inline bool is_undecided(const struct stayd_workload_id* of_cgroup) {
  __u32 now = bpf_ktime_get_boot_ns() >> STAYD_UNDECIDED_SHIFT;

  return of_cgroup->slot == STAYD_UNDECIDED && agent_alive &&
         /* The difference is signed: another CPU's clock may be ahead. */
         (__s32)(now - of_cgroup->generation) < (__s32)(answer_limit_ns >> STAYD_UNDECIDED_SHIFT);
}

static __always_inline bool resolve_tag(struct stayd_tag* tag, struct subject* subject) {
  if (!tag || !resolve(&tag->workload, subject)) return false;
  subject->waits = tag->waits;
  return true;
}

/* Finds the current task's workload, and tags an untagged task that is in a tagged cgroup. On 6.1 a
 * storage lookup can return nothing because another task on this CPU was preempted inside one; the
 * workload is then found by the cgroup. */
static __always_inline bool current_subject(struct subject* subject) {
  struct task_struct* task;
  struct stayd_tag* tag;
  __u64 cgroup_id;
  bool hinted;

  if (!workloads_assigned) return false;
  task = bpf_get_current_task_btf();
  cgroup_id = cgroup_id_of(task);
  hinted = maybe_tagged(cgroup_id);
  if (!hinted && !strays_exist) return false;

  tag = bpf_task_storage_get(&subjects, task, NULL, 0);
  if (resolve_tag(tag, subject)) return !is_agent(task);
  if (tag) subject->unresolved = 1;
  if (hinted) {
    struct stayd_workload_id of_cgroup = {};
    const bool is_tagged = workload_of_cgroup(cgroup_id, &of_cgroup);
    if (is_tagged && resolve(&of_cgroup, subject)) {
      if (is_agent(task)) return false;
      tag_task(task, &subject->id);
      subject->unresolved = 0; /* one state less for the verifier to go on with */
      return true;
    }
    if (is_tagged) subject->unresolved = 1;
    subject->undecided = is_tagged && is_undecided(&of_cgroup) && !is_agent(task);
  }
  if (!strays_exist) return false;
  /* This thread may have been in a tagged cgroup without reaching any hook there. */
  tag = bpf_task_storage_get(&subjects, task->group_leader, NULL, 0);
  if (!tag) return false;
  if (!resolve(&tag->workload, subject)) {
    subject->unresolved = 1;
    return false;
  }
  if (is_agent(task)) return false;
  tag_task(task, &subject->id);
  subject->unresolved = 0;
  subject->undecided = 0;
  return true;
}

/* True if the tag stands for a workload that has ended, or has found no slot yet, and that nobody
 * has released. */
static __always_inline bool is_closed(const struct stayd_workload_id* id) {
  __u32 generation;

  if (!id || !id->generation || id->slot == STAYD_UNDECIDED) return false;
  generation = id->generation;
  return !bpf_map_lookup_elem(&released_generations, &generation);
}

/* Returns true if a task for which current_subject() found only unresolved tags is refused
 * everything, because its workload has ended without it or has found no slot. Stores the tag. */
GLOBAL_SUBPROG int find_closed(struct subject* subject) {
  struct task_struct* task = bpf_get_current_task_btf();
  __u64 cgroup_id = cgroup_id_of(task);
  struct stayd_workload_id of_cgroup = {};
  struct stayd_workload_id* found;
  struct stayd_tag* tag;

  if (!subject || is_agent(task)) return false;
  tag = bpf_task_storage_get(&subjects, task, NULL, 0);
  found = tag ? &tag->workload : NULL;
  if (!is_closed(found) && workload_of_cgroup(cgroup_id, &of_cgroup)) found = &of_cgroup;
  if (!is_closed(found)) {
    tag = bpf_task_storage_get(&subjects, task->group_leader, NULL, 0);
    found = tag ? &tag->workload : NULL;
  }
  if (!is_closed(found)) return false;
  subject->id = *found;
  return true;
}
