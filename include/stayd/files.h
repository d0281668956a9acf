/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/* The kernel's identity of files, as a task_file iterator reports it. */
#pragma once

#include "stayd/contract.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"

/* One descriptor of the agent, and the file it stands for, as the kernel side identifies it. */
struct stayd_identity {
  __u64 inode;
  __u32 device;
  __u32 inode_generation;
  __u32 fd;
  __u32 magic; /* of the file system, statfs(2) f_type */
};
STAYD_ASSERT_SIZE(stayd_identity, 24);

#pragma GCC diagnostic pop
