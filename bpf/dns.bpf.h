/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Copies what a configured resolver sends to a workload to the agent before the workload can read
 * it. The packet's event is in the ring ahead of the event of any connect that follows from it, and
 * until the agent has handled it, every connect of the workload is deferred (lib/judge.bpf.h). The
 * program is attached to the workload's cgroup and lets every packet through. A lost copy costs the
 * workload a host name, never more, and a workload that floods itself with packets gets no more
 * than its share of the ring.
 */
#pragma once

#include "lib/judge.bpf.h"

enum { DNS_PORT = 53, DNS_SEGMENTS = 32 };
enum { TCP_SYN = 0x02 };

struct dns_event {
  struct stayd_dns_event head;
  char payload[STAYD_DNS_SIZE];
};

/* The fields of a packet's headers that are needed to report it. */
struct dns_packet {
  __u8 source[16];
  __u8 destination[16];
  __u32 transport; /* offset of its header */
  __u32 payload;
  __u32 end;
  __u16 source_port;
  __u16 destination_port;
  __u32 sequence;
  __u32 begins;
  __u8 protocol;
};

static __always_inline bool read_ip(struct __sk_buff* packet, struct dns_packet* dns) {
  __u8 header[40];

  if (bpf_skb_load_bytes(packet, 0, header, 20)) return false;
  if (header[0] >> 4 == 4) {
    dns->transport = (header[0] & 15) * 4;
    dns->end = header[2] << 8 | header[3];
    dns->protocol = header[9];
    dns->source[10] = dns->source[11] = dns->destination[10] = dns->destination[11] = 0xff;
    __builtin_memcpy(dns->source + 12, header + 12, 4);
    __builtin_memcpy(dns->destination + 12, header + 16, 4);
    return true;
  }
  /* No resolver sends its answers in IPv6 packets with extension headers. */
  if (header[0] >> 4 != 6 || bpf_skb_load_bytes(packet, 0, header, 40)) return false;
  dns->transport = 40;
  dns->end = 40 + (header[4] << 8 | header[5]);
  dns->protocol = header[6];
  __builtin_memcpy(dns->source, header + 8, 16);
  __builtin_memcpy(dns->destination, header + 24, 16);
  return true;
}

static __always_inline bool read_transport(struct __sk_buff* packet, struct dns_packet* dns) {
  __u8 header[20];

  if (dns->protocol != IPPROTO_UDP && dns->protocol != IPPROTO_TCP) return false;
  if (bpf_skb_load_bytes(packet, dns->transport, header, 8)) return false;
  dns->source_port = header[0] << 8 | header[1];
  dns->destination_port = header[2] << 8 | header[3];
  if (dns->source_port != DNS_PORT) return false;
  dns->payload = dns->transport + 8;
  if (dns->protocol == IPPROTO_UDP) return true;
  if (bpf_skb_load_bytes(packet, dns->transport, header, 20)) return false;
  dns->sequence = (__u32)header[4] << 24 | header[5] << 16 | header[6] << 8 | header[7];
  dns->begins = !!(header[13] & TCP_SYN);
  dns->payload = dns->transport + (header[12] >> 4) * 4;
  return true;
}

/* True if the packet is for a workload's socket and comes from one of that workload's resolvers.
 * Stores the workload. */
static __always_inline bool is_for_workload(struct __sk_buff* packet, const struct dns_packet* dns,
                                            struct stayd_workload_id* id) {
  struct stayd_resolved_key key = {};
  struct stayd_workload* workload;
  __u64 cgroup = bpf_skb_cgroup_id(packet);
  __u32 slot;

  if (!workload_of_cgroup(cgroup, id)) return false;
  slot = id->slot;
  workload = bpf_map_lookup_elem(&workloads, &slot);
  if (!workload || workload->generation != id->generation) return false;
  key.policy = workload->policy;
  __builtin_memcpy(key.address, dns->source, sizeof(key.address));
  return bpf_map_lookup_elem(&dns_resolvers, &key);
}

/* Returns the number of bytes loaded: `size`, or 0. */
static __always_inline __u32 load_payload(struct __sk_buff* packet, __u32 from, char* to,
                                          __u64 size) {
  __u64 less = size - 1;

  asm volatile("" : "+r"(less)); /* one register, checked and used, for the verifier */
  if (less >= STAYD_DNS_SIZE) return 0;
  return bpf_skb_load_bytes(packet, from, to, less + 1) ? 0 : size;
}

/* True if the workload has used up its packets: a limited number may be in the ring at once, and a
 * limited number are reported each second, which bounds the time that the agent spends on them. If
 * two processors begin a second at once, the workload gets slightly more. */
static __always_inline bool too_many_packets(__u32 slot, __u64 reported) {
  struct names_second* second = bpf_map_lookup_elem(&names_seconds, &slot);
  __u64 now = bpf_ktime_get_boot_ns();

  if (!second || names_waiting(slot) >= STAYD_DNS_WAITING) return true;
  if (now - second->begun_ns >= 1000000000) {
    second->begun_ns = now;
    second->reported = reported;
  }
  return reported - second->reported >= STAYD_DNS_PER_SECOND;
}

/* Reserves one more event of the workload. Returns NULL, and counts the loss, if the workload has
 * used up its share or the ring is full. */
static __always_inline struct dns_event* reserve_dns(__u32 slot) {
  __u64* reported = bpf_map_lookup_elem(&names_reported, &slot);
  struct dns_event* event = NULL;

  if (reported && !too_many_packets(slot, *reported))
    event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
  if (event)
    __sync_fetch_and_add(reported, 1);
  else
    count(STAYD_COUNT_names_lost);
  return event;
}

static __always_inline void report_dns(struct __sk_buff* packet) {
  struct stayd_workload_id id = {};
  struct dns_packet dns = {};
  __u32 total;

  if (!read_ip(packet, &dns) || !read_transport(packet, &dns)) return;
  if (!is_for_workload(packet, &dns, &id)) return;
  if (dns.end > packet->len || !dns.end) dns.end = packet->len; /* offloads leave the length 0 */
  total = dns.end > dns.payload ? dns.end - dns.payload : 0;
  for (__u32 i = 0; i < DNS_SEGMENTS; i++) {
    __u32 offset = i * STAYD_DNS_SIZE;
    __u32 size = total > offset ? total - offset : 0;
    struct dns_event* event;

    if (!size && !(dns.begins && !i)) return;
    if (size > STAYD_DNS_SIZE) size = STAYD_DNS_SIZE;
    event = reserve_dns(id.slot);
    if (!event) return;
    event->head.header.time_ns = bpf_ktime_get_boot_ns();
    event->head.header.kind = STAYD_EVENT_DNS;
    event->head.header.size = sizeof(*event);
    event->head.workload = id;
    __builtin_memcpy(event->head.source, dns.source, 16);
    __builtin_memcpy(event->head.destination, dns.destination, 16);
    event->head.sequence = dns.sequence + dns.begins + offset; /* a SYN takes one number */
    event->head.source_port = dns.source_port;
    event->head.destination_port = dns.destination_port;
    event->head.protocol = dns.protocol;
    event->head.begins = dns.begins && !i;
    event->head.payload_size = load_payload(packet, dns.payload + offset, event->payload, size);
    bpf_ringbuf_submit(event, 0);
  }
}
