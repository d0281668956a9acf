/* SPDX-License-Identifier: GPL-2.0 */
/* Maps and global variables, except the task storage of slots.bpf.h and events.bpf.h. The loader
 * pins them, global variables included, so that what they hold outlives the agent. */
#pragma once

#include "kernel.bpf.h"

#include "stayd/wire.h"

/* Settings, fixed at load. */
/* Unparked and unanswered for longer: denied. */
const volatile __u64 answer_limit_ns = 2000000000ull;
const volatile __u64 unparked_limit = 4096; /* per workload */
const volatile __u64 hash_key[2] = {};      /* SipHash; unknown to workloads */

/* Written by the agent. */
__u32 workloads_assigned = 0; /* ever; until then every program returns at once */
__u32 report_cgroups = 0;     /* some policy waits for cgroups to appear */
__u32 agent_tgid = 0;
__u64 agent_start_ticks = 0; /* proc(5) starttime: a reused pid is not the agent */
__u32 agent_alive = 0;       /* set by the agent; cleared here when it exits */
/* CLOCK_BOOTTIME until which a restarted agent may take over what waits; see hold.bpf.h. */
__u64 restart_until_ns = 0;
__u64 agent_since_ns = 0;  /* when it began to answer, after such a restart or at its first start */
__u32 last_generation = 0; /* given to a workload */
__u32 last_policy = 0;     /* given to a compiled policy */
__u64 sigpending_mask = 0; /* of thread_info.flags; 0: not known; see sample_flags */
__u32 sampled_tid = 0;     /* whose flags sample_flags wants */
/* Written here. */
__u64 next_hold_id = 1;
__u64 next_arguments = 1; /* see struct stayd_arguments */
__u64 sampled_flags = 0;
__u32 strays_exist = 0; /* sticky: a tagged task is, or may be, outside its cgroup */
/* One bit per cgroup id modulo its size: clear means certainly not tagged. */
__u64 cgroup_hints[STAYD_CGROUP_HINT_WORDS] = {};
/* One bit per inode number, likewise: clear means no policy names it. */
__u64 node_hints[STAYD_NODE_HINT_WORDS] = {};
/* What ends the validity of a judged file: directories that moved, wherever; files that did,
 * by inode number modulo its size. The agent raises the first as well. */
__u32 tree_generation = 1;
__u32 file_generations[STAYD_FILE_GENERATIONS] = {};

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 8 << 20);
} events SEC(".maps");

/* struct stayd_argument_piece, of every exec that the gatekeeper is asked about. A record has 16
 * bytes besides the argument's and ends at a multiple of eight, and an argument counts with a
 * pointer of eight bytes against the 2 MiB that the kernel takes by default, so that all of those
 * fit if the arguments have three letters or more on average. Of what does not fit the gatekeeper
 * knows the head, and a rule that the rest could match holds. Every page counts twice as memory of
 * the agent, because libbpf maps a ring twice in a row. */
struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 4 << 20);
} argument_pieces SEC(".maps");

/* Generations of workloads that a person or a policy has released: their tasks are free. The
 * tasks of any other workload that has ended are refused everything, and so are those of one that
 * has fallen out of this map. */
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 65536);
  __type(key, __u32);
  __type(value, __u8);
} released_generations SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, STAYD_COUNT_END);
  __type(key, __u32);
  __type(value, __u64);
} counters SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, STAYD_WORKLOAD_SLOTS);
  __type(key, __u32);
  __type(value, struct stayd_workload);
} workloads SEC(".maps");

/* Holds ever raised by a workload, and those the agent has dealt with: the
 * difference is how many threads spin unparked. Each is written by one side. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, STAYD_WORKLOAD_SLOTS);
  __type(key, __u32);
  __type(value, __u64);
} holds_raised SEC(".maps"), holds_handled SEC(".maps");

/* The same of the resolvers' packets that are reported: while they differ, the workload has
 * been told what `resolved_addresses` does not know. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, STAYD_WORKLOAD_SLOTS);
  __type(key, __u32);
  __type(value, __u64);
} names_reported SEC(".maps"), names_handled SEC(".maps");

/* What `names_reported` was when the present second of the workload began. */
struct names_second {
  __u64 begun_ns;
  __u64 reported;
};

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, STAYD_WORKLOAD_SLOTS);
  __type(key, __u32);
  __type(value, struct names_second);
} names_seconds SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 65536);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, __u64); /* cgroup id */
  __type(value, struct stayd_workload_id);
} tagged_cgroups SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, struct stayd_tag);
} subjects SEC(".maps");

/* The agent marks the sockets that it listens on; the connections to them are written here. Each
 * entry ends with its socket. */
struct {
  __uint(type, BPF_MAP_TYPE_SK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, struct stayd_connection);
} connections SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1024);
  __type(key, __u32);
  __type(value, struct stayd_policy);
} policies SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 262144);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, struct stayd_node_key);
  __type(value, struct stayd_node);
} policy_nodes SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 262144);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, struct stayd_entry_key);
  __type(value, struct stayd_entry);
} policy_entries SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 65536);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, struct stayd_name_key);
  __type(value, struct stayd_node);
} policy_names SEC(".maps");

/* A cache: what falls out of it is judged anew. */
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 65536);
  __type(key, struct stayd_judged_key);
  __type(value, struct stayd_judged);
} judged SEC(".maps");

/* Labels that a workload has read from. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, STAYD_WORKLOAD_SLOTS);
  __type(key, __u32);
  __type(value, __u64);
} labels_read SEC(".maps");

/* What is told of a workload's data with each question; nothing is judged by it. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, STAYD_WORKLOAD_SLOTS);
  __type(key, __u32);
  __type(value, struct stayd_files_read);
} files_read SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, STAYD_WORKLOAD_SLOTS);
  __type(key, __u32);
  __type(value, struct stayd_sent);
} sent SEC(".maps");

/* Files that are in `files_read`, or were. What falls out is counted again. */
struct noted_file {
  struct stayd_workload_id workload;
  __u64 inode;
  __u32 device;
  __u32 inode_generation;
};

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 65536);
  __type(key, struct noted_file);
  __type(value, __u8);
} noted_files SEC(".maps");

/* The agent's own notes: which label has which bit of a workload, by a hash of its name. They
 * have to live as long as `labels_read`. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, STAYD_WORKLOAD_SLOTS* STAYD_LABELS);
  __type(key, __u32);
  __type(value, __u64);
} label_bits SEC(".maps");

/* The agent's own notes, likewise: hash_key, because grants and waiting threads know names and
 * arguments by their hashes. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u64[2]);
} kept_hash_key SEC(".maps");

/* What is pinned, all of it: agent/kernel/pinned.h. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, char[64]);
} kept_programs SEC(".maps");

/* Objects that have been reported under STAYD_POLICY_ONCE. What falls out is reported again. */
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 65536);
  __type(key, struct stayd_grant_key);
  __type(value, __u64);
} reported SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_LPM_TRIE);
  __uint(max_entries, 262144);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, struct stayd_prefix_key);
  __type(value, struct stayd_prefix);
} policy_prefixes SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, STAYD_MAX_RESOLVED);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, struct stayd_resolved_key);
  __type(value, struct stayd_resolved);
} resolved_addresses SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 16384);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, struct stayd_resolved_key);
  __type(value, __u32);
} dns_resolvers SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 65536);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, struct stayd_grant_key);
  __type(value, struct stayd_grant);
} grants SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, STAYD_MAX_HOLDS);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, __u64); /* hold id */
  __type(value, struct stayd_answer);
} answers SEC(".maps");

/* Processes with parked threads, and how many: whose signals matter. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, STAYD_MAX_HOLDS);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, __u32); /* tgid */
  __type(value, __u32);
} parked_processes SEC(".maps");

/* A global function, which the verifier checks once, by its signature, instead of again on each
 * path that leads to it. Weak, or the compiler would rely on what it knows of the result and drop
 * the checks that the verifier, which does not, insists on. */
#define GLOBAL_SUBPROG __attribute__((weak)) __noinline

static __always_inline void count(__u32 which) {
  __u64* value = bpf_map_lookup_elem(&counters, &which);
  if (value) *value += 1;
}

/* Every refusal goes through here, so that none is uncounted. */
static __always_inline int refuse(__u32 which) {
  count(which);
  return -EPERM;
}
