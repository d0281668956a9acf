/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/* Workloads, and the tags by which tasks and cgroups belong to them. */
#pragma once

#include "stayd/contract.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"

/* A workload's identity. `slot` indexes the map of workloads and is reused; `generation` never is,
 * so that a tag with an old generation belongs to nobody. */
struct stayd_workload_id {
  __u32 slot;
  __u32 generation; /* 0: no workload */
};
STAYD_ASSERT_SIZE(stayd_workload_id, 8);

/* The slot of a cgroup that has just been made, or marked with an xattr, while the agent has not
 * said whether a policy applies to it. Its generation is then the time of the mark: CLOCK_BOOTTIME
 * nanoseconds, shifted by STAYD_UNDECIDED_SHIFT (units of 65 us), modulo 2^32. */
#define STAYD_UNDECIDED 0xffffffffu
enum { STAYD_UNDECIDED_SHIFT = 16 };

/* The slot of a cgroup that a policy claims, and of its tasks, while there is no slot for it:
 * every operation of theirs that is judged is denied. */
#define STAYD_NO_SLOT 0xfffffffeu

/* The value of a tagged cgroup. It repeats its key, because the kernel gives the memory of a
 * replaced entry to the next one, while a program may still be reading it. */
struct stayd_tagged_cgroup {
  __u64 cgroup;
  struct stayd_workload_id workload;
};
STAYD_ASSERT_SIZE(stayd_tagged_cgroup, 16);

/* Per-task tag, in task storage. */
struct stayd_tag {
  struct stayd_workload_id workload;
  __u32 waits; /* nonzero while this thread has an unanswered hold: its retry must use that hold's
                  answer, not a verdict that another thread's answer left in a cache */
  __u32 reserved;
};
STAYD_ASSERT_SIZE(stayd_tag, 16);

struct stayd_workload {
  __u32 generation; /* 0: the slot is free */
  __u32 policy;     /* key of the policies map */
};
STAYD_ASSERT_SIZE(stayd_workload, 8);

#pragma GCC diagnostic pop
