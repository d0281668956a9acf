// SPDX-License-Identifier: GPL-2.0
/*
 * Lists every program, in the order in which a task reaches them; the code is in the file named
 * beside each. All fail closed: an error is a counted -EPERM.
 *
 *   may hold
 *     file_open             file.bpf.h       open of a file, before the descriptor exists
 *     path_truncate         file.bpf.h       truncate(2)
 *     inode_create, inode_mkdir, inode_mknod, inode_symlink, inode_link
 *                           file.bpf.h       creation, before anything exists
 *     inode_unlink, inode_rmdir, inode_rename
 *                           file.bpf.h       deletion, change of name
 *     socket_connect        network.bpf.h    with the kernel's copy of the address
 *     socket_sendmsg        network.bpf.h    only messages that name a destination
 *     bprm_check_security   exec.bpf.h       the program, then each interpreter
 *   refuses at once
 *     unix_stream_connect, unix_may_send     network.bpf.h    unix sockets that rules name
 *     bprm_committed_creds  exec.bpf.h       a program whose arguments are not those judged
 *   keep tags, holds and caches up to date
 *     task_alloc            lifecycle.bpf.h  a child inherits its tag, or the fork fails
 *     cgroup_mkdir, cgroup_rmdir, cgroup_attach_task, sched_process_exit,
 *     signal_generate, signal_deliver, cgroup_xattr        lifecycle.bpf.h
 *     agent_connection      network.bpf.h    who connects to the agent's own sockets
 *     moved, exchanged      file.bpf.h       a renamed file or directory is judged anew
 *     dns_ingress           dns.bpf.h        answers of a configured resolver
 *     egress                pending.bpf.h    what leaves the sockets of pending connections
 *                           sent.bpf.h       bytes sent to each destination
 *     connect_attempts      pending.bpf.h    how long a pending connection is tried
 *   run by the agent
 *     tag_tasks             lifecycle.bpf.h  tags tasks that are already in a cgroup
 *     list_tags             below            which workloads still have tasks
 *     identify_files        below            the kernel's identity of the agent's descriptors
 *     list_seals            pending.bpf.h    which connections are pending, and ends those that are
 * over sample_flags          below            a thread's flags while a signal is pending
 *
 * The programs in lsm/ sections are LSM programs. Where the kernel's lsm= list lacks `bpf`, the
 * loader attaches the same programs as fmod_ret of the security_* function instead. No program
 * looks at an earlier program's verdict, because an LSM call ends at the first refusal.
 */
#include "dns.bpf.h"
#include "exec.bpf.h"
#include "file.bpf.h"
#include "lifecycle.bpf.h"
#include "network.bpf.h"
#include "pending.bpf.h"
#include "sent.bpf.h"

char LICENSE[] SEC("license") = "GPL";

SEC("lsm/file_open")
int BPF_PROG(file_open, struct file* file) { return JUDGE(judge_open, file); }

SEC("lsm/inode_create")
int BPF_PROG(inode_create, struct inode* directory, struct dentry* dentry, __u16 mode) {
  return JUDGE(judge_create, directory, dentry, mode);
}

SEC("lsm/path_truncate")
int BPF_PROG(path_truncate, const struct path* path) { return JUDGE(judge_truncate, path->dentry); }

SEC("lsm/inode_mkdir")
int BPF_PROG(inode_mkdir, struct inode* directory, struct dentry* dentry, __u16 mode) {
  return JUDGE(judge_create, directory, dentry, mode);
}

SEC("lsm/inode_mknod")
int BPF_PROG(inode_mknod, struct inode* directory, struct dentry* dentry, __u16 mode) {
  return JUDGE(judge_create, directory, dentry, mode);
}

SEC("lsm/inode_symlink")
int BPF_PROG(inode_symlink, struct inode* directory, struct dentry* dentry) {
  return JUDGE(judge_create, directory, dentry, 0);
}

SEC("lsm/inode_unlink")
int BPF_PROG(inode_unlink, struct inode* directory, struct dentry* dentry) {
  return JUDGE(judge_delete, dentry);
}

SEC("lsm/inode_rmdir")
int BPF_PROG(inode_rmdir, struct inode* directory, struct dentry* dentry) {
  return JUDGE(judge_delete, dentry);
}

SEC("lsm/inode_rename")
int BPF_PROG(inode_rename, struct inode* old_directory, struct dentry* source,
             struct inode* new_directory, struct dentry* target) {
  forget_source(source);
  return JUDGE(judge_rename, source, target);
}

SEC("lsm/inode_link")
int BPF_PROG(inode_link, struct dentry* source, struct inode* directory, struct dentry* name) {
  forget_source(source);
  return JUDGE(judge_link, source, directory, name);
}

SEC("lsm/socket_connect")
int BPF_PROG(socket_connect, struct socket* socket, struct sockaddr* address, int size) {
  return JUDGE(judge_connect, socket, address, size);
}

SEC("lsm/socket_sendmsg")
int BPF_PROG(socket_sendmsg, struct socket* socket, struct msghdr* message) {
  return names_destination(socket, message) ? JUDGE(judge_send, socket, message) : 0;
}

SEC("lsm/bprm_check_security")
int BPF_PROG(bprm_check_security, struct linux_binprm* bprm) { return JUDGE(judge_exec, bprm); }

SEC("lsm/unix_stream_connect")
int BPF_PROG(unix_stream_connect, struct sock* socket, struct sock* other) {
  return JUDGE_UNDER_LOCK(judge_unix, other);
}

SEC("lsm/unix_may_send")
int BPF_PROG(unix_may_send, struct socket* socket, struct socket* other) {
  return JUDGE_UNDER_LOCK(judge_unix, other->sk);
}

SEC("lsm/bprm_committed_creds")
int BPF_PROG(bprm_committed_creds, struct linux_binprm* bprm) {
  check_arguments(bprm);
  return 0;
}

SEC("fentry/security_unix_stream_connect")
int BPF_PROG(agent_connection, struct sock* socket, struct sock* other, struct sock* accepted) {
  note_connection(other, accepted);
  return 0;
}

SEC("fexit/d_move")
int BPF_PROG(moved, struct dentry* dentry) {
  forget_place(dentry);
  return 0;
}

SEC("fexit/d_exchange")
int BPF_PROG(exchanged, struct dentry* one, struct dentry* other) {
  forget_place(one);
  forget_place(other);
  return 0;
}

SEC("cgroup_skb/ingress")
int dns_ingress(struct __sk_buff* packet) {
  report_dns(packet);
  return 1;
}

SEC("cgroup_skb/egress")
int egress(struct __sk_buff* packet) {
  if (!may_leave(packet)) return 0;
  count_sent(packet);
  return 1;
}

SEC("sockops")
int connect_attempts(struct bpf_sock_ops* operation) {
  extend_attempts(operation);
  return 1;
}

SEC("lsm/task_alloc")
int BPF_PROG(task_alloc, struct task_struct* child, unsigned long clone_flags) {
  return inherit(child, clone_flags);
}

SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(cgroup_mkdir, struct cgroup* cgroup) {
  tag_child_cgroup(cgroup);
  report_new_cgroup();
  return 0;
}

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(cgroup_rmdir, struct cgroup* cgroup) {
  forget_cgroup(cgroup);
  return 0;
}

SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(cgroup_attach, struct cgroup* destination, const char* path,
             struct task_struct* task) {
  follow_move(destination, task);
  return 0;
}

SEC("fexit/__vfs_setxattr_noperm")
int BPF_PROG(cgroup_xattr, struct mnt_idmap* idmap, struct dentry* dentry) {
  if (dentry->d_sb->s_magic != STAYD_MAGIC_CGROUP2) return 0;
  mark_undecided(BPF_CORE_READ(dentry, d_inode, i_ino));
  report_new_cgroup();
  return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(process_exit, struct task_struct* task) {
  end_holds(task);
  return 0;
}

SEC("tp_btf/signal_generate")
int BPF_PROG(signal_generate, int signal, struct kernel_siginfo* info, struct task_struct* task,
             int group) {
  wake_parked(signal, info, task, group);
  return 0;
}

SEC("tp_btf/signal_deliver")
int BPF_PROG(signal_deliver, int signal, struct kernel_siginfo* info, struct k_sigaction* action) {
  meet_signal(action);
  return 0;
}

/* Runs after the signal has been queued and complete_signal() has set the thread's flag. */
SEC("tp_btf/signal_generate")
int BPF_PROG(sample_flags, int signal, struct kernel_siginfo* info, struct task_struct* task) {
  if ((__u32)task->pid == sampled_tid) sampled_flags = task->thread_info.flags;
  return 0;
}

struct bpf_iter_meta {
  struct seq_file* seq;
} __attribute__((preserve_access_index));

struct bpf_iter__task {
  struct bpf_iter_meta* meta;
  struct task_struct* task;
} __attribute__((preserve_access_index));

struct bpf_iter__task_file {
  struct bpf_iter_meta* meta;
  struct task_struct* task;
  __u32 fd;
  struct file* file;
} __attribute__((preserve_access_index));

struct bpf_iter__bpf_sk_storage_map {
  struct bpf_iter_meta* meta;
  struct bpf_map* map;
  struct sock* sk;
  void* value;
} __attribute__((preserve_access_index));

SEC("iter/task")
int tag_tasks(struct bpf_iter__task* context) {
  struct task_struct* task = context->task;

  if (task) tag_existing(task);
  return 0;
}

/* Writes the tag of each task that has one. */
SEC("iter/task")
int list_tags(struct bpf_iter__task* context) {
  struct task_struct* task = context->task;
  struct stayd_tag* tag;

  if (!task) return 0;
  tag = bpf_task_storage_get(&subjects, task, NULL, 0);
  if (tag) bpf_seq_write(context->meta->seq, &tag->workload, sizeof(tag->workload));
  return 0;
}

SEC("iter/task_file")
int identify_files(struct bpf_iter__task_file* context) {
  struct task_struct* task = context->task;
  struct file* file = context->file;
  struct stayd_identity identity = {};
  struct inode* inode;

  if (!task || !file || (__u32)task->tgid != agent_tgid || task->tgid != task->pid) return 0;
  inode = file->f_path.dentry->d_inode;
  identity.inode = inode->i_ino;
  identity.device = inode->i_sb->s_dev;
  identity.inode_generation = inode->i_generation;
  identity.fd = context->fd;
  identity.magic = inode->i_sb->s_magic;
  bpf_seq_write(context->meta->seq, &identity, sizeof(identity));
  return 0;
}

SEC("iter/bpf_sk_storage_map")
int list_seals(struct bpf_iter__bpf_sk_storage_map* context) {
  struct stayd_seal* seal = context->value;
  struct sock* sock = context->sk;

  if (seal && sock) look_at_seal(context->meta->seq, sock, seal);
  return 0;
}
