/* SPDX-License-Identifier: GPL-2.0 */
/* Writes events. An event is the only way a person can hear of an operation, so a
 * full ring refuses what it would have held. */
#pragma once

#include "subject.bpf.h"
#include "syscall.bpf.h"

enum { ABSTRACT_PREFIX = 3, UNIX_NAME_SIZE = 107 }; /* family and a zero; unix(7) sun_path */
enum { PATH_COMPONENTS = 64, NAME_SIZE = 256, ARGUMENTS = 64, ARGUMENT_SIZE = 512 };

enum { MORE_ARGUMENTS = 1, MORE_TARGET };

/* What a hook asks for. The programs have 512 bytes of stack in all, so it is also the walk's
 * state, and fields are shared. */
struct request {
  struct stayd_object object;
  struct subject subject;
  struct stayd_node node; /* what the walk has found; empty for addresses */
  __u64 generation;       /* before the walk */
  __u64 dentry;           /* what the path is read from; 0: none. While walking: at this level */
  union {
    __u64 target;   /* rename: the dentry of the new name */
    __u64 abstract; /* of a unix socket without a dentry: its address */
    __u64 socket;   /* whose destination is judged; 0: none */
  };
  __u64 at;     /* while walking: the inode; 0: none */
  __u64 parent; /* while walking: the inode of the directory above; 0: none */
  __u32 device; /* while walking */
  __u32 flags;  /* of the policy */
  __u32 verdict;
  __u32 rule;
  __u32 open_flags;
  __u32 magic;
  __u8 ask;     /* the verdict is not final: the gatekeeper knows more */
  __u8 failure; /* STAYD_COUNT_*: why it cannot be judged; 0: it can */
  __u8 links;   /* creation by a hard link to what is behind `dentry`; `target` is the new name */
  __u8 more;    /* MORE_*: what the event shows besides a path */
};

/* See hold.bpf.h. */
struct slot {
  __u64 hold_id;
  __u64 call;
  __u64 since_ns; /* when the thread began to spin */
  struct stayd_object object;
  __u32 state;
  __u32 session; /* the parking that `since_ns` follows */
};

struct thread_holds {
  struct slot slots[STAYD_HOLDS_PER_CALL];
  struct stayd_arguments arguments; /* of the latest execve that was hashed (../exec.bpf.h) */
  __u32 arguments_judged;           /* what runs has to have these */
  __u32 reserved;
  /* What `arguments` was before: kept here for want of stack. */
  __u64 first_before;
  __u64 rest_before;
};

struct {
  __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, struct thread_holds);
} holds SEC(".maps");

struct shown_path {
  char bytes[STAYD_PATH_SIZE];
};

struct shown_argv {
  char bytes[STAYD_ARGV_SIZE];
};

struct file_event {
  struct stayd_operation_event operation;
  struct shown_path path;
};

struct exec_event {
  struct stayd_operation_event operation;
  struct shown_path path;
  struct shown_argv argv; /* MORE_TARGET: the target's path */
  struct stayd_node target;
  struct stayd_arguments arguments;
};

/* What the walk from the new name of a rename found, while its old one is looked at: the
 * programs' stack has no room for it. */
struct {
  __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, struct stayd_node);
} rename_targets SEC(".maps");

SEPARATE int remember_target(const struct stayd_node* node) {
  struct stayd_node* target = bpf_task_storage_get(&rename_targets, bpf_get_current_task_btf(),
                                                   NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);

  if (!node || !target) return false;
  *target = *node;
  return true;
}

static __always_inline void recall_target(struct stayd_node* into) {
  struct stayd_node* target =
      bpf_task_storage_get(&rename_targets, bpf_get_current_task_btf(), NULL, 0);
  struct stayd_node nothing = {};

  *into = target ? *target : nothing;
}

SEPARATE int recall_arguments(struct stayd_arguments* into) {
  struct thread_holds* all = bpf_task_storage_get(&holds, bpf_get_current_task_btf(), NULL, 0);
  struct stayd_arguments nothing = {};

  if (!into) return 0;
  *into = all ? all->arguments : nothing;
  return 0;
}

static __always_inline void fill_operation(struct stayd_operation_event* event,
                                           const struct request* request, const struct call* call,
                                           __u32 disposition, __u64 hold_id, __u32 size) {
  struct task_struct* task = bpf_get_current_task_btf();
  struct dentry* dentry = (struct dentry*)request->dentry; /* of none, the read gives 0 */
  __u64 ids = bpf_get_current_uid_gid();

  event->header.time_ns = bpf_ktime_get_boot_ns();
  event->header.kind = STAYD_EVENT_OPERATION;
  event->header.size = size;
  event->hold_id = hold_id;
  event->generation = request->generation;
  event->failure = request->failure;
  event->place = BPF_CORE_READ(dentry, d_name.hash);
  event->cgroup_id = cgroup_id_of(task);
  event->start_time_ns = task->start_boottime;
  event->process_start_ns = task->group_leader->start_boottime;
  event->object = request->object;
  event->workload = request->subject.id;
  event->tgid = task->tgid;
  event->tid = task->pid;
  event->parent_tgid = task->real_parent->tgid;
  event->uid = (__u32)ids;
  event->gid = ids >> 32;
  event->login_uid = task->loginuid.val;
  event->syscall = call->number;
  event->disposition = disposition;
  event->policy = request->subject.policy;
  event->rule = request->rule;
  /* Without branches, each of which would double the verifier's states. */
  event->flags = STAYD_EVENT_COMPAT * call->compat | STAYD_EVENT_INCOMPLETE * request->ask |
                 STAYD_EVENT_LINK * request->links;
  event->open_flags = request->open_flags;
  event->path_size = 0;
  event->argv_size = 0;
  event->magic = request->magic;
  event->verdict = request->verdict;
  event->node = request->node;
  bpf_get_current_comm(event->comm, sizeof(event->comm));
}

/* Names from the object up to the root of its file system, leaf first, a NUL after
 * each: the truth, whatever bind mount or chroot the caller sees it through. It is for
 * people; what is judged and bound is the inode. */
static __always_inline __u32 read_path(char* path, __u32 path_size, __u64 leaf, __u32* flags) {
  struct dentry* dentry = (struct dentry*)leaf;
  __u32 used = 0;

  for (int i = 0; i < PATH_COMPONENTS; i++) {
    struct dentry* parent = BPF_CORE_READ(dentry, d_parent);
    long size;

    if (parent == dentry) return used;
    if (used > path_size - NAME_SIZE) break;
    size = bpf_probe_read_kernel_str(path + used, NAME_SIZE, BPF_CORE_READ(dentry, d_name.name));
    if (size <= 0 || size > NAME_SIZE) break;
    used = (used + size) & (path_size - 1); /* one range for the verifier; never cuts */
    dentry = parent;
  }
  *flags |= STAYD_EVENT_PATH_TRUNCATED;
  return used;
}

enum { SHOWN_FLAGS_SHIFT = 16 };
_Static_assert(STAYD_PATH_SIZE < 1 << SHOWN_FLAGS_SHIFT, "see fill_path()");

/* Returns how many bytes were written, and above them the flags that the event gets. It is a
 * function of its own so that the verifier goes through it once, however many calls there are. */
SEPARATE __u32 fill_path(struct shown_path* path, __u64 leaf) {
  __u32 flags = 0;
  __u32 used;

  if (!path) return 0;
  used = read_path(path->bytes, sizeof(path->bytes), leaf, &flags);
  return used | flags << SHOWN_FLAGS_SHIFT;
}

/* The name of an abstract unix socket, without the leading zero. */
static __always_inline void fill_abstract(struct stayd_operation_event* event, char* path,
                                          __u64 abstract) {
  struct unix_address* address = (struct unix_address*)abstract;
  __u32 length = BPF_CORE_READ(address, len);
  const char* name = (const char*)abstract + bpf_core_field_offset(struct unix_address, name);

  if (length <= ABSTRACT_PREFIX || length > ABSTRACT_PREFIX + UNIX_NAME_SIZE) return;
  length -= ABSTRACT_PREFIX;
  length &= 127;
  if (bpf_probe_read_kernel(path, length, name + ABSTRACT_PREFIX)) return;
  event->path_size = length;
  event->flags |= STAYD_EVENT_ABSTRACT;
}

/* Stores the address of argument `i`, 0 behind the last. */
SEPARATE long read_argument_pointer(__u64 argv, __u32 i, __u32 compat, __u64* argument) {
  __u32 narrow = 0;
  long error;

  if (!argument) return -EINVAL;
  *argument = 0;
  if (!compat) return bpf_probe_read_user(argument, 8, (void*)(argv + 8 * i));
  error = bpf_probe_read_user(&narrow, 4, (void*)(argv + 4 * i));
  *argument = narrow;
  return error;
}

/* What bpf_probe_read_user_str() returns, which does not count the NUL of an empty string. Without
 * a branch, which would double the verifier's states; errors are below -1 and stay errors. */
static __always_inline long with_its_nul(long size) {
  long none = size - 1;

  asm volatile("%0 >>= 63" : "+r"(none));
  return size + (none & 1);
}

static __always_inline __u64 argv_pointer(const struct call* call) {
  struct pt_regs* regs = current_registers();
  __s32 nr = call->number & ~X32_SYSCALL_BIT;

  if (call->compat) return (__u32)(call->number == 11 ? regs->cx : regs->dx);
  return nr == 59 || nr == 520 ? regs->si : regs->dx;
}

/* The arguments as the caller's memory has them now. Returns as fill_path() does. */
SEPARATE __u32 fill_argv(struct shown_argv* argv, __u64 pointer, __u32 compat) {
  __u32 flags = STAYD_EVENT_ARGV_TRUNCATED;
  __u32 used = 0;

  if (!argv) return 0;
  for (int i = 0; i < ARGUMENTS; i++) {
    __u64 argument = 0;
    long size;

    if (used > STAYD_ARGV_SIZE - ARGUMENT_SIZE) break;
    if (read_argument_pointer(pointer, i, compat, &argument)) {
      flags |= STAYD_EVENT_ARGV_UNREADABLE;
      break;
    }
    if (!argument) {
      flags &= ~STAYD_EVENT_ARGV_TRUNCATED;
      break;
    }
    size = bpf_probe_read_user_str(argv->bytes + used, ARGUMENT_SIZE, (void*)argument);
    size = with_its_nul(size);
    if (size <= 0 || size > ARGUMENT_SIZE) {
      flags |= STAYD_EVENT_ARGV_UNREADABLE;
      break;
    }
    used = (used + size) & (STAYD_ARGV_SIZE - 1);                    /* as above */
    if (size == ARGUMENT_SIZE) flags |= STAYD_EVENT_ARGV_UNREADABLE; /* its head */
  }
  return used | flags << SHOWN_FLAGS_SHIFT;
}

static __always_inline void note_shown(struct stayd_operation_event* event, __u32* size,
                                       __u32 shown) {
  *size = shown & ((1 << SHOWN_FLAGS_SHIFT) - 1);
  event->flags |= shown >> SHOWN_FLAGS_SHIFT;
}

/* Returns whether the report is in the ring. */
SEPARATE int report(const struct request* request, __u32 disposition, __u64 hold_id) {
  struct call call;

  if (!request) return false;
  current_call(request->object.operation, &call);
  if (request->more) {
    struct exec_event* event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
    if (!event) return false;
    fill_operation(&event->operation, request, &call, disposition, hold_id, sizeof(*event));
    note_shown(&event->operation, &event->operation.path_size,
               fill_path(&event->path, request->dentry));
    recall_target(&event->target);
    recall_arguments(&event->arguments);
    note_shown(&event->operation, &event->operation.argv_size,
               request->more == MORE_TARGET
                   ? fill_path((struct shown_path*)&event->argv, request->target)
                   : fill_argv(&event->argv, argv_pointer(&call), call.compat));
    bpf_ringbuf_submit(event, 0);
    return true;
  }
  if (request->dentry || request->object.operation == STAYD_OP_UNIX) {
    struct file_event* event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
    if (!event) return false;
    fill_operation(&event->operation, request, &call, disposition, hold_id, sizeof(*event));
    if (request->dentry)
      note_shown(&event->operation, &event->operation.path_size,
                 fill_path(&event->path, request->dentry));
    else
      fill_abstract(&event->operation, event->path.bytes, request->abstract);
    bpf_ringbuf_submit(event, 0);
    return true;
  }
  struct stayd_operation_event* event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
  if (!event) return false;
  fill_operation(event, request, &call, disposition, hold_id, sizeof(*event));
  bpf_ringbuf_submit(event, 0);
  return true;
}

/* What an audit is about, once; see STAYD_POLICY_ONCE. */
SEPARATE int seen_before(const struct request* request) {
  struct stayd_grant_key key = {};
  __u64 now = bpf_ktime_get_boot_ns();

  if (!request) return false;
  key.object = request->object;
  key.workload = request->subject.id;
  return bpf_map_update_elem(&reported, &key, &now, BPF_NOEXIST) == -EEXIST;
}

static __always_inline void report_or_count(const struct request* request, __u32 disposition) {
  if (request->flags & STAYD_POLICY_ONCE && seen_before(request)) return;
  if (!report(request, disposition, 0)) count(STAYD_COUNT_events_lost);
}

/* A small event, reserved and its header filled; a loss is counted, nothing more: the agent
 * can find out otherwise. */
#define RESERVE_EVENT(type, event_kind)                                         \
  ({                                                                            \
    struct type* reserved = bpf_ringbuf_reserve(&events, sizeof(*reserved), 0); \
    if (reserved) {                                                             \
      struct stayd_event_header* header = (struct stayd_event_header*)reserved; \
      header->time_ns = bpf_ktime_get_boot_ns();                                \
      header->kind = event_kind;                                                \
      header->size = sizeof(*reserved);                                         \
    } else {                                                                    \
      count(STAYD_COUNT_events_lost);                                           \
    }                                                                           \
    reserved;                                                                   \
  })

static __always_inline void report_hold(__u32 kind, __u64 hold_id, struct task_struct* task) {
  struct stayd_hold_event* event = RESERVE_EVENT(stayd_hold_event, kind);

  if (!event) return;
  event->hold_id = hold_id;
  event->tgid = task->tgid;
  event->tid = task->pid;
  event->slot = 0;
  event->syscall = 0;
  bpf_ringbuf_submit(event, 0);
}

/* The current thread is back at its hold; an agent that has not heard of it before learns
 * what it needs to park it. */
static __always_inline void report_resumed(__u64 hold_id) {
  struct task_struct* task = bpf_get_current_task_btf();
  struct stayd_hold_event* event = RESERVE_EVENT(stayd_hold_event, STAYD_EVENT_RESUMED);
  struct stayd_workload_id* tag;

  if (!event) return;
  tag = bpf_task_storage_get(&subjects, task, NULL, 0);
  event->hold_id = hold_id;
  event->tgid = task->tgid;
  event->tid = task->pid;
  event->slot = tag ? tag->slot : 0;
  event->syscall = (__s32)current_registers()->orig_ax;
  bpf_ringbuf_submit(event, 0);
}

/* Notes the file for people, once for each workload; the path is left alone while another
 * processor, so many files behind, still writes it. */
SEPARATE int note_read(const struct request* request) {
  struct noted_file file = {};
  struct stayd_files_read* files;
  struct stayd_file_read* entry;
  __u8 noted = 1;
  __u64 number;
  __u32 slot;

  if (!request) return 0;
  file.workload = request->subject.id;
  file.inode = request->object.inode;
  file.device = request->object.device;
  file.inode_generation = request->object.inode_generation;
  if (bpf_map_lookup_elem(&noted_files, &file)) return 0;
  if (bpf_map_update_elem(&noted_files, &file, &noted, BPF_NOEXIST) == -EEXIST) return 0;
  slot = request->subject.id.slot;
  files = bpf_map_lookup_elem(&files_read, &slot);
  if (!files) return 0;
  number = __sync_fetch_and_add(&files->count, 1);
  entry = &files->latest[number & (STAYD_FILES_READ - 1)];
  if (__sync_val_compare_and_swap(&entry->busy, 0, 1)) return 0;
  entry->path_flags = 0;
  entry->path_size =
      read_path(entry->path, STAYD_READ_PATH_SIZE, request->dentry, &entry->path_flags);
  entry->device = file.device;
  entry->serial = number + 1;
  __sync_lock_test_and_set(&entry->busy, 0);
  return 0;
}

static __always_inline void report_touched(const struct request* request, __u64 labels) {
  struct stayd_touched_event* event = RESERVE_EVENT(stayd_touched_event, STAYD_EVENT_TOUCHED);
  struct task_struct* task = bpf_get_current_task_btf();

  if (!event) return;
  event->workload = request->subject.id;
  event->labels = labels;
  event->tgid = task->tgid;
  event->tid = task->pid;
  bpf_ringbuf_submit(event, 0);
}

static __always_inline void report_entry(__u32 policy, __u64 inode, __u32 device) {
  struct stayd_entry_event* event = RESERVE_EVENT(stayd_entry_event, STAYD_EVENT_ENTRY);

  if (!event) return;
  event->inode = inode;
  event->device = device;
  event->policy = policy;
  bpf_ringbuf_submit(event, 0);
}
