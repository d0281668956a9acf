/* SPDX-License-Identifier: GPL-2.0 */
/* Judges connect and send by the kernel's own copy of the address, and unix sockets by the peer. */
#pragma once

#include "lib/enforce.bpf.h"
#include "lib/seals.bpf.h"

enum { NOTHING_TO_JUDGE = 1, ANY_ADDRESS };

/* Replaces 0.0.0.0 and :: by the loopback address, because as destinations they mean this host:
 * ip_route_output_key_hash_rcu(), ip6_dst_lookup_tail(). Returns ANY_ADDRESS then, as the kernel
 * may choose another address of this host; else 0. */
static __always_inline int name_loopback(struct stayd_object* object) {
  const __u64* halves = (const __u64*)object->address;

  if (halves[0]) return 0;
  if (!halves[1]) {
    object->address[15] = 1;
    return ANY_ADDRESS;
  }
  if (halves[1] != 0xffff0000ull) return 0; /* ::ffff:0.0.0.0, as little-endian bytes */
  object->address[12] = 127;
  object->address[15] = 1;
  return ANY_ADDRESS;
}

/* Normalises the address to one 128-bit key: IPv4 is v4-mapped, whichever family the socket has.
 * Returns 0, NOTHING_TO_JUDGE, ANY_ADDRESS (see name_loopback()) or a negative error. */
static __always_inline int bind_address(struct stayd_object* object, struct socket* socket,
                                        void* address, int size, bool connecting) {
  struct sock* sock = socket->sk;
  struct sockaddr_in6 in6 = {};
  struct sockaddr_in in = {};
  __u16 family = 0;

  if (!sock) return -EINVAL;
  if (size < (int)sizeof(family)) return -EINVAL;
  if (bpf_probe_read_kernel(&family, sizeof(family), address))
    return refuse(STAYD_COUNT_denied_address_unreadable);
  if (family == AF_UNSPEC) {
    /* connect() dissolves the association; sendto() on an IPv4 socket takes it as AF_INET. */
    if (connecting) return NOTHING_TO_JUDGE;
    family = sock->__sk_common.skc_family;
  }
  /* The socket's family decides who parses the address. On a socket that is not an internet socket,
   * it is up to that family what an IPv4 address means. */
  switch (sock->__sk_common.skc_family) {
    case AF_UNIX:
    case AF_NETLINK:
      return NOTHING_TO_JUDGE;
    case AF_INET:
    case AF_INET6:
      break;
    default:
      return refuse(STAYD_COUNT_denied_family);
  }
  object->protocol = sock->sk_protocol;
  if (family == AF_INET) {
    if (size < (int)sizeof(in)) return -EINVAL;
    if (bpf_probe_read_kernel(&in, sizeof(in), address))
      return refuse(STAYD_COUNT_denied_address_unreadable);
    object->address[10] = 0xff;
    object->address[11] = 0xff;
    __builtin_memcpy(&object->address[12], in.sin_addr, 4);
    object->port = __builtin_bswap16(in.sin_port);
    return name_loopback(object);
  }
  if (family == AF_INET6) {
    if (size < 24) return -EINVAL; /* SIN6_LEN_RFC2133: no scope id */
    if (bpf_probe_read_kernel(&in6, 24, address))
      return refuse(STAYD_COUNT_denied_address_unreadable);
    if (size >= (int)sizeof(in6) && bpf_probe_read_kernel(&in6, sizeof(in6), address))
      return refuse(STAYD_COUNT_denied_address_unreadable);
    __builtin_memcpy(object->address, in6.sin6_addr, 16);
    object->port = __builtin_bswap16(in6.sin6_port);
    /* fe80::/10 and ff00::/8 mean nothing without their interface. */
    if ((in6.sin6_addr[0] == 0xfe && (in6.sin6_addr[1] & 0xc0) == 0x80) || in6.sin6_addr[0] == 0xff)
      object->scope_id = in6.sin6_scope_id;
    return name_loopback(object);
  }
  return refuse(STAYD_COUNT_denied_family);
}

/* The same as enforce(), for a connect: its connection may be pending while the thread goes on. */
static __always_inline int enforce_connect(struct request* request, struct sock* sock,
                                           bool can_pend) {
  bool holds = request->deferred || request->verdict == STAYD_VERDICT_HOLD;
  struct stayd_seal* sealed = NULL;
  int result;

  if (may_seal && seals_exist && sock) sealed = bpf_sk_storage_get(&seals, sock, NULL, 0);
  if (sealed && !leads_to(sealed, &request->object))
    return fail(request, STAYD_COUNT_denied_sealed);
  if (sealed && holds && is_hold(hold_of(sealed))) {
    if (sock->__sk_common.skc_state != TCP_CLOSE) {
      /* The program asks how far its connection is; or another thread began the same one. */
      if (request->subject.waits) end_wait(STAYD_OP_CONNECT, 0, 0);
      return 0;
    }
    end_connection(sealed);
  }
  request->may_pend = holds && can_pend && may_pend(request);
  result = enforce(request, false);
  if (may_seal && result == PENDING && sock) return seal(request, sock);
  if (sealed && !result) change_seal(sealed, STAYD_SEAL_OPEN);
  return result;
}

static __always_inline int judge_destination(struct request* request,
                                             const struct stayd_policy* policy,
                                             struct socket* socket, void* address, int size,
                                             bool connecting) {
  bool final;
  int error;

  error = bind_address(&request->object, socket, address, size, connecting);
  if (error == NOTHING_TO_JUDGE) return 0;
  if (error < 0) return error;
  final = judge_address(request);
  /* If this call is waiting, the answer to its hold has what was asked, and must be used. */
  request->deferred =
      !final || (request->flags & STAYD_POLICY_DEFER_HOSTS && request->subject.waits);
  if (request->verdict == STAYD_VERDICT_UNSET)
    request->verdict = policy->verdicts[STAYD_ACCESS_NETWORK];
  if (policy->flow_count) take_flows(request, STAYD_ACCESS_NETWORK);
  request->object.access = 1 << STAYD_ACCESS_NETWORK;
  request->socket = (__u64)socket;
  if (request->object.operation != STAYD_OP_CONNECT) return enforce(request, false);
  return enforce_connect(request, socket->sk, connecting && error != ANY_ADDRESS);
}

static __always_inline int judge_connect(struct request* request, const struct stayd_policy* policy,
                                         struct socket* socket, struct sockaddr* address,
                                         int size) {
  request->object.operation = STAYD_OP_CONNECT;
  return judge_destination(request, policy, socket, address, size, true);
}

/* True if the message names its destination. A connected stream ignores the name, but TCP Fast Open
 * connects this way and never calls the connect hook. */
static __always_inline bool names_destination(struct socket* socket, struct msghdr* message) {
  if (!message->msg_name) return false;
  return socket->type != SOCK_STREAM || message->msg_flags & MSG_FASTOPEN;
}

static __always_inline int judge_send(struct request* request, const struct stayd_policy* policy,
                                      struct socket* socket, struct msghdr* message) {
  request->object.operation = socket->type == SOCK_STREAM ? STAYD_OP_CONNECT : STAYD_OP_SEND;
  request->open_flags = message->msg_flags;
  return judge_destination(request, policy, socket, message->msg_name, message->msg_namelen, false);
}

/*
 * Judges the peer of a unix socket. The kernel calls the hook under the peer's lock, where nobody
 * can be asked and nothing restarted, so what would be held is refused, with a ticket for the next
 * attempt. Sockets that no rule names are let through.
 */
static __always_inline int judge_unix(struct request* request, const struct stayd_policy* policy,
                                      struct sock* other) {
  struct unix_sock* peer = (struct unix_sock*)other;
  __u64 dentry;
  __u32 reason;

  if (!other) return 0;
  request->object.operation = STAYD_OP_UNIX;
  if (!(request->flags & STAYD_POLICY_UNIX)) return 0;
  dentry = (__u64)BPF_CORE_READ(peer, path.dentry);
  if (dentry) {
    reason = walk_up_untyped(dentry, request);
    request->dentry = dentry;
    if (reason) return fail(request, reason);
    request->object.inode = BPF_CORE_READ(peer, path.dentry, d_inode, i_ino);
    request->object.inode_generation = BPF_CORE_READ(peer, path.dentry, d_inode, i_generation);
    request->object.device = BPF_CORE_READ(peer, path.dentry, d_sb, s_dev);
  } else {
    request->abstract = (__u64)BPF_CORE_READ(peer, addr);
    if (!request->abstract) return 0; /* one end of a pair, or never bound */
    request->object.hash = hash_abstract(request->abstract);
    take_pattern(request, request->object.hash, STAYD_NAME_ABSTRACT);
  }
  take(request, &request->node, policy, STAYD_ACCESS_UNIX);
  if (request->verdict == STAYD_VERDICT_ALLOW) return 0;
  request->object.access = 1 << STAYD_ACCESS_UNIX;
  return enforce(request, false);
}

/*
 * Records, on the socket that accept(2) will return to the agent, whose process connects: its tag,
 * its login and when it began. Afterwards the agent has only a pid, which another process may have
 * by then. Runs in the connecting task, under the lock of `other`, before the connection is in the
 * queue of `other` (net/unix/af_unix.c, unix_stream_connect()).
 *
 * Nothing is refused here, because the agent serves no connection without such a record. The
 * program is a fentry one because fmod_ret programs may not use socket storage
 * (bpf_sk_storage_tracing_allowed()).
 */
static __always_inline void note_connection(struct sock* other, struct sock* accepted) {
  struct stayd_connection* listener = bpf_sk_storage_get(&connections, other, NULL, 0);
  struct stayd_connection fresh = {.kind = STAYD_SOCKET_CONNECTED};
  struct subject subject = {};
  struct task_struct* task;

  if (!listener || listener->kind != STAYD_SOCKET_LISTENS) return;
  if (current_subject(&subject)) {
    fresh.workload = subject.id;
  } else if (subject.undecided) {
    fresh.workload.slot = STAYD_UNDECIDED;
    fresh.workload.generation = 1;
  }
  task = bpf_get_current_task_btf();
  fresh.process_start_ns = task->group_leader->start_boottime;
  fresh.login_uid = task->loginuid.val;
  if (!bpf_sk_storage_get(&connections, accepted, &fresh, BPF_SK_STORAGE_GET_F_CREATE))
    count(STAYD_COUNT_connections_unseen);
}
