// SPDX-License-Identifier: Apache-2.0
#include "kernel/maps.h"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "stayd.skel.h"

namespace stayd {

void wait_for_programs() { ::syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0); }

Maps maps_of(const stayd_bpf& skeleton) {
  Maps maps;
// The member and the map of the BPF object have one name; a name that one of them lacks does not
// compile.
#define STAYD_TAKE(name) maps.name = decltype(maps.name)(bpf_map__fd(skeleton.maps.name))
  STAYD_TAKE(events);
  STAYD_TAKE(argument_pieces);
  STAYD_TAKE(counters);
  STAYD_TAKE(policies);
  STAYD_TAKE(policy_nodes);
  STAYD_TAKE(policy_entries);
  STAYD_TAKE(policy_names);
  STAYD_TAKE(policy_prefixes);
  STAYD_TAKE(resolved_addresses);
  STAYD_TAKE(dns_resolvers);
  STAYD_TAKE(judged);
  STAYD_TAKE(workloads);
  STAYD_TAKE(tagged_cgroups);
  STAYD_TAKE(released_generations);
  STAYD_TAKE(subjects);
  STAYD_TAKE(connections);
  STAYD_TAKE(labels_read);
  STAYD_TAKE(label_bits);
  STAYD_TAKE(files_read);
  STAYD_TAKE(sent);
  STAYD_TAKE(answers);
  STAYD_TAKE(pending_connections);
  STAYD_TAKE(parked_processes);
  STAYD_TAKE(holds_raised);
  STAYD_TAKE(holds_handled);
  STAYD_TAKE(names_reported);
  STAYD_TAKE(names_handled);
  STAYD_TAKE(grants);
  STAYD_TAKE(kept_hash_key);
#undef STAYD_TAKE
  return maps;
}

}  // namespace stayd
