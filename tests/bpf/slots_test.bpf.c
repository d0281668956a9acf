/* SPDX-License-Identifier: GPL-2.0 */
/* bpf/lib/slots.bpf.h, called alone on slots that the runner describes, one member in
 * each array. */
#include "lib/slots.bpf.h"

char LICENSE[] SEC("license") = "GPL";

__u64 calls[STAYD_HOLDS_PER_CALL] = {};
__u64 inodes[STAYD_HOLDS_PER_CALL] = {};
__u64 since_ns[STAYD_HOLDS_PER_CALL] = {};
__u32 states[STAYD_HOLDS_PER_CALL] = {};

__u64 call = 0;
__u64 inode = 0;
__u32 result = 0;

/* The functions take memory of a known size; a global variable is that. */
static struct thread_holds all;
static struct stayd_object object;

static __always_inline void read_slots(void) {
  for (int i = 0; i < STAYD_HOLDS_PER_CALL; i++) {
    all.slots[i].call = calls[i];
    all.slots[i].object.inode = inodes[i];
    all.slots[i].since_ns = since_ns[i];
    all.slots[i].state = states[i];
  }
  object.inode = inode;
}

static __always_inline void write_states(void) {
  for (int i = 0; i < STAYD_HOLDS_PER_CALL; i++) states[i] = all.slots[i].state;
}

SEC("raw_tp")
int run_find_slot(void* context) {
  read_slots();
  result = find_slot(&all, call, &object);
  return 0;
}

SEC("raw_tp")
int run_find_room(void* context) {
  read_slots();
  result = find_room(&all, call);
  return 0;
}

SEC("raw_tp")
int run_forget_spent(void* context) {
  read_slots();
  forget_spent(&all, call);
  write_states();
  return 0;
}

SEC("raw_tp")
int run_revive_spent(void* context) {
  read_slots();
  revive_spent(&all, call);
  write_states();
  return 0;
}
