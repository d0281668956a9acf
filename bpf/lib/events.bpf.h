/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reports operations in events. An event is the only way in which a person learns of an operation,
 * so if the ring is full, what would have been held is denied.
 */
#pragma once

#include "argv.bpf.h"
#include "paths.bpf.h"
#include "slots.bpf.h"

struct file_event {
  struct stayd_operation_event operation;
  struct path_buffer path;
};

struct exec_event {
  struct stayd_operation_event operation;
  struct path_buffer path;
  union {
    struct argv_buffer argv;
    struct path_buffer target_path;
  };
  struct stayd_node target;
  struct stayd_arguments arguments;
};

/* Keeps the result of the walk from the new name of a rename or link while the old name is looked
 * at, because the stack has no room for it. */
struct {
  __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, struct stayd_node);
} rename_targets SEC(".maps");

GLOBAL_SUBPROG int remember_target(const struct stayd_node* node) {
  struct stayd_node* target = bpf_task_storage_get(&rename_targets, bpf_get_current_task_btf(),
                                                   NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);

  if (!node || !target) return false;
  *target = *node;
  return true;
}

static __always_inline void recall_target(struct stayd_node* into) {
  struct stayd_node* target =
      bpf_task_storage_get(&rename_targets, bpf_get_current_task_btf(), NULL, 0);
  struct stayd_node nothing = {};

  *into = target ? *target : nothing;
}

GLOBAL_SUBPROG int recall_arguments(struct stayd_arguments* into) {
  struct thread_holds* all = thread_holds();
  struct stayd_arguments nothing = {};

  if (!into) return 0;
  *into = all ? all->arguments : nothing;
  return 0;
}

static __always_inline void fill_operation(struct stayd_operation_event* event,
                                           const struct request* request, const struct call* call,
                                           __u32 disposition, __u64 hold_id, __u32 size) {
  struct task_struct* task = bpf_get_current_task_btf();
  struct dentry* dentry = (struct dentry*)request->dentry; /* NULL: the read gives 0 */
  __u64 ids = bpf_get_current_uid_gid();

  event->header.time_ns = bpf_ktime_get_boot_ns();
  event->header.kind = STAYD_EVENT_OPERATION;
  event->header.size = size;
  event->hold_id = hold_id;
  event->generation = request->generation;
  event->failure = request->failure;
  event->place = BPF_CORE_READ(dentry, d_name.hash);
  event->cgroup_id = cgroup_id_of(task);
  event->start_time_ns = task->start_boottime;
  event->process_start_ns = task->group_leader->start_boottime;
  event->object = request->object;
  event->workload = request->subject.id;
  event->tgid = task->tgid;
  event->tid = task->pid;
  event->parent_tgid = task->real_parent->tgid;
  event->uid = (__u32)ids;
  event->gid = ids >> 32;
  event->login_uid = task->loginuid.val;
  event->syscall = call->number;
  event->disposition = disposition;
  event->policy = request->subject.policy;
  event->rule = request->rule;
  /* There are no branches here, because each would double the verifier's states. */
  event->flags =
      STAYD_EVENT_COMPAT * call->compat | STAYD_EVENT_INCOMPLETE * request->deferred |
      STAYD_EVENT_LINK * (request->more == MORE_LINK) |
      STAYD_EVENT_MAY_PEND * (request->object.operation == STAYD_OP_CONNECT) * request->may_pend;
  event->open_flags = request->open_flags;
  event->path_size = 0;
  event->argv_size = 0;
  event->magic = request->magic;
  event->verdict = request->verdict;
  event->node = request->node;
  bpf_get_current_comm(event->comm, sizeof(event->comm));
}

/* Returns true if the event is in the ring. */
GLOBAL_SUBPROG int report(const struct request* request, __u32 disposition, __u64 hold_id) {
  struct call call = {};

  if (!request) return false;
  current_call(request->object.operation, &call);
  if (request->more) {
    struct exec_event* event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
    if (!event) return false;
    fill_operation(&event->operation, request, &call, disposition, hold_id, sizeof(*event));
    event->operation.path_size = fill_path(&event->operation, &event->path, &request->dentry);
    recall_target(&event->target);
    recall_arguments(&event->arguments);
    if (request->more != MORE_ARGUMENTS)
      event->operation.argv_size =
          fill_path(&event->operation, &event->target_path, &request->target);
    else
      fill_argv(&event->operation, &event->argv, &call);
    bpf_ringbuf_submit(event, 0);
    return true;
  }
  if (request->dentry || request->object.operation == STAYD_OP_UNIX) {
    struct file_event* event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
    if (!event) return false;
    fill_operation(&event->operation, request, &call, disposition, hold_id, sizeof(*event));
    if (request->dentry)
      event->operation.path_size = fill_path(&event->operation, &event->path, &request->dentry);
    else
      fill_abstract(&event->operation, &event->path, request->abstract);
    bpf_ringbuf_submit(event, 0);
    return true;
  }
  struct stayd_operation_event* event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
  if (!event) return false;
  fill_operation(event, request, &call, disposition, hold_id, sizeof(*event));
  bpf_ringbuf_submit(event, 0);
  return true;
}

/* Returns true if the object has been reported already; see STAYD_POLICY_ONCE. */
GLOBAL_SUBPROG int seen_before(const struct request* request) {
  struct stayd_grant_key key = {};
  __u64 now = bpf_ktime_get_boot_ns();

  if (!request) return false;
  key.object = request->object;
  key.workload = request->subject.id;
  return bpf_map_update_elem(&reported, &key, &now, BPF_NOEXIST) == -EEXIST;
}

/* Reports an operation that nobody waits for. If the ring is full, that is counted and nothing is
 * refused. */
static __always_inline void report_or_count(const struct request* request, __u32 disposition) {
  if (request->flags & STAYD_POLICY_ONCE && seen_before(request)) return;
  if (!report(request, disposition, 0)) count(STAYD_COUNT_events_lost);
}
