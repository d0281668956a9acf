/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/* Events of the ring buffer. The reader checks `size` against the kind before it believes anything
 * else. */
#pragma once

#include "stayd/limits.h"
#include "stayd/objects.h"
#include "stayd/tables.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"

enum {
  STAYD_EVENT_OPERATION = 1,    /* stayd_operation_event, then path and arguments */
  STAYD_EVENT_RESUMED = 2,      /* stayd_hold_event: an AWAY thread is back at its hold */
  STAYD_EVENT_GONE = 3,         /* stayd_hold_event: the system call ended without a decision */
  STAYD_EVENT_SIGNAL = 4,       /* stayd_signal_event: for a process with parked threads */
  STAYD_EVENT_CGROUP = 5,       /* stayd_event_header: a cgroup was made; see report_cgroups */
  STAYD_EVENT_SUPERSEDED = 6,   /* stayd_hold_event: the call came back with another object */
  STAYD_EVENT_DNS = 7,          /* stayd_dns_event, then payload */
  STAYD_EVENT_LABELS_READ = 8,  /* stayd_labels_read_event */
  STAYD_EVENT_ENTRY = 9,        /* stayd_entry_event: a watched name stands for an unknown inode */
  STAYD_EVENT_KILLED = 10,      /* stayd_hold_event: the arguments that ran are not those judged */
  STAYD_EVENT_CGROUP_GONE = 11, /* stayd_cgroup_event: a cgroup of a workload was removed */
  STAYD_EVENT_TRIED = 12, /* stayd_hold_event: a pending connection that is over is tried again */
};

struct stayd_event_header {
  __u64 time_ns; /* CLOCK_BOOTTIME */
  __u32 kind;
  __u32 size; /* of the whole event, header included */
};
STAYD_ASSERT_SIZE(stayd_event_header, 16);

/* The disposition says what the kernel side did with the operation. */
enum {
  STAYD_DISPOSITION_HELD = 1,
  STAYD_DISPOSITION_CANNOT_WAIT = 2, /* its entry point cannot be restarted: denied */
  STAYD_DISPOSITION_DENIED = 3,      /* the policy says deny */
  STAYD_DISPOSITION_AUDITED = 4,     /* the policy says audit: it was allowed */
  STAYD_DISPOSITION_DEFERRED = 5,    /* waits for the gatekeeper to complete the verdict */
  STAYD_DISPOSITION_WOULD_HOLD = 6,  /* observed: it was allowed */
  STAYD_DISPOSITION_WOULD_DENY = 7,  /* observed: it was allowed */
  STAYD_DISPOSITION_END,
};

enum {
  STAYD_EVENT_ARGV_TRUNCATED = 1 << 0,
  STAYD_EVENT_ARGV_UNREADABLE = 1 << 1,
  STAYD_EVENT_COMPAT = 1 << 2,         /* 32-bit system call */
  STAYD_EVENT_PATH_TRUNCATED = 1 << 3, /* the components nearest the root are missing */
  STAYD_EVENT_ABSTRACT = 1 << 4,       /* unix: the path is a name in the abstract namespace */
  STAYD_EVENT_INCOMPLETE = 1 << 5,     /* the tables did not decide it all; as if DEFERRED */
  STAYD_EVENT_LINK = 1 << 6,           /* create: by a hard link; laid out like a rename */
  STAYD_EVENT_MAY_PEND = 1 << 7,       /* connect: STAYD_ANSWER_PEND is possible */
};

struct stayd_operation_event {
  struct stayd_event_header header;
  __u64 hold_id;    /* 0 unless HELD or DEFERRED */
  __u64 generation; /* DEFERRED: of the file's walk, for stayd_judged */
  __u64 cgroup_id;
  __u64 start_time_ns;    /* of the thread, CLOCK_BOOTTIME: tells a reused tid */
  __u64 process_start_ns; /* of the process, likewise */
  struct stayd_object object;
  struct stayd_workload_id workload;
  __u32 tgid;
  __u32 tid;
  __u32 parent_tgid;
  __u32 uid;
  __u32 gid;
  __u32 login_uid; /* 4294967295: none */
  __s32 syscall;
  __u32 disposition;
  __u32 policy;
  __u32 rule;       /* 0: the policy's default */
  __u32 flags;      /* STAYD_EVENT_* */
  __u32 open_flags; /* open: O_*; create: mode; send: MSG_*; exec: a bit per STAYD_ORIGIN_*;
                       rename: 1 if something has the new name already */
  __u32
      path_size; /* bytes used: names from the object to its file system's root, each with a NUL */
  __u32 argv_size; /* bytes used; each argument ends in NUL */
  __u32 magic;     /* of the object's file system */
  __u32 verdict;   /* of the tables; DEFERRED: without what is deferred */
  __u32 failure;   /* STAYD_COUNT_*: why it could not be judged and was denied; 0: it was judged */
  __u32 place;     /* DEFERRED: for stayd_judged_key */
  struct stayd_node node; /* DEFERRED, of a file: the whole result of the walk */
  char comm[16];
  /* char path[STAYD_PATH_SIZE]: open, create, delete, rename, exec, unix; a link: the old name
   * char argv[STAYD_ARGV_SIZE]: exec; rename, link: the new name, like the path
   * struct stayd_node target: exec, rename, link: the result of the walk from the new name
   * struct stayd_arguments arguments: exec, rename, link; of an exec that was hashed */
};
STAYD_ASSERT_SIZE(stayd_operation_event, 16 + 40 + 56 + 8 + 72 + 40 + 16);

/* All arguments of an execve, as they were judged. */
struct stayd_arguments {
  __u64 first; /* SipHash of the name that the caller gives the program */
  __u64 rest;  /* SipHash of the others */
  __u64 id;    /* of their pieces in argument_pieces; 0: none were sent */
  __u32 count;
  __u32 size; /* bytes, the NUL after each included */
};
STAYD_ASSERT_SIZE(stayd_arguments, 32);

/* One record of the ring argument_pieces: the bytes that were hashed, in the same order and by the
 * same read. An argument ends with its NUL. Where the ring was full, the rest is missing. */
struct stayd_argument_piece {
  __u64 id;
  char bytes[STAYD_PIECE_SIZE]; /* as many as the record has */
};
STAYD_ASSERT_SIZE(stayd_argument_piece, 8 + STAYD_PIECE_SIZE);

struct stayd_hold_event {
  struct stayd_event_header header;
  __u64 hold_id;
  __u32 tgid;
  __u32 tid;
  __u32 slot;    /* RESUMED: of the workload */
  __s32 syscall; /* RESUMED: its number in the caller's ABI */
};
STAYD_ASSERT_SIZE(stayd_hold_event, 40);

struct stayd_signal_event {
  struct stayd_event_header header;
  __u32 tgid;
  __u32 tid;
  __s32 signal;
  __u32 group; /* 1: to the process, 0: to the thread */
};
STAYD_ASSERT_SIZE(stayd_signal_event, 32);

/* A packet from a DNS server's port to a socket of the workload. */
struct stayd_dns_event {
  struct stayd_event_header header;
  struct stayd_workload_id workload;
  __u8 source[16];
  __u8 destination[16];
  __u32 sequence; /* TCP: of the payload's first byte, or of what follows a SYN */
  __u16 source_port;
  __u16 destination_port;
  __u16 protocol;
  __u16 payload_size;
  __u32 begins; /* TCP: 1 for a SYN, whose payload, if any, is the stream's first */
  /* char payload[STAYD_DNS_SIZE] */
};
STAYD_ASSERT_SIZE(stayd_dns_event, 72);

struct stayd_labels_read_event {
  struct stayd_event_header header;
  struct stayd_workload_id workload;
  __u64 labels; /* those read for the first time */
  __u32 tgid;
  __u32 tid;
};
STAYD_ASSERT_SIZE(stayd_labels_read_event, 40);

struct stayd_cgroup_event {
  struct stayd_event_header header;
  struct stayd_workload_id workload;
};
STAYD_ASSERT_SIZE(stayd_cgroup_event, 24);

struct stayd_entry_event {
  struct stayd_event_header header;
  __u64 inode; /* of the directory */
  __u32 device;
  __u32 policy;
};
STAYD_ASSERT_SIZE(stayd_entry_event, 32);

#pragma GCC diagnostic pop
