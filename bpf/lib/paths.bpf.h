/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reads paths for people. What is judged and bound is the inode.
 */
#pragma once

#include "hash.bpf.h"
#include "request.bpf.h"

enum { PATH_COMPONENTS = 64, NAME_SIZE = 256 };

/* Writes the names from the object up to the root of its file system, the leaf first, with a NUL
 * after each. This is the true path, whichever bind mount or chroot the caller sees it through.
 * `path_size` is a power of two; a longer path loses the components nearest the root, and the flag
 * says so. Returns the number of bytes used. */
static __always_inline __u32 read_path(char* path, __u32 path_size, __u64 leaf, __u32* flags) {
  struct dentry* dentry = (struct dentry*)leaf;
  __u32 used = 0;

  for (int i = 0; i < PATH_COMPONENTS; i++) {
    struct dentry* parent = BPF_CORE_READ(dentry, d_parent);
    long size;

    if (parent == dentry) return used;
    if (used >= path_size - NAME_SIZE) break; /* `used` stays below path_size */
    size = bpf_probe_read_kernel_str(path + used, NAME_SIZE, BPF_CORE_READ(dentry, d_name.name));
    if (size <= 0 || size > NAME_SIZE) break;
    used = (used + size) & (path_size - 1); /* bounds it for the verifier; never cuts */
    dentry = parent;
  }
  *flags |= STAYD_EVENT_PATH_TRUNCATED;
  return used;
}

struct path_buffer {
  char bytes[STAYD_PATH_SIZE];
};

/* Does the same for the path of an event. Returns the number of bytes used, ored with PATH_CUT if
 * the path was cut. This is a function of its own because an event may have two paths, and the
 * verifier would go through the second one for each way in which the first can end. */
enum { PATH_CUT = 1 << 30 };

GLOBAL_SUBPROG __u32 read_event_path(struct path_buffer* path, const __u64* leaf) {
  __u32 flags = 0;
  __u32 used;

  if (!path || !leaf) return 0;
  used = read_path(path->bytes, sizeof(path->bytes), *leaf, &flags);
  return flags ? used | PATH_CUT : used;
}

/* Reads a path into the event and notes whether it was cut. Returns the number of bytes used. */
static __always_inline __u32 fill_path(struct stayd_operation_event* event,
                                       struct path_buffer* path, const __u64* leaf) {
  __u32 used = read_event_path(path, leaf);

  /* A branch here would double the verifier's states. */
  event->flags |= STAYD_EVENT_PATH_TRUNCATED * (used / PATH_CUT & 1);
  return used & (STAYD_PATH_SIZE - 1);
}

/* Writes the name of an abstract unix socket, without the leading zero. */
static __always_inline void fill_abstract(struct stayd_operation_event* event,
                                          struct path_buffer* path, __u64 abstract) {
  struct unix_address* address = (struct unix_address*)abstract;
  __u32 length = BPF_CORE_READ(address, len);
  const char* name = (const char*)abstract + bpf_core_field_offset(struct unix_address, name);

  if (length <= ABSTRACT_PREFIX || length > ABSTRACT_PREFIX + UNIX_NAME_SIZE) return;
  length -= ABSTRACT_PREFIX;
  length &= 127;
  if (bpf_probe_read_kernel(path->bytes, length, name + ABSTRACT_PREFIX)) return;
  event->path_size = length;
  event->flags |= STAYD_EVENT_ABSTRACT;
}
