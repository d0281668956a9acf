/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Seals: the connect of a non-blocking TCP socket is held without stopping its thread. The kernel
 * begins to connect, and the egress program (../pending.bpf.h) drops what the socket sends until
 * the hold is answered.
 *
 * A seal stays on its socket for good, because nobody can know that no thread is still between its
 * connect hook and the kernel's connect. That is also why it is bound to one address: a socket that
 * was ever sealed connects to no other. The seal is bound to the socket and not to a descriptor or
 * a process, so that it holds wherever the socket is passed.
 */
#pragma once

#include "answers.bpf.h"

static __always_inline bool leads_to(const struct stayd_seal* seal,
                                     const struct stayd_object* object) {
  const __u64* sealed = (const __u64*)seal->address;
  const __u64* wanted = (const __u64*)object->address;

  return sealed[0] == wanted[0] && sealed[1] == wanted[1] && seal->port == object->port &&
         !object->scope_id;
}

static __always_inline bool is_hold(__u64 hold_id) {
  return hold_id != STAYD_SEAL_SHUT && hold_id != STAYD_SEAL_OPEN;
}

static __always_inline __u64 hold_of(const struct stayd_seal* seal) {
  return *(volatile const __u64*)&seal->hold_id;
}

static __always_inline void forget_pending(__u64 hold_id) {
  bpf_map_delete_elem(&pending_connections, &hold_id);
  forget_answer(hold_id);
}

/* The connection will never be made. */
static __always_inline void end_pending(__u64 hold_id) {
  report_hold(STAYD_EVENT_GONE, hold_id, bpf_get_current_task_btf());
  forget_pending(hold_id);
}

/* The socket does not connect any more. */
static __always_inline void end_connection(struct stayd_seal* seal) {
  __u64 hold_id = hold_of(seal);

  if (!is_hold(hold_id)) return;
  if (__sync_val_compare_and_swap(&seal->hold_id, hold_id, STAYD_SEAL_SHUT) == hold_id)
    end_pending(hold_id);
}

/* True if a BPF program of another owner may replace the address after it was judged. */
static __always_inline bool has_connect_programs(struct cgroup* cgroup, __u32 type) {
  struct bpf_prog_array** effective = cgroup->bpf.effective;
  struct bpf_prog_array* programs = NULL;

  if (bpf_probe_read_kernel(&programs, sizeof(programs), effective + type)) return true;
  return !programs || BPF_CORE_READ(programs, items[0].prog);
}

/*
 * True if the connection of the request may be pending: nothing can leave the socket but through
 * the egress program of the request's workload, and to the address that was judged; and the agent
 * can reach the socket in the current task's network namespace, which it does over the loopback
 * device. Virtual servers (IPVS) send packets without their socket.
 */
GLOBAL_SUBPROG int may_pend(const struct request* request) {
  struct task_struct* task = bpf_get_current_task_btf();
  struct stayd_workload_id id = {};
  struct socket* socket;
  struct cgroup* cgroup;
  struct tcp_sock* tcp;
  struct sock* sock;
  struct net* net;
  __u64 cgroup_id;

  if (!request || !may_seal || request->object.scope_id) return false;
  socket = (struct socket*)request->socket;
  sock = BPF_CORE_READ(socket, sk);
  if (BPF_CORE_READ(socket, type) != SOCK_STREAM) return false;
  if (BPF_CORE_READ(sock, sk_protocol) != IPPROTO_TCP) return false;
  if (BPF_CORE_READ(sock, __sk_common.skc_state) != TCP_CLOSE) return false;
  if (BPF_CORE_READ(sock, __sk_common.skc_bound_dev_if)) return false;
  if (!(BPF_CORE_READ(socket, file, f_flags) & O_NONBLOCK)) return false;
  tcp = (struct tcp_sock*)sock;
  if (BPF_CORE_READ_BITFIELD_PROBED(tcp, fastopen_connect)) return false;
  net = BPF_CORE_READ(sock, __sk_common.skc_net.net);
  if (net != BPF_CORE_READ(task, nsproxy, net_ns)) return false;
  if (bpf_core_field_exists(net->ipvs) && BPF_CORE_READ(net, ipvs)) return false;
  cgroup = BPF_CORE_READ(sock, sk_cgrp_data.cgroup);
  cgroup_id = BPF_CORE_READ(cgroup, kn, id);
  if (!workload_of_cgroup(cgroup_id, &id) || id.slot != request->subject.id.slot) return false;
  if (id.generation != request->subject.id.generation) return false;
  return !has_connect_programs(
             cgroup, bpf_core_enum_value(enum cgroup_bpf_attach_type, CGROUP_INET4_CONNECT)) &&
         !has_connect_programs(
             cgroup, bpf_core_enum_value(enum cgroup_bpf_attach_type, CGROUP_INET6_CONNECT));
}

/* Makes the entry of the request's hold. Returns whether there was room for it. */
GLOBAL_SUBPROG int note_pending(const struct request* request) {
  struct stayd_pending pending = {};
  struct socket* socket;

  if (!request) return false;
  socket = (struct socket*)request->socket;
  pending.hold_id = request->hold_id;
  pending.network = BPF_CORE_READ(socket, sk, __sk_common.skc_net.net, net_cookie);
  pending.process = bpf_get_current_task_btf()->tgid;
  __builtin_memcpy(pending.address, request->object.address, sizeof(pending.address));
  pending.port = request->object.port;
  return !bpf_map_update_elem(&pending_connections, &pending.hold_id, &pending, BPF_ANY);
}

/* Puts the seal under another hold, or opens it. The connection of the hold before is none. */
static __always_inline void change_seal(struct stayd_seal* seal, __u64 hold_id) {
  __u64 before = __sync_lock_test_and_set(&seal->hold_id, hold_id);

  if (is_hold(before) && before != hold_id) end_pending(before);
}

/* Seals the socket under the request's hold, so that the kernel may begin to connect. Returns 0 or
 * the counted refusal. */
static __always_inline int seal(const struct request* request, struct sock* sock) {
  struct stayd_seal fresh = {.hold_id = request->hold_id, .port = request->object.port};
  struct stayd_seal* seal = NULL;

  if (request->flags & STAYD_POLICY_ALLOW_ON_LOSS) fresh.alone = fresh.hold_id;
  __builtin_memcpy(fresh.address, request->object.address, sizeof(fresh.address));
  seals_exist = 1;
  if (note_pending(request))
    seal = bpf_sk_storage_get(&seals, sock, &fresh, BPF_SK_STORAGE_GET_F_CREATE);
  if (!seal || !leads_to(seal, &request->object)) {
    end_pending(fresh.hold_id);
    return refuse(seal ? STAYD_COUNT_denied_sealed : STAYD_COUNT_denied_storage);
  }
  seal->alone = fresh.alone;
  change_seal(seal, fresh.hold_id);
  return 0;
}
