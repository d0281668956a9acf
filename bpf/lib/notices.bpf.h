/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reports small events, about holds and tables. The loss of one is only counted, because the agent
 * can find out in another way.
 */
#pragma once

#include "request.bpf.h"

/* Reserves an event and fills in its header. The result is NULL, and the loss is counted, if the
 * ring is full. */
#define RESERVE_EVENT(type, event_kind)                                         \
  ({                                                                            \
    struct type* reserved = bpf_ringbuf_reserve(&events, sizeof(*reserved), 0); \
    if (reserved) {                                                             \
      struct stayd_event_header* header = (struct stayd_event_header*)reserved; \
      header->time_ns = bpf_ktime_get_boot_ns();                                \
      header->kind = event_kind;                                                \
      header->size = sizeof(*reserved);                                         \
    } else {                                                                    \
      count(STAYD_COUNT_events_lost);                                           \
    }                                                                           \
    reserved;                                                                   \
  })

static __always_inline void report_hold(__u32 kind, __u64 hold_id, struct task_struct* task) {
  struct stayd_hold_event* event = RESERVE_EVENT(stayd_hold_event, kind);

  if (!event) return;
  event->hold_id = hold_id;
  event->tgid = task->tgid;
  event->tid = task->pid;
  event->slot = 0;
  event->syscall = 0;
  event->flags = 0;
  event->reserved = 0;
  bpf_ringbuf_submit(event, 0);
}

/* Reports that the current thread is back at its hold. An agent that does not know the hold yet
 * learns here what it needs to park the thread. */
static __always_inline void report_resumed(__u64 hold_id, const struct request* request) {
  struct task_struct* task = bpf_get_current_task_btf();
  struct stayd_hold_event* event = RESERVE_EVENT(stayd_hold_event, STAYD_EVENT_RESUMED);
  struct stayd_workload_id* tag;

  if (!event) return;
  tag = bpf_task_storage_get(&subjects, task, NULL, 0);
  event->hold_id = hold_id;
  event->tgid = task->tgid;
  event->tid = task->pid;
  event->slot = tag ? tag->slot : 0;
  event->syscall = (__s32)current_registers()->orig_ax;
  event->flags = STAYD_EVENT_IN_PLACE * (request->more == MORE_IN_PLACE);
  event->reserved = 0;
  bpf_ringbuf_submit(event, 0);
}

static __always_inline void report_entry(__u32 policy, __u64 inode, __u32 device) {
  struct stayd_entry_event* event = RESERVE_EVENT(stayd_entry_event, STAYD_EVENT_ENTRY);

  if (!event) return;
  event->inode = inode;
  event->device = device;
  event->policy = policy;
  bpf_ringbuf_submit(event, 0);
}
