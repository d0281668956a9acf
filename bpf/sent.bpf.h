/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counts how much a workload has sent to which destination, for the people who are asked about it.
 * The program is attached to the workload's cgroup, so that only the workload's packets pay for it,
 * and lets every packet through. A socket belongs to the cgroup that it was created in: what a
 * process sends over sockets that it creates after leaving the workload's cgroup is not counted,
 * though it is judged all the same.
 */
#pragma once

#include "lib/subject.bpf.h"

struct sent_packet {
  __u64 address[2];
  __u16 port;
  __u16 protocol;
  __u32 payload; /* bytes */
};

static __always_inline bool read_sent_address(struct __sk_buff* packet, struct sent_packet* out,
                                              __u32* transport) {
  __u8 header[40];

  if (bpf_skb_load_bytes(packet, 0, header, 20)) return false;
  if (header[0] >> 4 == 4) {
    __u8* address = (__u8*)out->address;
    bool begins = !(header[6] & 0x1f) && !header[7]; /* not a later fragment */

    *transport = (header[0] & 15) * 4;
    out->protocol = header[9];
    address[10] = address[11] = 0xff;
    __builtin_memcpy(address + 12, header + 16, 4);
    return begins;
  }
  if (bpf_skb_load_bytes(packet, 0, header, 40)) return false;
  *transport = 40; /* an extension header counts as the protocol, and as payload */
  out->protocol = header[6];
  __builtin_memcpy(out->address, header + 24, 16);
  return true;
}

static __always_inline void read_sent(struct __sk_buff* packet, struct sent_packet* out) {
  bool begins;
  __u32 transport = 0;
  __u8 header[14];

  begins = read_sent_address(packet, out, &transport);
  if (begins && (out->protocol == IPPROTO_TCP || out->protocol == IPPROTO_UDP) &&
      !bpf_skb_load_bytes(packet, transport, header, 8)) {
    out->port = header[2] << 8 | header[3];
    if (out->protocol == IPPROTO_UDP)
      transport += 8;
    else if (!bpf_skb_load_bytes(packet, transport, header, 14))
      transport += (header[12] >> 4) * 4;
  }
  /* The length is that of all the segments that the device will make of the packet. */
  out->payload = packet->len > transport ? packet->len - transport : 0;
}

static __always_inline bool is_destination(const struct stayd_sent_to* to,
                                           const struct sent_packet* packet) {
  const __u64* address = (const __u64*)to->address;

  return address[0] == packet->address[0] && address[1] == packet->address[1] &&
         to->port == packet->port && to->protocol == packet->protocol;
}

/* Returns the entry that counts the destination, or NULL if there are too many. An entry that
 * another processor is filling in is skipped, so one destination may get two entries. */
static __always_inline struct stayd_sent_to* find_destination(struct stayd_sent* sent,
                                                              const struct sent_packet* packet) {
  __u32 hash = (packet->address[1] >> 32 ^ packet->address[1] ^ packet->port) * 0x9e3779b1u >> 26;

  for (__u32 i = 0; i < STAYD_DESTINATIONS; i++) {
    struct stayd_sent_to* to = &sent->to[(hash + i) & (STAYD_DESTINATIONS - 1)];
    __u32 state = *(volatile __u32*)&to->state;

    if (state == STAYD_SENT_KNOWN && is_destination(to, packet)) return to;
    if (state == STAYD_SENT_FREE &&
        __sync_val_compare_and_swap(&to->state, STAYD_SENT_FREE, STAYD_SENT_CLAIMED) ==
            STAYD_SENT_FREE) {
      __builtin_memcpy(to->address, packet->address, 16);
      to->port = packet->port;
      to->protocol = packet->protocol;
      __sync_lock_test_and_set(&to->state, STAYD_SENT_KNOWN);
      return to;
    }
  }
  return NULL;
}

static __always_inline void count_sent(struct __sk_buff* packet) {
  __u64 cgroup = bpf_skb_cgroup_id(packet);
  struct sent_packet sent_packet = {};
  struct stayd_workload_id id = {};
  struct subject subject = {};
  struct stayd_sent_to* to;
  struct stayd_sent* all;

  /* It is written out, because every packet of a workload comes here. */
  if (!read_workload(cgroup, bpf_map_lookup_elem(&tagged_cgroups, &cgroup), &id)) return;
  if (!resolve(&id, &subject)) return;
  all = bpf_map_lookup_elem(&sent, &subject.id.slot);
  if (!all) return;
  read_sent(packet, &sent_packet);
  if (!sent_packet.payload) return; /* a TCP segment without data */
  __sync_fetch_and_add(&all->bytes, sent_packet.payload);
  to = find_destination(all, &sent_packet);
  if (to) __sync_fetch_and_add(&to->bytes, sent_packet.payload);
}
