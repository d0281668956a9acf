/* SPDX-License-Identifier: GPL-2.0 */
/* bpf/lib/slots.bpf.h, called alone: the runner fills in the globals and runs a program. */
#include "lib/slots.bpf.h"

char LICENSE[] SEC("license") = "GPL";

struct thread_holds all = {};
struct stayd_object object = {};
__u64 call = 0;
__u32 result = 0;

/* The functions take memory of a known size; a global variable is that. */
SEC("raw_tp")
int run_find_slot(void* context) {
  result = find_slot(&all, call, &object);
  return 0;
}

SEC("raw_tp")
int run_find_room(void* context) {
  result = find_room(&all, call);
  return 0;
}

SEC("raw_tp")
int run_forget_spent(void* context) {
  forget_spent(&all, call);
  return 0;
}

SEC("raw_tp")
int run_revive_spent(void* context) {
  revive_spent(&all, call);
  return 0;
}
