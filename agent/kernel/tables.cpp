// SPDX-License-Identifier: Apache-2.0
#include "kernel/tables.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>
#include <ctime>

#include "base/fd.h"
#include "stayd/counters.h"

namespace stayd {
namespace {

template <class Key, class Value>
Result<> put(int map, const Key& key, const Value& value, const char* what) {
  if (bpf_map_update_elem(map, &key, &value, BPF_ANY))
    return errno_error(std::string("write ") + what);
  return {};
}

stayd_node_key node_key(std::uint32_t policy, const Identity& identity) {
  return {.inode = identity.inode, .device = identity.device, .policy = policy};
}

stayd_prefix_key prefix_key(std::uint32_t policy, const Prefix& prefix) {
  stayd_prefix_key key{.prefix_bits = 32 + prefix.bits, .policy = policy, .address = {}};
  std::memcpy(key.address, prefix.address.data(), sizeof(key.address));
  return key;
}

stayd_workload_id wire(WorkloadId id) { return {.slot = id.slot, .generation = id.generation}; }

// Calls visit(key) for each key; visiting may delete that key.
template <class Key, class Visit>
void for_each_key(int map, Visit visit) {
  std::vector<Key> keys;
  Key key{};
  for (bool more = bpf_map_get_next_key(map, nullptr, &key) == 0; more;
       more = bpf_map_get_next_key(map, &key, &key) == 0)
    keys.push_back(key);
  for (const Key& each : keys) visit(each);
}

}  // namespace

Tables::Tables(const Programs& programs)
    : programs_(programs),
      answers_(programs.map_fd("answers")),
      parked_(programs.map_fd("parked_processes")),
      handled_(programs.map_fd("holds_handled")),
      raised_(programs.map_fd("holds_raised")) {}

Result<> Tables::write_policy(std::uint32_t id, const CompiledPolicy& policy) {
  for (const auto& [identity, node] : policy.nodes)
    if (Result<> written =
            put(programs_.map_fd("policy_nodes"), node_key(id, identity), node, "policy node");
        !written)
      return written;
  for (const auto& [prefix, rules] : policy.prefixes)
    if (Result<> written = put(programs_.map_fd("policy_prefixes"), prefix_key(id, prefix), rules,
                               "policy prefix");
        !written)
      return written;
  return put(programs_.map_fd("policies"), id, policy.defaults, "policy");
}

void Tables::remove_policy(std::uint32_t id, const CompiledPolicy& policy) {
  bpf_map_delete_elem(programs_.map_fd("policies"), &id);
  for (const auto& [identity, node] : policy.nodes) {
    stayd_node_key key = node_key(id, identity);
    bpf_map_delete_elem(programs_.map_fd("policy_nodes"), &key);
  }
  for (const auto& [prefix, rules] : policy.prefixes) {
    stayd_prefix_key key = prefix_key(id, prefix);
    bpf_map_delete_elem(programs_.map_fd("policy_prefixes"), &key);
  }
}

Result<> Tables::set_workload(std::uint32_t slot, const stayd_workload& workload) {
  return put(programs_.map_fd("workloads"), slot, workload, "workload");
}

Result<stayd_workload> Tables::workload(std::uint32_t slot) const {
  stayd_workload value{};
  if (bpf_map_lookup_elem(programs_.map_fd("workloads"), &slot, &value))
    return errno_error("read workload");
  return value;
}

std::vector<std::pair<std::uint64_t, WorkloadId>> Tables::tagged_cgroups() const {
  int map = programs_.map_fd("tagged_cgroups");
  std::vector<std::pair<std::uint64_t, WorkloadId>> result;
  for_each_key<std::uint64_t>(map, [&](std::uint64_t cgroup) {
    stayd_workload_id id{};
    if (bpf_map_lookup_elem(map, &cgroup, &id) == 0)
      result.emplace_back(cgroup, WorkloadId{id.slot, id.generation});
  });
  return result;
}

Result<> Tables::tag_cgroup(std::uint64_t cgroup_id, WorkloadId workload) {
  return put(programs_.map_fd("tagged_cgroups"), cgroup_id, wire(workload), "tagged cgroup");
}

void Tables::untag_cgroup(std::uint64_t cgroup_id) {
  bpf_map_delete_elem(programs_.map_fd("tagged_cgroups"), &cgroup_id);
}

Result<bool> Tables::is_tagged(std::int32_t pid) const {
  Fd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!process) return errno_error("pidfd_open " + std::to_string(pid));
  int key = process.get();
  stayd_workload_id id{};
  if (bpf_map_lookup_elem(programs_.map_fd("subjects"), &key, &id)) {
    if (errno == ENOENT) return false;
    return errno_error("look up the tag of process " + std::to_string(pid));
  }
  Result<stayd_workload> of_slot = workload(id.slot);
  if (!of_slot) return of_slot.error();
  return of_slot->generation == id.generation;
}

Result<> Tables::set_answer(HoldId hold, const stayd_answer& answer) {
  return put(answers_, hold, answer, "answer");
}

void Tables::forget_answer(HoldId hold) { bpf_map_delete_elem(answers_, &hold); }

void Tables::set_parked_threads(std::int32_t process, std::uint32_t threads) {
  if (threads == 0)
    bpf_map_delete_elem(parked_, &process);
  else
    bpf_map_update_elem(parked_, &process, &threads, BPF_ANY);
}

void Tables::count_handled(std::uint32_t slot) {
  std::uint64_t value = 0;
  if (bpf_map_lookup_elem(handled_, &slot, &value)) return;
  ++value;
  bpf_map_update_elem(handled_, &slot, &value, BPF_ANY);
}

void Tables::reset_handled() {
  for (std::uint32_t slot = 0; slot < STAYD_MAX_WORKLOADS; ++slot) {
    std::uint64_t raised = 0;
    if (bpf_map_lookup_elem(raised_, &slot, &raised) == 0)
      bpf_map_update_elem(handled_, &slot, &raised, BPF_ANY);
  }
  for_each_key<std::uint32_t>(
      parked_, [&](std::uint32_t process) { bpf_map_delete_elem(parked_, &process); });
}

Result<> Tables::grant(WorkloadId workload, const stayd_object& object, const stayd_grant& grant) {
  stayd_grant_key key{.object = object, .workload = wire(workload)};
  return put(programs_.map_fd("grants"), key, grant, "grant");
}

void Tables::revoke_all(WorkloadId workload) {
  int map = programs_.map_fd("grants");
  for_each_key<stayd_grant_key>(map, [&](const stayd_grant_key& key) {
    if (key.workload.slot == workload.slot && key.workload.generation == workload.generation)
      bpf_map_delete_elem(map, &key);
  });
}

std::vector<std::pair<std::string, std::uint64_t>> Tables::counters() const {
  static constexpr const char* kNames[] = {
#define STAYD_COUNTER_NAME(name, meaning) #name,
      STAYD_COUNTERS(STAYD_COUNTER_NAME)
#undef STAYD_COUNTER_NAME
  };
  std::vector<std::uint64_t> per_cpu(static_cast<std::size_t>(libbpf_num_possible_cpus()));
  std::vector<std::pair<std::string, std::uint64_t>> result;
  for (std::uint32_t which = 0; which < STAYD_COUNT_END; ++which) {
    std::uint64_t sum = 0;
    if (bpf_map_lookup_elem(programs_.map_fd("counters"), &which, per_cpu.data()) == 0)
      for (std::uint64_t value : per_cpu) sum += value;
    result.emplace_back(kNames[which], sum);
  }
  return result;
}

std::uint64_t boot_time_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

}  // namespace stayd
