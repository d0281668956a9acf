/* SPDX-License-Identifier: GPL-2.0 */
/* All maps and global variables are here, except the task storage of slots.bpf.h and events.bpf.h.
 * The loader pins them, global variables included, so that what they contain outlives the agent. */
#pragma once

#include "kernel.bpf.h"

#include "stayd/wire.h"

/* These settings are fixed at load. */
/* A thread that is neither parked nor answered for longer than this is denied. */
const volatile __u64 answer_limit_ns = 2000000000ull;
const volatile __u64 unparked_limit = 4096; /* per workload */
const volatile __u64 hash_key[2] = {};      /* SipHash; unknown to workloads */
/* 0 if the hooks are no LSM programs: others may not use socket storage, and seal no socket. */
const volatile __u32 may_seal = 1;

/* The agent writes these variables. */
__u32 workloads_assigned = 0; /* ever; until then every program returns at once */
__u32 report_cgroups = 0;     /* some policy waits for cgroups to appear */
__u32 agent_tgid = 0;
__u64 agent_start_ticks = 0; /* proc(5) starttime: a reused pid is not the agent */
__u32 agent_alive = 0;       /* set by the agent; cleared here when it exits */
/* Until this CLOCK_BOOTTIME, holds wait for a restarted agent to adopt them; see answers.bpf.h. */
__u64 restart_until_ns = 0;
__u64 agent_since_ns = 0;  /* when it began to answer, after such a restart or at its first start */
__u32 last_generation = 0; /* given to a workload */
__u32 last_policy = 0;     /* given to a compiled policy */
__u64 sigpending_mask = 0; /* of thread_info.flags; 0: not known; see sample_flags */
__u32 sampled_tid = 0;     /* the thread whose flags sample_flags copies */
/* The programs write these variables. */
__u64 next_hold_id = 1;
__u64 next_arguments = 1; /* see struct stayd_arguments */
__u64 sampled_flags = 0;
__u32 strays_exist = 0; /* sticky: a tagged task is, or may be, outside its cgroup */
__u32 seals_exist = 0;  /* sticky: there is, or was, an entry in `seals` */
/* There is one bit per cgroup id modulo the size; a clear bit means certainly not tagged. */
__u64 cgroup_hints[STAYD_CGROUP_HINT_WORDS] = {};
/* There is one bit per inode number modulo the size; a clear bit means that no policy names it. */
__u64 node_hints[STAYD_NODE_HINT_WORDS] = {};
/* These generations end the validity of a judged file. The first counts moves of directories
 * anywhere; the others count moves of files, by inode number modulo the size. The agent raises the
 * first as well. */
__u32 tree_generation = 1;
__u32 file_generations[STAYD_FILE_GENERATIONS] = {};

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 8 << 20);
} events SEC(".maps");

/* Carries struct stayd_argument_piece for every exec that is deferred to the gatekeeper. A record
 * has 16 bytes besides the argument's and ends at a multiple of eight, and an argument counts with
 * a pointer of eight bytes against the 2 MiB that the kernel takes by default, so all arguments fit
 * if they have three letters or more on average. If they do not fit, the gatekeeper knows only
 * their beginning, and a rule that the rest could match holds the exec. Every page counts twice as
 * memory of the agent, because libbpf maps a ring twice in a row. */
struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 4 << 20);
} argument_pieces SEC(".maps");

/* The keys are the generations of workloads that a person or a policy has released, whose tasks are
 * free. The tasks of any other workload that has ended are refused everything, and so are those of
 * one that has been evicted from this map. */
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

/* These count the holds that a workload has ever raised and those that the agent has dealt with:
 * the difference is the number of threads that keep restarting unparked. Each is written by one
 * side. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, STAYD_WORKLOAD_SLOTS);
  __type(key, __u32);
  __type(value, __u64);
} holds_raised SEC(".maps"), holds_handled SEC(".maps");

/* These count the resolvers' packets that were reported and those that the agent has handled. While
 * they differ, the workload has been told names that `resolved_addresses` does not have. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, STAYD_WORKLOAD_SLOTS);
  __type(key, __u32);
  __type(value, __u64);
} names_reported SEC(".maps"), names_handled SEC(".maps");

/* The value of `names_reported` when the workload's current second began. */
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
  __type(value, struct stayd_tagged_cgroup);
} tagged_cgroups SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, struct stayd_tag);
} subjects SEC(".maps");

/* The agent marks the sockets that it listens on; the programs record the connections to them. Each
 * entry ends with its socket. */
struct {
  __uint(type, BPF_MAP_TYPE_SK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, struct stayd_connection);
} connections SEC(".maps");

/* An entry ends with its socket. */
struct {
  __uint(type, BPF_MAP_TYPE_SK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, struct stayd_seal);
} seals SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, STAYD_MAX_HOLDS);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, __u64); /* hold id */
  __type(value, struct stayd_pending);
} pending_connections SEC(".maps");

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

/* This is a cache: a file whose entry is evicted is judged anew. */
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 65536);
  __type(key, struct stayd_judged_key);
  __type(value, struct stayd_judged);
} judged SEC(".maps");

/* The values are the labels that a workload has read. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, STAYD_WORKLOAD_SLOTS);
  __type(key, __u32);
  __type(value, __u64);
} labels_read SEC(".maps");

/* These record what a ticket shows of a workload's data. Nothing is judged by it. */
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

/* The key of a file that is, or was, in `files_read`. A file whose key is evicted is counted
 * again. */
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

/* The agent notes here which label has which bit of a workload, by a hash of its name. The notes
 * must live as long as `labels_read`. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, STAYD_WORKLOAD_SLOTS* STAYD_LABELS);
  __type(key, __u32);
  __type(value, __u64);
} label_bits SEC(".maps");

/* The agent notes hash_key here, because grants and held threads refer to names and arguments by
 * their hashes. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u64[2]);
} kept_hash_key SEC(".maps");

/* The agent notes here which programs are pinned, once all of them are: agent/kernel/pinned.h. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, char[64]);
} kept_programs SEC(".maps");

/* The keys are the objects that have been reported under STAYD_POLICY_ONCE. An object whose key is
 * evicted is reported again. */
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

/* The values are the numbers of parked threads of processes. Only the signals of processes in this
 * map are reported. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, STAYD_MAX_HOLDS);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, __u32); /* tgid */
  __type(value, __u32);
} parked_processes SEC(".maps");

/* Marks a global function, which the verifier checks once, by its signature, instead of again on
 * each path that leads to it. The symbol is weak because the compiler would otherwise rely on what
 * it knows of the result and drop checks that the verifier, which does not know it, insists on. */
#define GLOBAL_SUBPROG __attribute__((weak)) __noinline

static __always_inline void count(__u32 which) {
  __u64* value = bpf_map_lookup_elem(&counters, &which);
  if (value) *value += 1;
}

/* Counts a refusal. Every refusal goes through here, so that none is uncounted. */
static __always_inline int refuse(__u32 which) {
  count(which);
  return -EPERM;
}
