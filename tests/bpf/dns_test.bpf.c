/* SPDX-License-Identifier: GPL-2.0 */
/* bpf/dns.bpf.h, called alone on a packet that the runner sends. */
#include "dns.bpf.h"

char LICENSE[] SEC("license") = "GPL";

/* These are members of struct dns_packet. */
__u8 source[16] = {};
__u8 destination[16] = {};
__u32 payload = 0;
__u32 end = 0;
__u32 source_port = 0;
__u32 destination_port = 0;
__u32 sequence = 0;
__u32 begins = 0;
__u32 is_dns = 0;

SEC("cgroup_skb/ingress")
int run_read_packet(struct __sk_buff* packet) {
  struct dns_packet dns = {};

  is_dns = read_ip(packet, &dns) && read_transport(packet, &dns);
  __builtin_memcpy(source, dns.source, sizeof(source));
  __builtin_memcpy(destination, dns.destination, sizeof(destination));
  payload = dns.payload;
  end = dns.end;
  source_port = dns.source_port;
  destination_port = dns.destination_port;
  sequence = dns.sequence;
  begins = dns.begins;
  return 1;
}
