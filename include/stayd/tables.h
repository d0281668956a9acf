/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/* The agent writes compiled policies into these tables, by which the kernel side judges. */
#pragma once

#include "stayd/limits.h"
#include "stayd/verdicts.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"

/* The origins of a program, about which a policy may say something besides where the program is.
 * These verdicts can only make the result stricter. */
enum {
  STAYD_ORIGIN_MEMFD = 0,    /* a file that never had a name */
  STAYD_ORIGIN_DELETED = 1,  /* a file without a name now */
  STAYD_ORIGIN_WRITABLE = 2, /* others than root can write it or its directory, and no rule
                                names a place that it is in */
  STAYD_ORIGIN_COUNT = 4,    /* a power of two; the spare one is UNSET */
};

/* Verdicts that apply once the workload has read from one of these labels. They can only make the
 * result stricter. */
struct stayd_flow {
  __u64 labels;
  __u8 verdicts[STAYD_ACCESS_COUNT];
  __u32 rule;
  __u32 reserved;
};
STAYD_ASSERT_SIZE(stayd_flow, 24);

enum {
  STAYD_POLICY_OBSERVE = 1 << 0,       /* nothing is held or denied; what would be is reported */
  STAYD_POLICY_ALLOW_ON_LOSS = 1 << 1, /* with the agent dead, what would be held is allowed */
  STAYD_POLICY_LABELS = 1 << 2,        /* flows need to know what was read */
  STAYD_POLICY_NAMES = 1 << 3,         /* it has entries in policy_names */
  STAYD_POLICY_DEFER_FILES = 1 << 4,   /* defer every file: patterns that are not names */
  STAYD_POLICY_DEFER_EXEC = 1 << 5,    /* defer every exec: contents, arguments */
  STAYD_POLICY_DEFER_HOSTS = 1 << 6,   /* defer addresses that are not in resolved_addresses */
  STAYD_POLICY_UNIX = 1 << 7,          /* it has rules about unix sockets */
  STAYD_POLICY_ONCE = 1 << 8,          /* report what is only audited once for each object,
                                        * and a connection once a second */
  STAYD_POLICY_CONTENTS = 1 << 9,      /* contents may allow what the place of a program denies */
};

struct stayd_policy {
  __u8 verdicts[STAYD_ACCESS_COUNT]; /* the defaults; none is UNSET */
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
  STAYD_NODE_DEFER = 1 << 1,      /* defer every file below: patterns */
  STAYD_NODE_UNRESOLVED = 1 << 2, /* of an entry: another inode has to be looked up first */
  STAYD_NODE_KEEP = 1 << 3,       /* of a walk: its result may be kept in `judged` */
  STAYD_NODE_EXEC_SAID = 1 << 4,  /* with its verdict about exec it also says that programs here may
                                     be writable by others */
};

struct stayd_node {
  __u8 verdicts[STAYD_ACCESS_COUNT];
  __u16 rules[STAYD_ACCESS_COUNT]; /* the rules of the policy that the verdicts come from */
  __u64 labels;                    /* a bit per label of the workload */
  __u32 flags;                     /* STAYD_NODE_* */
  __u32 reserved;
};
STAYD_ASSERT_SIZE(stayd_node, 40);

/* A name in a directory. It stands for what the policy names, whichever inode bears it. */
struct stayd_entry_key {
  __u64 inode;
  __u64 name; /* SipHash */
  __u32 device;
  __u32 policy;
};
STAYD_ASSERT_SIZE(stayd_entry_key, 24);

struct stayd_entry {
  struct stayd_node node;
  __u64 inode; /* that bore the name when the policy was compiled; 0: none */
  __u32 device;
  __u32 reserved;
};
STAYD_ASSERT_SIZE(stayd_entry, 56);

/* Names that a pattern is about, wherever they are. They can only make the result stricter. */
enum {
  STAYD_NAME_EXACT = 0,     /* the last component of a path */
  STAYD_NAME_EXTENSION = 1, /* the text after its last dot, 1 to 15 bytes */
  STAYD_NAME_ABSTRACT = 2,  /* an abstract unix socket's name, without the leading zero */
};

struct stayd_name_key {
  __u64 name; /* SipHash */
  __u32 kind; /* STAYD_NAME_* */
  __u32 policy;
};
STAYD_ASSERT_SIZE(stayd_name_key, 16);

/* A cache of the result of walking from a name of a file to its root, patterns included. */
struct stayd_judged_key {
  __u64 inode;
  __u32 device;
  __u32 inode_generation;
  __u32 policy;
  __u32 place; /* the kernel's own hash of directory and name: another hard link is elsewhere */
};
STAYD_ASSERT_SIZE(stayd_judged_key, 24);

/* The value repeats its key, because the kernel gives the memory of an evicted or replaced entry to
 * the next one, while a program may still be reading it: the key is read last, and has to be the
 * one that was looked up. */
struct stayd_judged {
  struct stayd_judged_key key;
  __u64 generation; /* when the walk began; the entry is void unless it is still current */
  struct stayd_node node;
};
STAYD_ASSERT_SIZE(stayd_judged, 72);

/* The key of a longest-prefix match. The policy is part of the prefix, so prefix_bits is 32 more
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
  __u16 exempt; /* flows that do not make this stricter: a bit for each of stayd_policy.flows */
};
STAYD_ASSERT_SIZE(stayd_port_rule, 10);

/* The rules of one prefix, most specific first: the first one that matches wins. */
struct stayd_prefix {
  __u32 count;
  __u32 reserved;
  struct stayd_port_rule rules[STAYD_PORT_RULES];
};
STAYD_ASSERT_SIZE(stayd_prefix, 168);

/* An address that DNS gave for a host name, or that is known to have no name. */
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
STAYD_ASSERT_SIZE(stayd_resolved, 184);

#pragma GCC diagnostic pop
