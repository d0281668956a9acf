/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Records the labels that a workload has read, which make its later operations stricter (struct
 * stayd_flow), and the latest labelled files, which are shown to people.
 */
#pragma once

#include "notices.bpf.h"
#include "paths.bpf.h"

static __always_inline void count_file(__u32 slot, __u64 labels) {
  struct stayd_label_files* counts = bpf_map_lookup_elem(&label_files, &slot);

  if (!counts) return;
  for (int bit = 0; bit < STAYD_LABELS; bit++)
    if (labels >> bit & 1) __sync_fetch_and_add(&counts->files[bit], 1);
}

/* Counts the file for flows and lists it for people, once for each workload. The list leaves it out
 * if another processor is still writing the same entry, for the file STAYD_FILES_READ files
 * earlier. */
GLOBAL_SUBPROG int note_read(const struct request* request) {
  struct noted_file file = {};
  struct stayd_files_read* files;
  struct stayd_file_read* entry;
  __u8 noted = 1;
  __u64 number;
  __u32 slot;

  if (!request) return 0;
  file.workload = request->subject.id;
  file.inode = request->object.inode;
  file.device = request->object.device;
  file.inode_generation = request->object.inode_generation;
  if (bpf_map_lookup_elem(&noted_files, &file)) return 0;
  if (bpf_map_update_elem(&noted_files, &file, &noted, BPF_NOEXIST) == -EEXIST) return 0;
  slot = request->subject.id.slot;
  count_file(slot, request->node.labels);
  files = bpf_map_lookup_elem(&files_read, &slot);
  if (!files) return 0;
  number = __sync_fetch_and_add(&files->count, 1);
  entry = &files->latest[number & (STAYD_FILES_READ - 1)];
  if (__sync_val_compare_and_swap(&entry->busy, 0, 1)) return 0;
  entry->path_flags = 0;
  entry->path_size =
      read_path(entry->path, STAYD_READ_PATH_SIZE, request->dentry, &entry->path_flags);
  entry->device = file.device;
  entry->serial = number + 1;
  __sync_lock_test_and_set(&entry->busy, 0);
  return 0;
}

static __always_inline void report_labels_read(const struct request* request, __u64 labels) {
  struct stayd_labels_read_event* event =
      RESERVE_EVENT(stayd_labels_read_event, STAYD_EVENT_LABELS_READ);
  struct task_struct* task = bpf_get_current_task_btf();

  if (!event) return;
  event->workload = request->subject.id;
  event->labels = labels;
  event->tgid = task->tgid;
  event->tid = task->pid;
  bpf_ringbuf_submit(event, 0);
}

/* Notes that the file to which the request's labels belong is about to be read. */
static __always_inline void note_labels_read(struct request* request, __u64 dentry) {
  __u32 slot = request->subject.id.slot;
  __u64* labels;
  __u64 added;

  if (!request->node.labels) return;
  request->dentry = dentry;
  note_read(request);
  labels = bpf_map_lookup_elem(&labels_read, &slot);
  if (!labels) return;
  added = request->node.labels & ~*labels;
  if (!added) return;
  __sync_fetch_and_or(labels, added);
  report_labels_read(request, added);
}
