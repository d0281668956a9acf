/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What leaves a sealed socket (lib/seals.bpf.h), and how its connection ends. The SYN that is
 * dropped is kept, so that the agent can send it again as soon as the hold is answered, whenever
 * the kernel's next attempt would be.
 */
#pragma once

#include "lib/seals.bpf.h"

enum { TCP_FLAG_SYN = 0x02, TCP_FLAG_ACK = 0x10 };

static __always_inline bool is_to(struct bpf_sock* sock, const struct stayd_seal* seal) {
  const __u32* address = (const __u32*)seal->address;

  if (sock->dst_port != __builtin_bswap16(seal->port)) return false;
  if (sock->family == AF_INET)
    return !address[0] && !address[1] && address[2] == 0xffff0000u && address[3] == sock->dst_ip4;
  return sock->family == AF_INET6 && address[0] == sock->dst_ip6[0] &&
         address[1] == sock->dst_ip6[1] && address[2] == sock->dst_ip6[2] &&
         address[3] == sock->dst_ip6[3];
}

/* Returns the offset of the packet's TCP header, which is for the socket's ports and has the SYN
 * flag alone, and stores the header's size; 0: it is another packet. */
static __always_inline __u32 find_syn(struct __sk_buff* packet, struct bpf_sock* sock,
                                      __u32* size) {
  __u8 header[20];
  __u32 transport = 40;

  if (bpf_skb_load_bytes(packet, 0, header, sizeof(header))) return 0;
  if (header[0] >> 4 == 4) transport = (header[0] & 15) * 4;
  if (header[header[0] >> 4 == 4 ? 9 : 6] != IPPROTO_TCP) return 0;
  if (bpf_skb_load_bytes(packet, transport, header, sizeof(header))) return 0;
  if ((header[13] & (TCP_FLAG_SYN | TCP_FLAG_ACK)) != TCP_FLAG_SYN) return 0;
  if ((header[2] << 8 | header[3]) != __builtin_bswap16(sock->dst_port)) return 0;
  *size = (header[12] >> 4) * 4;
  return transport;
}

/* True if the entry of the hold, whose memory may have become another's, has the SYN with this
 * number already. The kernel sends the same one again and again. */
static __always_inline bool has_syn(const struct stayd_pending* entry, __u32 number) {
  __u32 kept = *(const volatile __u32*)&entry->header[4];

  return *(const volatile __u64*)&entry->tried_ns && kept == number;
}

/* Keeps the SYN in the hold's entry, which is replaced, because the memory of an entry that a
 * program has looked up may have become another's. */
static __always_inline void keep_syn(struct __sk_buff* packet, struct bpf_sock* sock,
                                     const struct stayd_seal* seal, __u64 hold_id) {
  struct stayd_pending* before = bpf_map_lookup_elem(&pending_connections, &hold_id);
  struct stayd_pending pending = {};
  __u32* source = (__u32*)pending.source;
  __u32 size = 0, number = 0;
  __u32 from = find_syn(packet, sock, &size);
  __u64 less = size - 1;

  asm volatile("" : "+r"(less)); /* one register, checked and used, for the verifier */
  if (!before || !from || less >= STAYD_TCP_HEADER_SIZE) return;
  if (bpf_skb_load_bytes(packet, from + 4, &number, sizeof(number))) return;
  if (has_syn(before, number)) return;
  pending.network = *(const volatile __u64*)&before->network;
  pending.process = *(const volatile __u32*)&before->process;
  pending.hold_id = *(const volatile __u64*)&before->hold_id;
  if (pending.hold_id != hold_id) return;
  if (bpf_skb_load_bytes(packet, from, pending.header, less + 1)) return;
  __builtin_memcpy(pending.address, seal->address, sizeof(pending.address));
  pending.port = seal->port;
  source[0] = sock->src_ip6[0];
  source[1] = sock->src_ip6[1];
  source[2] = sock->src_ip6[2];
  source[3] = sock->src_ip6[3];
  if (packet->protocol == __builtin_bswap16(ETH_P_IP)) {
    source[0] = source[1] = 0;
    source[2] = 0xffff0000u;
    source[3] = sock->src_ip4;
  }
  pending.source_port = sock->src_port;
  pending.mark = sock->mark;
  pending.size = size;
  pending.tried_ns = bpf_ktime_get_ns();
  bpf_map_update_elem(&pending_connections, &hold_id, &pending, BPF_EXIST);
}

/* True if the seal's hold has been answered so that the packet may go: the seal is open then. */
static __always_inline bool may_open(struct stayd_seal* seal, __u64 hold_id) {
  __u32 state = state_of_answer(hold_id);
  bool allowed = state == STAYD_ANSWER_ALLOW;
  bool alone = !allowed && state != STAYD_ANSWER_DENY && seal->alone == hold_id && !agent_alive &&
               !is_restarting(bpf_ktime_get_boot_ns());

  if (!allowed && !alone) {
    if (!state || state == STAYD_ANSWER_DENY)
      report_hold(STAYD_EVENT_TRIED, hold_id, bpf_get_current_task_btf());
    return false;
  }
  if (__sync_val_compare_and_swap(&seal->hold_id, hold_id, STAYD_SEAL_OPEN) != hold_id)
    return false;
  count(allowed ? STAYD_COUNT_allowed_by_decision : STAYD_COUNT_allowed_on_agent_loss);
  if (alone) report_hold(STAYD_EVENT_GONE, hold_id, bpf_get_current_task_btf());
  forget_pending(hold_id);
  return true;
}

/* Returns whether the packet may leave its socket. */
static __always_inline bool may_leave(struct __sk_buff* packet) {
  struct bpf_sock* sock = packet->sk;
  struct stayd_seal* seal;
  __u64 hold_id;

  if (!seals_exist || !sock) return true;
  sock = bpf_sk_fullsock(sock);
  if (!sock) return true;
  seal = bpf_sk_storage_get(&seals, sock, NULL, 0);
  if (!seal) return true;
  hold_id = hold_of(seal);
  if (is_to(sock, seal)) {
    if (hold_id == STAYD_SEAL_OPEN) return true;
    if (hold_id != STAYD_SEAL_SHUT) {
      keep_syn(packet, sock, seal, hold_id);
      if (may_open(seal, hold_id)) return true;
    }
  }
  count(STAYD_COUNT_packets_dropped);
  return false;
}

/* True if the seal's hold has no answer yet, and somebody is there to give one. */
static __always_inline bool waits(const struct stayd_seal* seal) {
  __u64 hold_id = hold_of(seal);
  __u32 state;

  if (!is_hold(hold_id) || !(agent_alive || is_restarting(bpf_ktime_get_boot_ns()))) return false;
  state = state_of_answer(hold_id);
  return state && state != STAYD_ANSWER_ALLOW && state != STAYD_ANSWER_DENY;
}

enum {
  MOST_ATTEMPTS = 127, /* MAX_TCP_SYNCNT: four hours */
  FIRST_WINDOW = 10    /* TCP_INIT_CWND */
};

/* The kernel gives up after so many attempts to connect, six or as the program says. People may
 * need longer: while a hold waits, the kernel goes on trying. Attempts that were dropped here say
 * nothing about the network, and do not make the connection begin slowly. */
static __always_inline void extend_attempts(struct bpf_sock_ops* operation) {
  struct bpf_sock* sock = operation->sk;
  __u32 kind = operation->op;
  struct stayd_seal* seal;
  int window = FIRST_WINDOW;
  int attempts = 0;

  if (!sock) return;
  if (kind != BPF_SOCK_OPS_TCP_CONNECT_CB && kind != BPF_SOCK_OPS_RTO_CB &&
      kind != BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB)
    return;
  seal = bpf_sk_storage_get(&seals, sock, NULL, 0);
  if (!seal) return;
  if (waits(seal)) {
    if (kind != BPF_SOCK_OPS_TCP_CONNECT_CB) return;
    if (!seal->attempts &&
        !bpf_getsockopt(operation, IPPROTO_TCP, TCP_SYNCNT, &attempts, sizeof(attempts)))
      seal->attempts = attempts;
    if (!seal->attempts) return;
    attempts = MOST_ATTEMPTS;
  } else {
    if (!seal->attempts) return;
    attempts = seal->attempts;
    seal->attempts = 0;
    if (kind == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB)
      bpf_setsockopt(operation, IPPROTO_TCP, TCP_BPF_IW, &window, sizeof(window));
  }
  bpf_setsockopt(operation, IPPROTO_TCP, TCP_SYNCNT, &attempts, sizeof(attempts));
  bpf_sock_ops_cb_flags_set(
      operation, seal->attempts ? operation->bpf_sock_ops_cb_flags | BPF_SOCK_OPS_RTO_CB_FLAG
                                : operation->bpf_sock_ops_cb_flags & ~BPF_SOCK_OPS_RTO_CB_FLAG);
}

/* Ends the connection if the socket has none at two looks in a row, which are at least a second
 * apart: in between the hook and the kernel's connect it has none yet. The socket of a seal that is
 * not found has been closed. */
static __always_inline void look_at_seal(struct seq_file* output, const struct sock* sock,
                                         struct stayd_seal* seal) {
  bool closed = sock->__sk_common.skc_state == TCP_CLOSE;
  __u64 hold_id = hold_of(seal);
  struct stayd_sealed sealed = {.extended = seal->attempts && !closed};

  if (closed && is_hold(hold_id) && seal->closed == hold_id)
    end_connection(seal);
  else
    seal->closed = closed ? hold_id : STAYD_SEAL_SHUT;
  hold_id = hold_of(seal);
  if (is_hold(hold_id)) sealed.hold_id = hold_id;
  bpf_seq_write(output, &sealed, sizeof(sealed));
}
