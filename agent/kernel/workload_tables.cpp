// SPDX-License-Identifier: Apache-2.0
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <span>

#include "base/fd.h"
#include "context/process.h"
#include "kernel/tables.h"

namespace stayd {
namespace {

// The time for which a cgroup may stay undecided, in units of STAYD_UNDECIDED_SHIFT: a second. The
// kernel side does not wait for long, either.
constexpr std::int32_t kUndecidedFor = 1'000'000'000 >> STAYD_UNDECIDED_SHIFT;

stayd_tagged_cgroup wire(std::uint64_t cgroup, WorkloadId id) {
  return {.cgroup = cgroup, .workload = {.slot = id.slot, .generation = id.generation}};
}

}  // namespace

std::uint64_t Tables::labels_read(std::uint32_t slot) const {
  return maps_.labels_read.get(slot).value_or(0);
}

std::uint64_t Tables::touched(std::uint32_t slot, const CompiledPolicy& policy) const {
  std::uint64_t result = labels_read(slot);
  const std::span flows(policy.settings.flows, policy.settings.flow_count);
  if (std::ranges::none_of(flows, [](const stayd_flow& each) { return each.files != 0; }))
    return result;
  const std::optional<stayd_label_files> counts = maps_.label_files.get(slot);
  for (const stayd_flow& flow : flows)
    if (flow.files != 0 && (!counts || counts->files[flow.counted] >= flow.files))
      result |= flow.labels;
  return result;
}

Result<std::uint32_t> Tables::label_bit(std::uint32_t slot, const std::string& label) {
  // The hash outlives this process, so it has a key of its own.
  const std::uint64_t name = std::max<std::uint64_t>(siphash({}, label), 1);
  for (std::uint32_t bit = 0; bit < STAYD_LABELS; ++bit) {
    const std::uint32_t key = slot * STAYD_LABELS + bit;
    const std::optional<std::uint64_t> value = maps_.label_bits.get(key);
    if (!value) return errno_error("read label bits");
    if (*value == name) return bit;
    if (*value != 0) continue;
    if (Result<> noted = maps_.label_bits.put(key, name, "label bit"); !noted) return noted.error();
    return bit;
  }
  return Error{"more than " + std::to_string(STAYD_LABELS) +
               " labels since the workload was assigned; release it and assign it again"};
}

void Tables::forget_labels(std::uint32_t slot) {
  maps_.labels_read.set(slot, 0);
  maps_.label_files.set(slot, {});
  for (std::uint32_t bit = 0; bit < STAYD_LABELS; ++bit)
    maps_.label_bits.set(slot * STAYD_LABELS + bit, 0);
}

Result<> Tables::set_workload(std::uint32_t slot, const stayd_workload& workload) {
  return maps_.workloads.put(slot, workload, "workload");
}

Result<stayd_workload> Tables::workload(std::uint32_t slot) const {
  const std::optional<stayd_workload> value = maps_.workloads.get(slot);
  if (!value) return errno_error("read workload");
  return *value;
}

std::vector<std::pair<std::uint64_t, WorkloadId>> Tables::tagged_cgroups() const {
  std::vector<std::pair<std::uint64_t, WorkloadId>> result;
  maps_.tagged_cgroups.for_each_key([&](std::uint64_t cgroup) {
    const std::optional<stayd_tagged_cgroup> tagged = maps_.tagged_cgroups.get(cgroup);
    if (tagged && tagged->cgroup == cgroup)
      result.emplace_back(cgroup, WorkloadId{tagged->workload.slot, tagged->workload.generation});
  });
  return result;
}

void Tables::extend_undecided(std::vector<std::pair<std::uint64_t, WorkloadId>>& seen) {
  const WorkloadId fresh{STAYD_UNDECIDED,
                         static_cast<std::uint32_t>(boot_time_ns() >> STAYD_UNDECIDED_SHIFT)};
  for (const auto& [cgroup, now] : tagged_cgroups()) {
    // One that has gone in between is not brought back.
    if (now.slot != STAYD_UNDECIDED || !maps_.tagged_cgroups.replace(cgroup, wire(cgroup, fresh)))
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
  const auto time = static_cast<std::uint32_t>(boot_time_ns() >> STAYD_UNDECIDED_SHIFT);
  bool some_left = false;
  for (const auto& [cgroup, before] : seen) {
    if (before.slot != STAYD_UNDECIDED) continue;
    const std::optional<stayd_tagged_cgroup> tagged = maps_.tagged_cgroups.get(cgroup);
    if (!tagged || tagged->cgroup != cgroup || tagged->workload.slot != before.slot) continue;
    const std::uint32_t marked = tagged->workload.generation;
    const auto age = static_cast<std::int32_t>(time - marked);
    if (!looked_at.contains(cgroup) && age < kUndecidedFor)
      some_left = true;
    else if (marked == before.generation)
      maps_.tagged_cgroups.erase(cgroup);
  }
  return some_left;
}

Result<> Tables::note_released(std::uint32_t generation) {
  return maps_.released_generations.put(generation, 1, "released workload");
}

Result<> Tables::tag_cgroup(std::uint64_t cgroup_id, WorkloadId workload) {
  return maps_.tagged_cgroups.put(cgroup_id, wire(cgroup_id, workload), "tagged cgroup");
}

void Tables::untag_cgroup(std::uint64_t cgroup_id) { maps_.tagged_cgroups.erase(cgroup_id); }

Result<std::optional<WorkloadId>> Tables::workload_of(const ProcessInstance& process) const {
  const std::string name = "process " + std::to_string(process.pid);
  // In this order: if the number is still that of the process, it was so when it was opened.
  const Fd opened(static_cast<int>(::syscall(SYS_pidfd_open, process.pid, 0)));
  if (!opened) return errno_error(name);
  if (!lives(process)) return Error{name + " has ended"};
  const std::optional<stayd_tag> tag = maps_.subjects.get(opened.get());
  if (!tag) {
    if (errno == ENOENT) return {boost::system::in_place_value, std::nullopt};
    return errno_error("look up the tag of " + name);
  }
  const stayd_workload_id id = tag->workload;
  if (id.generation == 0 || maps_.released_generations.contains(id.generation))
    return {boost::system::in_place_value, std::nullopt};
  return {boost::system::in_place_value, WorkloadId{id.slot, id.generation}};
}

bool Tables::is_live(WorkloadId id) const {
  const Result<stayd_workload> of_slot = workload(id.slot);
  return of_slot && id.generation != 0 && of_slot->generation == id.generation;
}

Result<> Tables::mark_listener(int socket) {
  stayd_connection mark{};
  mark.kind = STAYD_SOCKET_LISTENS;
  return maps_.connections.put(socket, mark, "the mark of a listening socket");
}

Result<stayd_connection> Tables::connection_of(int socket) const {
  const std::optional<stayd_connection> found = maps_.connections.get(socket);
  if (!found) return errno_error("look up who connected");
  if (found->kind != STAYD_SOCKET_CONNECTED) return Error{"this socket is not a connection"};
  return *found;
}

}  // namespace stayd
