/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Declares the few kernel types that the programs read. libbpf relocates every access to the
 * running kernel's layout (CO-RE), so a struct lists only the members used, and one object serves
 * every kernel; no vmlinux.h generated on the build machine is involved.
 */
#pragma once

#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

typedef _Bool bool;
#define true 1
#define false 0

/* include/linux/fs.h */
#define FMODE_READ 0x1u
#define FMODE_WRITE 0x2u
/* See struct backing_file; 1 << 25 before 6.14 and before the later releases of 6.12. */
#define FMODE_BACKING 0x1000000u
#define FMODE_CREATED 0x100000u /* created by this open: inode_create has judged it */
#define F_FLAGS_EXEC 0x20u      /* __FMODE_EXEC: opened by execve or for an ELF interpreter */
#define O_TRUNC 01000u
#define O_NONBLOCK 04000u
#define O_TMPFILE_BIT 020000000u /* __O_TMPFILE */
#define S_IFMT 0170000
#define S_IFDIR 0040000
/* include/linux/dcache.h */
#define DCACHE_DISCONNECTED 0x20u
#define DCACHE_PAR_LOOKUP_1 0x10000000u /* until the flags were packed more closely (6.14) ... */
#define DCACHE_PAR_LOOKUP_14 0x1000000u /* ... and until they became an enum (6.16) */
/* include/linux/sched.h */
#define PF_EXITING 0x4u
#define PF_IO_WORKER 0x10u
#define PF_KTHREAD 0x200000u
#define CLONE_INTO_CGROUP 0x200000000ull
/* arch/x86/include/asm/thread_info.h */
#define TS_COMPAT 0x2u

#define EPERM 1
#define EAGAIN 11
#define EEXIST 17
#define EINVAL 22
#define ENOSYS 38
/* include/linux/errno.h: never seen by user space */
#define ERESTARTSYS 512
#define ERESTARTNOINTR 513
#define ERESTARTNOHAND 514

#define SIGCONT 18
#define SIGSTOP 19
#define SEND_SIG_PRIV 1ul /* a kernel_siginfo pointer with this value: from the kernel */
#define SA_RESTART 0x10000000ul

#define SIGKILL 9

#define AF_UNSPEC 0
#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define AF_NETLINK 16
#define SOCK_STREAM 1
#define MSG_FASTOPEN 0x20000000u
#define ETH_P_IP 0x0800
#define TCP_CLOSE 7 /* include/net/tcp_states.h */
#define IPPROTO_TCP 6
#define TCP_SYNCNT 7 /* include/uapi/linux/tcp.h */
#define IPPROTO_UDP 17

enum dentry_flags { DCACHE_PAR_LOOKUP = 1 << 24 };
enum cgroup_bpf_attach_type { CGROUP_INET4_CONNECT = 1, CGROUP_INET6_CONNECT };

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
  unsigned int val;
} kuid_t;

struct kernfs_node {
  __u64 id;
};

struct cgroup;

struct cgroup_subsys_state {
  struct cgroup* cgroup;
  struct cgroup_subsys_state* parent;
};

struct cgroup_root {
  int hierarchy_id;
};

struct bpf_prog_array_item {
  struct bpf_prog* prog;
};

struct bpf_prog_array {
  struct bpf_prog_array_item items[1]; /* up to one without a program */
};

struct cgroup_bpf {
  struct bpf_prog_array* effective[1]; /* by enum cgroup_bpf_attach_type */
};

struct cgroup {
  struct cgroup_subsys_state self;
  struct kernfs_node* kn;
  struct cgroup_root* root;
  struct cgroup_bpf bpf;
};

struct css_set {
  struct cgroup* dfl_cgrp;
};

struct thread_info {
  unsigned long flags;
  __u32 status;
};

struct net {
  __u64 net_cookie;
  struct netns_ipvs* ipvs; /* of kernels with CONFIG_IP_VS */
};

typedef struct {
  struct net* net;
} possible_net_t;

struct nsproxy {
  struct net* net_ns;
};

struct task_struct {
  struct thread_info thread_info;
  unsigned int flags;
  int pid;
  int tgid;
  struct task_struct* real_parent;
  struct task_struct* group_leader;
  __u64 start_boottime;
  struct css_set* cgroups;
  struct mm_struct* mm;
  struct nsproxy* nsproxy;
  kuid_t loginuid;
};

struct pt_regs {
  unsigned long r10, r9, r8, ax, dx, si, di, orig_ax, ip, sp, bx, cx, bp;
};

struct super_block {
  __u32 s_dev;
  unsigned long s_magic;
  struct dentry* s_root;
};

struct hlist_node {
  struct hlist_node* next;
};

struct hlist_head {
  struct hlist_node* first;
};

struct timespec64 {
  __s64 tv_sec;
  long tv_nsec;
};

struct inode {
  struct hlist_head i_dentry;
  unsigned long i_ino;
  __u32 i_generation;
  struct super_block* i_sb;
  unsigned short i_mode;
  kuid_t i_uid;
  __u32 i_nlink;
  __s64 i_size;
  /* The change time is i_ctime until 6.6, __i_ctime until 6.11, and the other two since. */
  struct timespec64 i_ctime;
  struct timespec64 __i_ctime;
  __s64 i_ctime_sec;
  __u32 i_ctime_nsec;
};

struct qstr {
  __u32 len;
  __u32 hash;
  const unsigned char* name;
};

struct hlist_bl_node {
  struct hlist_bl_node** pprev;
};

struct dentry {
  unsigned int d_flags;
  struct hlist_bl_node d_hash;
  struct dentry* d_parent;
  struct qstr d_name;
  struct inode* d_inode;
  struct super_block* d_sb;
  union {
    struct hlist_node d_alias;
  } d_u;                     /* until 7.0 */
  struct hlist_node d_alias; /* since 7.1: in an unnamed union */
};

struct path {
  struct dentry* dentry;
};

struct file {
  unsigned int f_mode;
  unsigned int f_flags;
  struct path f_path;
  struct inode* f_inode;
};

/* Since 6.5 this is the lower file that overlayfs opens for the file that the caller sees. */
struct backing_file {
  struct file file;
};

struct linux_binprm {
  struct file* file;
  unsigned long p; /* the top of the new memory; the arguments begin there */
  int argc;
  const char* filename;
  const char* interp;
};

struct mm_struct {
  unsigned long arg_start, arg_end;
};

struct sock_common {
  unsigned short skc_family;
  unsigned char skc_state;
  int skc_bound_dev_if;
  possible_net_t skc_net;
};

struct sock_cgroup_data {
  struct cgroup* cgroup; /* that the socket was created in */
};

struct sock {
  struct sock_common __sk_common;
  __u16 sk_protocol;
  struct sock_cgroup_data sk_cgrp_data;
};

struct tcp_sock {
  __u8 fastopen_connect : 1; /* connect(2) puts off the SYN until there is something to send */
};

struct socket {
  short type;
  struct file* file;
  struct sock* sk;
};

struct sockaddr {
  unsigned short sa_family;
};

struct sockaddr_un {
  unsigned short sun_family;
};

struct unix_address {
  int len;
  struct sockaddr_un name[];
};

struct unix_sock {
  struct sock sk;
  struct unix_address* addr;
  struct path path;
};

struct msghdr {
  void* msg_name;
  int msg_namelen;
  unsigned int msg_flags;
};

struct sigaction {
  void* sa_handler;
  unsigned long sa_flags;
};

struct k_sigaction {
  struct sigaction sa;
};

#pragma clang attribute pop

struct kernel_siginfo;
struct mnt_idmap;

/* The kernel copies these from the caller as they are. Their layouts are those of user space and
 * are never relocated. */
struct sockaddr_in {
  __u16 sin_family;
  __u16 sin_port;
  __u8 sin_addr[4];
  __u8 sin_zero[8];
};

struct sockaddr_in6 {
  __u16 sin6_family;
  __u16 sin6_port;
  __u32 sin6_flowinfo;
  __u8 sin6_addr[16];
  __u32 sin6_scope_id;
};
