/* SPDX-License-Identifier: GPL-2.0 */
/* What flows say, called alone: bpf/lib/judge.bpf.h and bpf/lib/labels.bpf.h. */
#include "lib/judge.bpf.h"
#include "lib/labels.bpf.h"

char LICENSE[] SEC("license") = "GPL";

__u32 policy = 0;
__u32 slot = 0;
__u64 labels = 0; /* of the file; then with those of the thresholds that it reaches */
__u8 address[16] = {};
__u32 port = 0;
__u32 access = 0;
__u32 verdict = 0;
__u32 rule = 0;

SEC("raw_tp")
int run_count(void* context) {
  struct request request = {};

  request.subject.policy = policy;
  request.subject.id.slot = slot;
  request.node.labels = labels;
  count_file(&request);
  labels = request.node.labels;
  return 0;
}

/* A connection is judged as judge_destination() does. */
SEC("raw_tp")
int run_address(void* context) {
  struct request request = {};

  request.subject.policy = policy;
  request.subject.id.slot = slot;
  request.object.port = port;
  request.object.protocol = 6;
  __builtin_memcpy(request.object.address, address, sizeof(address));
  judge_address(&request);
  if (request.verdict == STAYD_VERDICT_UNSET) request.verdict = STAYD_VERDICT_ALLOW;
  take_flows(&request, STAYD_ACCESS_NETWORK);
  verdict = request.verdict;
  rule = request.rule;
  return 0;
}

/* Of a file, whose file system's number shares its place with the exemptions of an address. */
SEC("raw_tp")
int run_file(void* context) {
  struct request request = {};

  request.subject.policy = policy;
  request.subject.id.slot = slot;
  request.magic = ~0u;
  request.verdict = STAYD_VERDICT_ALLOW;
  take_flows(&request, access);
  verdict = request.verdict;
  rule = request.rule;
  return 0;
}
