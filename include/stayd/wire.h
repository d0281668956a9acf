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

#define STAYD_WIRE_VERSION 5

enum {
  STAYD_MAX_WORKLOADS = 256,
  STAYD_MAX_HOLDS = 16384,     /* pending at once on this host; beyond it: denied */
  STAYD_HOLDS_PER_CALL = 8,    /* an execve passes at most six hooks, see bpf/exec.bpf.h */
  STAYD_PORT_RULES = 16,       /* per address prefix, inherited ones included */
  STAYD_FLOWS = 8,             /* per policy */
  STAYD_LABELS = 64,           /* per workload: bits of a touched mask */
  STAYD_DNS_SIZE = 4096,       /* bytes of one packet's payload in one event */
  STAYD_MAX_RESOLVED = 262144, /* addresses that the agent has looked at, on this host */
  /* Packets of resolvers to one workload; beyond it they are not looked at. */
  STAYD_DNS_WAITING = 64, /* in the ring at once */
  STAYD_DNS_PER_SECOND = 500,
  STAYD_PATH_SIZE = 4096, /* PATH_MAX */
  STAYD_ARGV_SIZE = 4096, /* bytes of argv that a person is shown */
  /* Per workload, of what a person is shown of its data; powers of two. */
  STAYD_DESTINATIONS = 64, /* that are counted apart */
  STAYD_FILES_READ = 16,   /* the latest */
  STAYD_READ_PATH_SIZE = 512,
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
  STAYD_ACCESS_DELETE = 3,
  STAYD_ACCESS_RENAME = 4,
  STAYD_ACCESS_EXEC = 5,
  STAYD_ACCESS_UNIX = 6, /* connect or send to a unix socket */
  STAYD_ACCESS_NETWORK = 7,
  STAYD_ACCESS_COUNT = 8,
};

enum {
  STAYD_OP_OPEN = 1, /* or truncate by name */
  STAYD_OP_CREATE = 2,
  STAYD_OP_CONNECT = 3,
  STAYD_OP_SEND = 4,
  STAYD_OP_EXEC = 5,
  STAYD_OP_DELETE = 6,
  STAYD_OP_RENAME = 7,
  STAYD_OP_UNIX = 8,
  STAYD_OP_END,
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

/* The slot of a cgroup that has just been made, or marked with an xattr, while the agent has not
 * said whether a policy applies to it. Its generation is the time, in units of 65 us. */
#define STAYD_UNDECIDED 0xffffffffu

/* Of a task. */
struct stayd_tag {
  struct stayd_workload_id workload;
  __u32 waits; /* for an answer to something that it asked: what it asked about is not decided
                  by what others have found out meanwhile */
  __u32 reserved;
};
STAYD_ASSERT_SIZE(stayd_tag, 16);

struct stayd_workload {
  __u32 generation; /* 0: the slot is free */
  __u32 policy;     /* key of the policies map */
};
STAYD_ASSERT_SIZE(stayd_workload, 8);

/* What a policy may say about a program besides where it is. Can only make stricter. */
enum {
  STAYD_ORIGIN_MEMFD = 0,    /* a file that never had a name */
  STAYD_ORIGIN_DELETED = 1,  /* a file without a name now */
  STAYD_ORIGIN_WRITABLE = 2, /* others than root can write it or its directory, and no rule
                                names a place that it is in */
  STAYD_ORIGIN_COUNT = 4,    /* the spare one is UNSET */
};

/* After one of these labels was read, at least this strict. */
struct stayd_flow {
  __u64 labels;
  __u8 verdicts[STAYD_ACCESS_COUNT];
  __u32 rule;
  __u32 reserved;
};
STAYD_ASSERT_SIZE(stayd_flow, 24);

enum {
  STAYD_POLICY_OBSERVE = 1 << 0,       /* nothing is held or refused; what would be is reported */
  STAYD_POLICY_ALLOW_ON_LOSS = 1 << 1, /* with the agent dead, what would be held goes on */
  STAYD_POLICY_LABELS = 1 << 2,        /* flows need to know what was read */
  STAYD_POLICY_NAMES = 1 << 3,         /* it has entries in policy_names */
  STAYD_POLICY_ASK_FILES = 1 << 4,     /* ask about every file: patterns that are not names */
  STAYD_POLICY_ASK_EXEC = 1 << 5,      /* ask about every exec: contents, arguments */
  STAYD_POLICY_ASK_HOSTS = 1 << 6,     /* ask about addresses not in resolved_addresses */
  STAYD_POLICY_UNIX = 1 << 7,          /* it has rules about unix sockets */
  STAYD_POLICY_ONCE = 1 << 8,          /* report what is only audited once for each object */
  STAYD_POLICY_CONTENTS = 1 << 9,      /* contents may allow what the place of a program denies */
};

struct stayd_policy {
  __u8 verdicts[STAYD_ACCESS_COUNT]; /* defaults; none is UNSET */
  __u8 origin_verdicts[STAYD_ORIGIN_COUNT];
  __u16 origin_rules[STAYD_ORIGIN_COUNT];
  __u32 flags; /* STAYD_POLICY_* */
  __u32 flow_count;
  __u32 reserved;
  struct stayd_flow flows[STAYD_FLOWS];
};
STAYD_ASSERT_SIZE(stayd_policy, 32 + 24 * STAYD_FLOWS);

/* A file or directory that a rule names. A directory stands for its subtree. */
struct stayd_node_key {
  __u64 inode;
  __u32 device; /* the kernel's s_dev, not stat's st_dev: they differ on overlayfs and btrfs */
  __u32 policy;
};
STAYD_ASSERT_SIZE(stayd_node_key, 16);

enum {
  STAYD_NODE_WATCHED = 1 << 0,    /* policy_entries may know names in this directory */
  STAYD_NODE_ASK = 1 << 1,        /* ask about every file below: patterns */
  STAYD_NODE_UNRESOLVED = 1 << 2, /* of an entry: another inode has to be looked up first */
  STAYD_NODE_KEEP = 1 << 3,       /* of a walk: what is found may be kept in `judged` */
  STAYD_NODE_EXEC_SAID = 1 << 4,  /* of a walk: a place, not only a name, decides about exec */
};

struct stayd_node {
  __u8 verdicts[STAYD_ACCESS_COUNT];
  __u16 rules[STAYD_ACCESS_COUNT]; /* which rule of the policy said so */
  __u64 labels;                    /* bit per label of the workload */
  __u32 flags;                     /* STAYD_NODE_* */
  __u32 reserved;
};
STAYD_ASSERT_SIZE(stayd_node, 40);

/* A name in a directory that stands for what the policy names, whichever inode it is at
 * the time. */
struct stayd_entry_key {
  __u64 inode;
  __u64 name; /* SipHash */
  __u32 device;
  __u32 policy;
};
STAYD_ASSERT_SIZE(stayd_entry_key, 24);

struct stayd_entry {
  struct stayd_node node;
  __u64 inode; /* that was there when the policy was compiled; 0: none */
  __u32 device;
  __u32 reserved;
};
STAYD_ASSERT_SIZE(stayd_entry, 56);

/* Names that a pattern is about, wherever they are. Can only make stricter. */
enum {
  STAYD_NAME_EXACT = 0,     /* the last component of a path */
  STAYD_NAME_EXTENSION = 1, /* what is behind its last dot, 1 to 15 bytes */
  STAYD_NAME_ABSTRACT = 2,  /* an abstract unix socket's, without the leading zero */
};

struct stayd_name_key {
  __u64 name; /* SipHash */
  __u32 kind; /* STAYD_NAME_* */
  __u32 policy;
};
STAYD_ASSERT_SIZE(stayd_name_key, 16);

/* A cache of what the walk from a file to its root found, names and patterns included. */
struct stayd_judged_key {
  __u64 inode;
  __u32 device;
  __u32 inode_generation;
  __u32 policy;
  __u32 reserved;
};
STAYD_ASSERT_SIZE(stayd_judged_key, 24);

struct stayd_judged {
  __u64 generation; /* when the walk began; of no use when it is no longer the current one */
  struct stayd_node node;
};
STAYD_ASSERT_SIZE(stayd_judged, 48);

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

/* An address that a host name stood for, as DNS said; or that is known to have none. */
struct stayd_resolved_key {
  __u8 address[16];
  __u32 policy;
  __u32 reserved;
};
STAYD_ASSERT_SIZE(stayd_resolved_key, 24);

struct stayd_resolved {
  __u64 expires_ns; /* CLOCK_BOOTTIME */
  __u64 serial;     /* no two writes of an entry, of whatever address, have the same */
  struct stayd_prefix rules;
};
STAYD_ASSERT_SIZE(stayd_resolved, 152);

/*
 * What an operation acts on, exactly as a decision binds it: two operations are
 * the same if and only if these bytes are equal. Unused members are zero.
 */
struct stayd_object {
  __u64 inode; /* create: the parent directory's */
  /* SipHash of: create, rename: the new name; exec: the arguments and the file's change time
   * and size; unix: an abstract name. */
  __u64 hash;
  __u8 address[16]; /* rename: inode, then device, of the directory it goes to */
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
  __u64 process_start_ns; /* of one process only: when it began, CLOCK_BOOTTIME; else 0 */
  __u32 process;          /* its tgid; 0: the whole workload */
  __u32 reserved;
};
STAYD_ASSERT_SIZE(stayd_grant_key, 80);

struct stayd_grant {
  __u64 expires_ns;  /* CLOCK_BOOTTIME */
  __s64 uses;        /* left; at most 0: used up */
  __u64 last_use_ns; /* the kernel side's; 0 when granted */
  __u64 last_socket; /* the kernel side's; 0 when granted */
};
STAYD_ASSERT_SIZE(stayd_grant, 32);

enum {
  STAYD_SENT_FREE = 0,
  STAYD_SENT_CLAIMED = 1, /* one processor is filling it in */
  STAYD_SENT_KNOWN = 2,   /* from then on only `bytes` changes; the same may be there twice */
};

struct stayd_sent_to {
  __u8
      address[16]; /* as it left the workload's network stack: behind its own address translation */
  __u16 port;      /* 0 unless TCP or UDP */
  __u16 protocol;
  __u32 state; /* STAYD_SENT_* */
  __u64 bytes;
};
STAYD_ASSERT_SIZE(stayd_sent_to, 32);

/* Payload of the packets of a workload's sockets since it was assigned: what is behind the TCP or
 * UDP header, or behind the IP header of anything else. What TCP sends again counts again. Beyond
 * STAYD_DESTINATIONS, only the sum is known. */
struct stayd_sent {
  __u64 bytes;
  struct stayd_sent_to to[STAYD_DESTINATIONS];
};
STAYD_ASSERT_SIZE(stayd_sent, 8 + 32 * STAYD_DESTINATIONS);

struct stayd_file_read {
  __u64 serial;     /* the file's number among those of the workload; 0: none */
  __u32 busy;       /* 1: being written */
  __u32 device;     /* the kernel's s_dev */
  __u32 path_size;  /* bytes used: as in stayd_operation_event */
  __u32 path_flags; /* STAYD_EVENT_PATH_TRUNCATED */
  char path[STAYD_READ_PATH_SIZE];
};
STAYD_ASSERT_SIZE(stayd_file_read, 24 + STAYD_READ_PATH_SIZE);

/* Files of labels that a workload has read from since it was assigned, each once, unless it has
 * read so many others since that it was forgotten. */
struct stayd_files_read {
  __u64 count;
  struct stayd_file_read latest[STAYD_FILES_READ]; /* by serial, modulo */
};
STAYD_ASSERT_SIZE(stayd_files_read, 8 + (24 + STAYD_READ_PATH_SIZE) * STAYD_FILES_READ);

/* What the agent answers, by hold id. PARKED and AWAY are the gatekeeper's own
 * notes: AWAY asks the kernel side to report when the thread comes back. */
enum {
  STAYD_ANSWER_PARKED = 1,
  STAYD_ANSWER_AWAY = 2,
  STAYD_ANSWER_ALLOW = 3,
  STAYD_ANSWER_DENY = 4,
  STAYD_ANSWER_SEEN = 5,  /* the agent has the event and is about to stop the thread */
  STAYD_ANSWER_AGAIN = 6, /* the tables have changed: judge again */
};

struct stayd_answer {
  __u64 expires_ns; /* CLOCK_BOOTTIME; of ALLOW, else 0 */
  __u64 labels;     /* of ALLOW: what patterns know of a file that is about to be read */
  __u32 state;      /* STAYD_ANSWER_* */
  __u32 session;    /* raised by each parking, so that a thread whose tracer died is noticed */
};
STAYD_ASSERT_SIZE(stayd_answer, 24);

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
  STAYD_EVENT_DNS = 7,        /* stayd_dns_event, then payload */
  STAYD_EVENT_TOUCHED = 8,    /* stayd_touched_event */
  STAYD_EVENT_ENTRY = 9,      /* stayd_entry_event: a watched name stands for an unknown inode */
  STAYD_EVENT_KILLED = 10,    /* stayd_hold_event: the arguments that ran are not those judged */
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
  STAYD_DISPOSITION_ASKED = 5,       /* waits for the gatekeeper to say what policy says */
  STAYD_DISPOSITION_WOULD_HOLD = 6,  /* observed: it went on */
  STAYD_DISPOSITION_WOULD_DENY = 7,  /* observed: it went on */
  STAYD_DISPOSITION_END,
};

enum {
  STAYD_EVENT_ARGV_TRUNCATED = 1 << 0,
  STAYD_EVENT_ARGV_UNREADABLE = 1 << 1,
  STAYD_EVENT_COMPAT = 1 << 2,         /* 32-bit system call */
  STAYD_EVENT_PATH_TRUNCATED = 1 << 3, /* the components nearest the root are missing */
  STAYD_EVENT_ABSTRACT = 1 << 4,       /* unix: the path is a name in the abstract namespace */
  STAYD_EVENT_INCOMPLETE = 1 << 5,     /* the tables did not say all; as if ASKED */
};

struct stayd_operation_event {
  struct stayd_event_header header;
  __u64 hold_id;    /* 0 unless HELD or ASKED */
  __u64 generation; /* ASKED: of the file's walk, for stayd_judged */
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
  __u32 open_flags; /* open: O_*; create: mode; send: MSG_*; exec: bit per STAYD_ORIGIN_*;
                       rename: 1 if something has the new name already */
  __u32
      path_size; /* bytes used: names from the object to its file system's root, each with a NUL */
  __u32 argv_size; /* bytes used; each argument ends in NUL */
  __u32 magic;     /* of the object's file system */
  __u32 verdict;   /* what the tables say; ASKED: without what the gatekeeper is asked about */
  struct stayd_node node; /* ASKED about a file: the whole of what the walk found */
  char comm[16];
  /* char path[STAYD_PATH_SIZE]: open, create, delete, rename, exec, unix
   * char argv[STAYD_ARGV_SIZE]: exec; rename: the new name, like the path
   * struct stayd_node target: exec, rename; what the walk from the new name found */
};
STAYD_ASSERT_SIZE(stayd_operation_event, 16 + 40 + 56 + 8 + 64 + 40 + 16);

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

struct stayd_touched_event {
  struct stayd_event_header header;
  struct stayd_workload_id workload;
  __u64 labels; /* new ones */
  __u32 tgid;
  __u32 tid;
};
STAYD_ASSERT_SIZE(stayd_touched_event, 40);

struct stayd_entry_event {
  struct stayd_event_header header;
  __u64 inode; /* of the directory */
  __u32 device;
  __u32 policy;
};
STAYD_ASSERT_SIZE(stayd_entry_event, 32);

#pragma GCC diagnostic pop
