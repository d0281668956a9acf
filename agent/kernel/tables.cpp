// SPDX-License-Identifier: Apache-2.0
#include "kernel/tables.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <ctime>

#include "base/fd.h"
#include "context/process.h"
#include "kernel/siphash.h"
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

stayd_entry_key entry_key(std::uint32_t policy, const DirectoryEntry& entry,
                          const SipHashKey& hash) {
  return {.inode = entry.directory.inode,
          .name = siphash(hash, entry.name),
          .device = entry.directory.device,
          .policy = policy};
}

stayd_name_key name_key(std::uint32_t policy, const KernelName& name, const SipHashKey& hash) {
  return {.name = siphash(hash, name.name), .kind = name.kind, .policy = policy};
}

stayd_resolved_key resolved_key(std::uint32_t policy, const Address& address) {
  stayd_resolved_key key{.address = {}, .policy = policy, .reserved = 0};
  std::memcpy(key.address, address.data(), sizeof(key.address));
  return key;
}

// Those that are there, with few system calls.
template <class Key>
void remove(int map, const std::vector<Key>& keys) {
  for (std::size_t done = 0; done < keys.size();) {
    auto count = static_cast<__u32>(keys.size() - done);
    LIBBPF_OPTS(bpf_map_batch_opts, options);
    if (bpf_map_delete_batch(map, &keys[done], &count, &options) == 0) return;
    done += count + 1;  // past the one that failed
  }
}

// Entries of one map, written with one system call.
template <class Key, class Value>
class Batch {
 public:
  void add(const Key& key, const Value& value) {
    keys_.push_back(key);
    values_.push_back(value);
  }

  Result<> write(int map, const char* what) const {
    auto count = static_cast<__u32>(keys_.size());
    if (count == 0) return {};
    LIBBPF_OPTS(bpf_map_batch_opts, options);
    if (bpf_map_update_batch(map, keys_.data(), values_.data(), &count, &options))
      return errno_error(std::string("write ") + what);
    return {};
  }

 private:
  std::vector<Key> keys_;
  std::vector<Value> values_;
};

stayd_workload_id wire(WorkloadId id) { return {.slot = id.slot, .generation = id.generation}; }

stayd_grant_key grant_key(const Tables::GrantSubject& subject) {
  return {.object = subject.object,
          .workload = wire(subject.workload),
          .process_start_ns = subject.process.start_ns,
          .process = static_cast<std::uint32_t>(subject.process.pid),
          .reserved = 0};
}

// For arrays of 64-bit numbers.
void add_one(int map, std::uint32_t index) {
  std::uint64_t value = 0;
  if (bpf_map_lookup_elem(map, &index, &value)) return;
  ++value;
  bpf_map_update_elem(map, &index, &value, BPF_ANY);
}

void copy_number(int from, int to, std::uint32_t index) {
  std::uint64_t value = 0;
  if (bpf_map_lookup_elem(from, &index, &value) == 0)
    bpf_map_update_elem(to, &index, &value, BPF_ANY);
}

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
      raised_(programs.map_fd("holds_raised")),
      names_reported_(programs.map_fd("names_reported")),
      names_handled_(programs.map_fd("names_handled")),
      resolved_(programs.map_fd("resolved_addresses")),
      last_serial_(boot_time_ns()) {}

Result<> Tables::write_policy(std::uint32_t id, const CompiledPolicy& policy) {
  const SipHashKey& hash = programs_.hash_key();
  Batch<stayd_node_key, stayd_node> nodes;
  for (const auto& [identity, node] : policy.nodes) nodes.add(node_key(id, identity), node);
  Batch<stayd_entry_key, stayd_entry> entries;
  for (const WatchedEntry& each : policy.entries)
    entries.add(entry_key(id, each.entry, hash), {.node = each.node,
                                                  .inode = each.expected.inode,
                                                  .device = each.expected.device,
                                                  .reserved = 0});
  Batch<stayd_name_key, stayd_node> names;
  for (const KernelName& each : policy.names) names.add(name_key(id, each, hash), each.node);
  Batch<stayd_prefix_key, stayd_prefix> prefixes;
  for (const auto& [prefix, rules] : policy.prefixes) prefixes.add(prefix_key(id, prefix), rules);
  Batch<stayd_resolved_key, std::uint32_t> resolvers;
  for (const Address& each : policy.resolvers) resolvers.add(resolved_key(id, each), 1);

  for (Result<> written : {nodes.write(programs_.map_fd("policy_nodes"), "policy nodes"),
                           entries.write(programs_.map_fd("policy_entries"), "policy entries"),
                           names.write(programs_.map_fd("policy_names"), "policy names"),
                           prefixes.write(programs_.map_fd("policy_prefixes"), "policy prefixes"),
                           resolvers.write(programs_.map_fd("dns_resolvers"), "DNS resolvers")})
    if (!written) return written;
  return put(programs_.map_fd("policies"), id, policy.settings, "policy");
}

void Tables::remove_policy(std::uint32_t id, const CompiledPolicy& policy) {
  const SipHashKey& hash = programs_.hash_key();
  ::syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);  // synchronize_rcu()
  bpf_map_delete_elem(programs_.map_fd("policies"), &id);
  const auto keys = [](const auto& entries, auto key_of) {
    std::vector<decltype(key_of(*entries.begin()))> result;
    result.reserve(entries.size());
    for (const auto& each : entries) result.push_back(key_of(each));
    return result;
  };
  remove(programs_.map_fd("policy_nodes"),
         keys(policy.nodes, [&](const auto& each) { return node_key(id, each.first); }));
  remove(programs_.map_fd("policy_entries"),
         keys(policy.entries, [&](const auto& each) { return entry_key(id, each.entry, hash); }));
  remove(programs_.map_fd("policy_names"),
         keys(policy.names, [&](const auto& each) { return name_key(id, each, hash); }));
  remove(programs_.map_fd("policy_prefixes"),
         keys(policy.prefixes, [&](const auto& each) { return prefix_key(id, each.first); }));
  remove(programs_.map_fd("dns_resolvers"),
         keys(policy.resolvers, [&](const Address& each) { return resolved_key(id, each); }));
  const int resolved = programs_.map_fd("resolved_addresses");
  if (!policy.hosts.empty())
    for_each_key<stayd_resolved_key>(resolved, [&](const stayd_resolved_key& key) {
      if (key.policy == id) bpf_map_delete_elem(resolved, &key);
    });
}

void Tables::keep_judged(const stayd_judged_key& key, const stayd_judged& value) {
  bpf_map_update_elem(programs_.map_fd("judged"), &key, &value, BPF_ANY);
}

void Tables::set_resolved(std::uint32_t id, const Address& address,
                          const std::optional<stayd_resolved>& value) {
  const stayd_resolved_key key = resolved_key(id, address);
  if (!value) {
    bpf_map_delete_elem(resolved_, &key);
    return;
  }
  stayd_resolved numbered = *value;
  numbered.serial = ++last_serial_;
  bpf_map_update_elem(resolved_, &key, &numbered, BPF_ANY);
}

std::uint64_t Tables::touched(std::uint32_t slot) const {
  std::uint64_t labels = 0;
  bpf_map_lookup_elem(programs_.map_fd("touched"), &slot, &labels);
  return labels;
}

Result<std::uint32_t> Tables::label_bit(std::uint32_t slot, const std::string& label) {
  const int map = programs_.map_fd("label_bits");
  // The hash outlives this process, so it has a key of its own.
  const std::uint64_t name = std::max<std::uint64_t>(siphash({}, label), 1);
  for (std::uint32_t bit = 0; bit < STAYD_LABELS; ++bit) {
    const std::uint32_t key = slot * STAYD_LABELS + bit;
    std::uint64_t value = 0;
    if (bpf_map_lookup_elem(map, &key, &value)) return errno_error("read label bits");
    if (value == name) return bit;
    if (value != 0) continue;
    if (Result<> noted = put(map, key, name, "label bit"); !noted) return noted.error();
    return bit;
  }
  return Error{"more than " + std::to_string(STAYD_LABELS) +
               " labels since the workload was assigned; release it and assign it again"};
}

void Tables::forget_labels(std::uint32_t slot) {
  const std::uint64_t none = 0;
  bpf_map_update_elem(programs_.map_fd("touched"), &slot, &none, BPF_ANY);
  for (std::uint32_t bit = 0; bit < STAYD_LABELS; ++bit) {
    const std::uint32_t key = slot * STAYD_LABELS + bit;
    bpf_map_update_elem(programs_.map_fd("label_bits"), &key, &none, BPF_ANY);
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

// In units of STAYD_UNDECIDED's time: a second. The kernel side does not wait for long, either.
constexpr std::int32_t kUndecidedFor = 1'000'000'000 >> 16;

void Tables::extend_undecided(std::vector<std::pair<std::uint64_t, WorkloadId>>& seen) {
  const int map = programs_.map_fd("tagged_cgroups");
  const WorkloadId fresh{STAYD_UNDECIDED, static_cast<std::uint32_t>(boot_time_ns() >> 16)};
  const stayd_workload_id value = wire(fresh);
  for (const auto& [cgroup, now] : tagged_cgroups()) {
    // One that has gone in between is not brought back.
    if (now.slot != STAYD_UNDECIDED || bpf_map_update_elem(map, &cgroup, &value, BPF_EXIST) != 0)
      continue;
    const auto known = std::find_if(seen.begin(), seen.end(),
                                    [&](const auto& each) { return each.first == cgroup; });
    if (known == seen.end())
      seen.emplace_back(cgroup, fresh);
    else if (known->second == now)  // else it was marked again, and has to be looked at again
      known->second = fresh;
  }
}

bool Tables::settle_cgroups(const std::vector<std::pair<std::uint64_t, WorkloadId>>& seen,
                            const std::set<std::uint64_t>& looked_at) {
  int map = programs_.map_fd("tagged_cgroups");
  bool some_left = false;
  for (const auto& [cgroup, before] : seen) {
    stayd_workload_id now{};
    if (before.slot != STAYD_UNDECIDED || bpf_map_lookup_elem(map, &cgroup, &now) != 0 ||
        now.slot != before.slot)
      continue;
    const auto age = static_cast<std::int32_t>(static_cast<std::uint32_t>(boot_time_ns() >> 16) -
                                               now.generation);
    if (!looked_at.contains(cgroup) && age < kUndecidedFor)
      some_left = true;
    else if (now.generation == before.generation)
      bpf_map_delete_elem(map, &cgroup);
  }
  return some_left;
}

Result<> Tables::note_released(std::uint32_t generation) {
  const std::uint8_t released = 1;
  return put(programs_.map_fd("released_generations"), generation, released, "released workload");
}

Result<> Tables::tag_cgroup(std::uint64_t cgroup_id, WorkloadId workload) {
  return put(programs_.map_fd("tagged_cgroups"), cgroup_id, wire(workload), "tagged cgroup");
}

void Tables::untag_cgroup(std::uint64_t cgroup_id) {
  bpf_map_delete_elem(programs_.map_fd("tagged_cgroups"), &cgroup_id);
}

Result<std::optional<WorkloadId>> Tables::workload_of(const ProcessInstance& process) const {
  const std::string name = "process " + std::to_string(process.pid);
  // In this order: if the number is still that of the process, it was so when it was opened.
  const Fd opened(static_cast<int>(::syscall(SYS_pidfd_open, process.pid, 0)));
  if (!opened) return errno_error(name);
  if (!lives(process)) return Error{name + " has ended"};
  const int key = opened.get();
  stayd_tag tag{};
  if (bpf_map_lookup_elem(programs_.map_fd("subjects"), &key, &tag)) {
    if (errno == ENOENT) return {boost::system::in_place_value, std::nullopt};
    return errno_error("look up the tag of " + name);
  }
  std::uint8_t released = 0;
  const bool is_free =
      tag.workload.generation == 0 || bpf_map_lookup_elem(programs_.map_fd("released_generations"),
                                                          &tag.workload.generation, &released) == 0;
  if (is_free) return {boost::system::in_place_value, std::nullopt};
  return {boost::system::in_place_value, WorkloadId{tag.workload.slot, tag.workload.generation}};
}

bool Tables::is_live(WorkloadId id) const {
  const Result<stayd_workload> of_slot = workload(id.slot);
  return of_slot && id.generation != 0 && of_slot->generation == id.generation;
}

Result<> Tables::mark_listener(int socket) {
  stayd_connection mark{};
  mark.kind = STAYD_SOCKET_LISTENS;
  return put(programs_.map_fd("connections"), socket, mark, "the mark of a listening socket");
}

Result<stayd_connection> Tables::connection_of(int socket) const {
  stayd_connection found{};
  if (bpf_map_lookup_elem(programs_.map_fd("connections"), &socket, &found))
    return errno_error("look up who connected");
  if (found.kind != STAYD_SOCKET_CONNECTED) return Error{"this socket is not a connection"};
  return found;
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

void Tables::count_handled(std::uint32_t slot) { add_one(handled_, slot); }

void Tables::count_names_handled(std::uint32_t slot) { add_one(names_handled_, slot); }

void Tables::reset_handled() {
  for (std::uint32_t slot = 0; slot < STAYD_WORKLOAD_SLOTS; ++slot) {
    copy_number(raised_, handled_, slot);
    copy_number(names_reported_, names_handled_, slot);
  }
  for_each_key<std::uint32_t>(
      parked_, [&](std::uint32_t process) { bpf_map_delete_elem(parked_, &process); });
  for_each_key<stayd_resolved_key>(
      resolved_, [&](const stayd_resolved_key& key) { bpf_map_delete_elem(resolved_, &key); });
}

Result<> Tables::grant(const GrantSubject& subject, const stayd_grant& grant) {
  return put(programs_.map_fd("grants"), grant_key(subject), grant, "grant");
}

std::optional<std::int64_t> Tables::uses_left(const GrantSubject& subject) const {
  const stayd_grant_key key = grant_key(subject);
  stayd_grant grant{};
  if (bpf_map_lookup_elem(programs_.map_fd("grants"), &key, &grant)) return std::nullopt;
  return std::max<std::int64_t>(grant.uses, 0);
}

void Tables::revoke(const GrantSubject& subject) {
  const stayd_grant_key key = grant_key(subject);
  bpf_map_delete_elem(programs_.map_fd("grants"), &key);
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
