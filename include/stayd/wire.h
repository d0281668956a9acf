/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/*
 * The one definition of every byte that crosses between bpf/ and agent/.
 *
 * Rules for this file: fixed-width types only, no pointers, no implicit
 * padding (-Wpadded is an error here: padding would leak kernel stack bytes),
 * all integers in host byte order, plain data that compiles as C and C++.
 * Changing a struct means bumping STAYD_WIRE_VERSION, which names the
 * directory that the maps are pinned in.
 */
#pragma once

#ifndef __bpf__
#include <linux/types.h>
#endif

#ifdef __cplusplus
#define STAYD_ASSERT_SIZE(type, size) static_assert(sizeof(struct type) == (size), #type)
#else
#define STAYD_ASSERT_SIZE(type, size) _Static_assert(sizeof(struct type) == (size), #type)
#endif

#define STAYD_WIRE_VERSION 1

enum {
  STAYD_MAX_WORKLOADS = 256,
  STAYD_MAX_HOLDS = 16384,  /* pending at once on this host; beyond it: denied */
  STAYD_HOLDS_PER_CALL = 8, /* an execve passes at most six hooks, see bpf/exec.bpf.h */
  STAYD_PORT_RULES = 16,    /* per address prefix, inherited ones included */
  STAYD_PATH_SIZE = 4096,   /* PATH_MAX */
  STAYD_ARGV_SIZE = 4096,   /* bytes of argv that a person is shown */
};

/* What policy says. UNSET in a table means: ask the next, less specific, entry. */
enum {
  STAYD_VERDICT_UNSET = 0,
  STAYD_VERDICT_ALLOW = 1,
  STAYD_VERDICT_AUDIT = 2,
  STAYD_VERDICT_HOLD = 3,
  STAYD_VERDICT_DENY = 4,
};

/* What is judged: the index into the verdicts of a node or of a policy's defaults. */
enum {
  STAYD_ACCESS_READ = 0,
  STAYD_ACCESS_WRITE = 1,
  STAYD_ACCESS_CREATE = 2,
  STAYD_ACCESS_EXEC = 3,
  STAYD_ACCESS_NETWORK = 4,
  STAYD_ACCESS_COUNT = 8, /* spare ones are UNSET */
};

enum {
  STAYD_OP_OPEN = 1,
  STAYD_OP_CREATE = 2,
  STAYD_OP_CONNECT = 3,
  STAYD_OP_SEND = 4,
  STAYD_OP_EXEC = 5,
};

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"

/* A workload's identity: `slot` indexes the workloads map and is used again,
 * `generation` never is, so a stale tag means "not ours". */
struct stayd_workload_id {
  __u32 slot;
  __u32 generation; /* 0: no workload */
};
STAYD_ASSERT_SIZE(stayd_workload_id, 8);

struct stayd_workload {
  __u32 generation; /* 0: the slot is free */
  __u32 policy;     /* key of the policies map */
};
STAYD_ASSERT_SIZE(stayd_workload, 8);

struct stayd_policy {
  __u8 verdicts[STAYD_ACCESS_COUNT]; /* defaults; none is UNSET but the spare ones */
};
STAYD_ASSERT_SIZE(stayd_policy, 8);

/* A file or directory that a rule names. A directory stands for its subtree. */
struct stayd_node_key {
  __u64 inode;
  __u32 device; /* the kernel's s_dev, not stat's st_dev: they differ on overlayfs and btrfs */
  __u32 policy;
};
STAYD_ASSERT_SIZE(stayd_node_key, 16);

struct stayd_node {
  __u8 verdicts[STAYD_ACCESS_COUNT];
  __u32 rules[STAYD_ACCESS_COUNT]; /* which rule of the policy said so */
};
STAYD_ASSERT_SIZE(stayd_node, 40);

/* Longest-prefix key: the policy is part of the prefix, so prefix_bits is 32 more
 * than the address's own (and IPv4 is ::ffff:0:0/96). */
struct stayd_prefix_key {
  __u32 prefix_bits;
  __u32 policy;
  __u8 address[16];
};
STAYD_ASSERT_SIZE(stayd_prefix_key, 24);

struct stayd_port_rule {
  __u16 first; /* ports, inclusive; 0..65535 means any */
  __u16 last;
  __u8 protocol; /* IPPROTO_*; 0: any */
  __u8 verdict;
  __u16 rule;
};
STAYD_ASSERT_SIZE(stayd_port_rule, 8);

/* Most specific rule first: the first one that matches wins. */
struct stayd_prefix {
  __u32 count;
  __u32 reserved;
  struct stayd_port_rule rules[STAYD_PORT_RULES];
};
STAYD_ASSERT_SIZE(stayd_prefix, 136);

/*
 * What an operation acts on, exactly as a decision binds it: two operations are
 * the same if and only if these bytes are equal. Unused members are zero.
 */
struct stayd_object {
  __u64 inode; /* create: the parent directory's */
  __u64 hash;  /* create: SipHash of the new name; exec: of the arguments */
  __u8 address[16];
  __u32 device;
  __u32 inode_generation;
  __u32 scope_id;
  __u16 port;
  __u16 protocol;
  __u32 operation; /* STAYD_OP_* */
  __u32 access;    /* bit per STAYD_ACCESS_* */
};
STAYD_ASSERT_SIZE(stayd_object, 56);

struct stayd_grant_key {
  struct stayd_object object;
  struct stayd_workload_id workload;
};
STAYD_ASSERT_SIZE(stayd_grant_key, 64);

struct stayd_grant {
  __u64 expires_ns;  /* CLOCK_BOOTTIME */
  __s64 uses;        /* left; at most 0: used up */
  __u64 last_use_ns; /* the kernel side's; 0 when granted */
  __u64 last_socket; /* the kernel side's; 0 when granted */
};
STAYD_ASSERT_SIZE(stayd_grant, 32);

/* What the agent answers, by hold id. PARKED and AWAY are the gatekeeper's own
 * notes: AWAY asks the kernel side to report when the thread comes back. */
enum {
  STAYD_ANSWER_PARKED = 1,
  STAYD_ANSWER_AWAY = 2,
  STAYD_ANSWER_ALLOW = 3,
  STAYD_ANSWER_DENY = 4,
  STAYD_ANSWER_SEEN = 5, /* the agent has the event and is about to stop the thread */
};

struct stayd_answer {
  __u64 expires_ns; /* CLOCK_BOOTTIME; of ALLOW, else 0 */
  __u32 state;      /* STAYD_ANSWER_* */
  __u32 session;    /* raised by each parking, so that a thread whose tracer died is noticed */
};
STAYD_ASSERT_SIZE(stayd_answer, 16);

/* What a task_file iterator says of one descriptor of the agent. */
struct stayd_identity {
  __u64 inode;
  __u32 device;
  __u32 inode_generation;
  __u32 fd;
  __u32 magic; /* of the file system, statfs(2) f_type */
};
STAYD_ASSERT_SIZE(stayd_identity, 24);

/* Ring buffer events. The reader checks `size` against the kind before it
 * believes anything else. */
enum {
  STAYD_EVENT_OPERATION = 1,  /* stayd_operation_event, then path and arguments */
  STAYD_EVENT_RESUMED = 2,    /* stayd_hold_event: an AWAY thread is back at its hold */
  STAYD_EVENT_GONE = 3,       /* stayd_hold_event: the system call is over, undecided */
  STAYD_EVENT_SIGNAL = 4,     /* stayd_signal_event: for a process with parked threads */
  STAYD_EVENT_SUPERSEDED = 6, /* stayd_hold_event: the call came back with another object */
  STAYD_EVENT_CGROUP = 5,     /* stayd_event_header: a cgroup was made; see report_cgroups */
};

struct stayd_event_header {
  __u64 time_ns; /* CLOCK_BOOTTIME */
  __u32 kind;
  __u32 size; /* of the whole event, header included */
};
STAYD_ASSERT_SIZE(stayd_event_header, 16);

/* What the kernel side did with the operation. */
enum {
  STAYD_DISPOSITION_HELD = 1,
  STAYD_DISPOSITION_CANNOT_WAIT = 2, /* came by a road that cannot be restarted: denied */
  STAYD_DISPOSITION_DENIED = 3,      /* policy says deny */
  STAYD_DISPOSITION_AUDITED = 4,     /* policy says audit: it went on */
};

enum {
  STAYD_EVENT_ARGV_TRUNCATED = 1 << 0,
  STAYD_EVENT_ARGV_UNREADABLE = 1 << 1,
  STAYD_EVENT_COMPAT = 1 << 2,         /* 32-bit system call */
  STAYD_EVENT_PATH_TRUNCATED = 1 << 3, /* the components nearest the root are missing */
};

struct stayd_operation_event {
  struct stayd_event_header header;
  __u64 hold_id; /* 0 unless HELD */
  __u64 cgroup_id;
  __u64 start_time_ns; /* of the thread, CLOCK_BOOTTIME: tells a reused tid */
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
  __u32 open_flags; /* open: O_*; create: mode; send: MSG_* */
  __u32
      path_size; /* bytes used: names from the object to its file system's root, each with a NUL */
  __u32 argv_size; /* bytes used; each argument ends in NUL */
  __u32 magic;     /* of the object's file system */
  __u32 reserved;
  char comm[16];
  /* char path[STAYD_PATH_SIZE]: open, create, exec
   * char argv[STAYD_ARGV_SIZE]: exec */
};
STAYD_ASSERT_SIZE(stayd_operation_event, 16 + 24 + 56 + 8 + 64 + 16);

struct stayd_hold_event {
  struct stayd_event_header header;
  __u64 hold_id;
  __u32 tgid;
  __u32 tid;
};
STAYD_ASSERT_SIZE(stayd_hold_event, 32);

struct stayd_signal_event {
  struct stayd_event_header header;
  __u32 tgid;
  __u32 tid;
  __s32 signal;
  __u32 group; /* 1: to the process, 0: to the thread */
};
STAYD_ASSERT_SIZE(stayd_signal_event, 32);

#pragma GCC diagnostic pop
