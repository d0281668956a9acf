// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "kernel/map.h"
#include "kernel/siphash.h"
#include "stayd/wire.h"

struct stayd_bpf;

namespace stayd {

// The maps of the BPF object that the agent reads and writes; bpf/lib/maps.bpf.h says what each is
// for. Valid as long as the Programs that they belong to.
struct Maps {
  template <class Value>
  using PerSlot = Map<std::uint32_t, Value>;  // indexed by the slot of a workload

  // Ring buffers.
  int events = -1;
  int argument_pieces = -1;
  // An array with a value per processor for each counter.
  int counters = -1;

  Map<std::uint32_t, stayd_policy> policies;
  Map<stayd_node_key, stayd_node> policy_nodes;
  Map<stayd_entry_key, stayd_entry> policy_entries;
  Map<stayd_name_key, stayd_node> policy_names;
  Map<stayd_prefix_key, stayd_prefix> policy_prefixes;
  Map<stayd_resolved_key, stayd_resolved> resolved_addresses;
  Map<stayd_resolved_key, std::uint32_t> dns_resolvers;
  Map<stayd_judged_key, stayd_judged> judged;

  PerSlot<stayd_workload> workloads;
  Map<std::uint64_t, stayd_tagged_cgroup> tagged_cgroups;  // by cgroup id
  Map<std::uint32_t, std::uint8_t> released_generations;
  Map<int, stayd_tag> subjects;            // by pidfd
  Map<int, stayd_connection> connections;  // by socket
  PerSlot<std::uint64_t> labels_read;
  Map<std::uint32_t, std::uint64_t> label_bits;  // STAYD_LABELS for each slot
  PerSlot<stayd_files_read> files_read;
  PerSlot<stayd_sent> sent;

  Map<std::uint64_t, stayd_answer> answers;               // by hold id
  Map<std::uint64_t, stayd_pending> pending_connections;  // by hold id
  Map<std::int32_t, std::uint32_t> parked_processes;      // by process id
  PerSlot<std::uint64_t> holds_raised;
  PerSlot<std::uint64_t> holds_handled;
  PerSlot<std::uint64_t> names_reported;
  PerSlot<std::uint64_t> names_handled;
  Map<stayd_grant_key, stayd_grant> grants;

  Map<std::uint32_t, SipHashKey> kept_hash_key;
};

// The maps of a skeleton that has been loaded.
// Waits until no program uses an entry that it looked up before the call. The kernel gives the
// memory of an entry that is deleted or replaced to the next one of that map at once: what a
// program reads in it would be another's. It takes a grace period of RCU, some milliseconds. See
// membarrier(2).
void wait_for_programs();

Maps maps_of(const stayd_bpf& skeleton);

}  // namespace stayd
