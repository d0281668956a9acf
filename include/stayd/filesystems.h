/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/* File systems by the magic number of statfs(2), include/uapi/linux/magic.h in the kernel. */
#pragma once

#include "stayd/contract.h"

/* X(name, magic): local file systems. Their directories change only by renames and deletions that
 * the hooks see, and stat(2) reports the inode number and device that the kernel uses. That is not
 * so of file systems over others, of those over the network, and of those with several devices. */
#define STAYD_LOCAL_FILE_SYSTEMS(X)         \
  X(EXT4, 0xef53u) /* ext2 and ext3, too */ \
  X(XFS, 0x58465342u)                       \
  X(F2FS, 0xf2f52010u)                      \
  X(TMPFS, 0x01021994u)

#define STAYD_MAGIC_ENUM(name, magic) STAYD_MAGIC_##name = magic,
enum { STAYD_LOCAL_FILE_SYSTEMS(STAYD_MAGIC_ENUM) STAYD_MAGIC_CGROUP2 = 0x63677270u };
#undef STAYD_MAGIC_ENUM
