/* SPDX-License-Identifier: GPL-2.0 */
/* Entries of maps, each read while its memory becomes another entry's: between the lookup and the
 * reading, the program waits for the runner. */
#include "lib/answers.bpf.h"
#include "lib/walk.bpf.h"

char LICENSE[] SEC("license") = "GPL";

enum { ENOUGH_ROUNDS = 1 << 23 };

__u64 key = 0;          /* the hold, the cgroup or the inode */
__u32 looked_up = 0;    /* this program has found the entry */
__u32 may_read = 0;     /* the runner has replaced it */
__u64 memory_is_of = 0; /* the key that the entry's memory has then */
__u32 result = 0;       /* of the function that reads */
__u32 slot = 0;         /* of the workload that was read */

static long wait_a_round(__u32 round, void* context) { return *(volatile __u32*)&may_read & 1; }

static __always_inline void wait_for_runner(void) {
  *(volatile __u32*)&looked_up = 1;
  bpf_loop(ENOUGH_ROUNDS, wait_a_round, NULL, 0);
}

SEC("raw_tp")
int run_read_answer(void* context) {
  struct stayd_answer* found = bpf_map_lookup_elem(&answers, &key);
  struct stayd_answer answer = {};

  if (!found) return 0;
  wait_for_runner();
  memory_is_of = STAYD_ANSWER_HOLD(*(volatile __u64*)&found->word);
  result = read_answer(key, found, &answer);
  return 0;
}

SEC("raw_tp")
int run_read_workload(void* context) {
  struct stayd_tagged_cgroup* found = bpf_map_lookup_elem(&tagged_cgroups, &key);
  struct stayd_workload_id workload = {};

  if (!found) return 0;
  wait_for_runner();
  memory_is_of = *(volatile __u64*)&found->cgroup;
  result = read_workload(key, found, &workload);
  slot = workload.slot;
  return 0;
}

SEC("raw_tp")
int run_is_of(void* context) {
  struct stayd_judged_key judged_key = {.inode = key};
  struct stayd_judged* found = bpf_map_lookup_elem(&judged, &judged_key);

  if (!found) return 0;
  wait_for_runner();
  memory_is_of = *(volatile __u64*)&found->key.inode;
  result = is_of(found, &judged_key);
  return 0;
}
