/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/* These structures record where a workload's data went and came from, to be shown to people.
 * Nothing is judged by them. */
#pragma once

#include "stayd/limits.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"

enum {
  STAYD_SENT_FREE = 0,
  STAYD_SENT_CLAIMED = 1, /* one processor is filling it in */
  STAYD_SENT_KNOWN = 2,   /* only `bytes` still changes; the same destination may be there twice */
};

struct stayd_sent_to {
  __u8 address[16]; /* as it left the workload's network stack: after its own address translation */
  __u16 port;       /* 0 unless TCP or UDP */
  __u16 protocol;
  __u32 state; /* STAYD_SENT_* */
  __u64 bytes;
};
STAYD_ASSERT_SIZE(stayd_sent_to, 32);

/* The payload that a workload's sockets have sent since it was assigned: the bytes after the TCP or
 * UDP header, or after the IP header of anything else. TCP's retransmissions count again. */
struct stayd_sent {
  __u64 bytes;
  struct stayd_sent_to to[STAYD_DESTINATIONS];
};
STAYD_ASSERT_SIZE(stayd_sent, 8 + 32 * STAYD_DESTINATIONS);

struct stayd_file_read {
  __u64 serial;     /* the file's number among those of the workload; 0: none */
  __u32 busy;       /* 1: being written */
  __u32 device;     /* the kernel's s_dev */
  __u32 path_size;  /* bytes used, laid out as in stayd_operation_event */
  __u32 path_flags; /* STAYD_EVENT_PATH_TRUNCATED */
  char path[STAYD_READ_PATH_SIZE];
};
STAYD_ASSERT_SIZE(stayd_file_read, 24 + STAYD_READ_PATH_SIZE);

/* Labelled files that a workload has read from since it was assigned. Each is listed once, unless
 * it was forgotten because the workload has read so many others since. */
struct stayd_files_read {
  __u64 count;
  struct stayd_file_read latest[STAYD_FILES_READ]; /* by serial, modulo */
};
STAYD_ASSERT_SIZE(stayd_files_read, 8 + (24 + STAYD_READ_PATH_SIZE) * STAYD_FILES_READ);

/* The numbers of files that a workload has read since it was assigned, by the label's bit. A file
 * that was forgotten, as above, counts again. */
struct stayd_label_files {
  __u32 files[STAYD_LABELS];
};
STAYD_ASSERT_SIZE(stayd_label_files, 4 * STAYD_LABELS);

#pragma GCC diagnostic pop
