// SPDX-License-Identifier: Apache-2.0
#include "kernel/workloads.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "kernel/identity.h"

namespace stayd {
namespace {

namespace fs = std::filesystem;

// A version 2 cgroup's id is the inode number of its directory (kernfs, 64-bit).
Result<std::uint64_t> cgroup_id(const std::string& directory) {
  struct statfs file_system {};
  struct stat status {};
  if (::statfs(directory.c_str(), &file_system) || ::stat(directory.c_str(), &status))
    return errno_error(directory);
  if (file_system.f_type != CGROUP2_SUPER_MAGIC)
    return Error{directory + ": not a version 2 cgroup (is cgroup2 mounted at " + kCgroupRoot +
                 "?)"};
  return static_cast<std::uint64_t>(status.st_ino);
}

std::string own_cgroup() {
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("0::")) return line.substr(3);
  return "/";
}

bool is_below(std::string_view cgroup, std::string_view ancestor) {
  return cgroup.size() > ancestor.size() && cgroup.starts_with(ancestor) &&
         cgroup[ancestor.size()] == '/';
}

}  // namespace

std::string normal_cgroup(std::string path) {
  if (path == kCgroupRoot || path.starts_with(std::string(kCgroupRoot) + "/"))
    path.erase(0, std::string_view(kCgroupRoot).size());
  path = fs::path("/" + path).lexically_normal().string();
  while (path.starts_with("//")) path.erase(0, 1);
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

const Workload* Workloads::find(WorkloadId id) const {
  for (const auto& [cgroup, workload] : workloads_)
    if (workload.id == id) return &workload;
  return nullptr;
}

std::optional<WorkloadId> Workloads::tagged_before(std::uint64_t cgroup_id) const {
  for (const auto& [cgroup, id] : tables_.tagged_cgroups()) {
    if (cgroup != cgroup_id) continue;
    Result<stayd_workload> live = tables_.workload(id.slot);
    if (live && live->generation == id.generation) return id;
  }
  return std::nullopt;
}

Result<const Workload*> Workloads::assign(const std::string& name, const Policy& policy) {
  std::string cgroup = normal_cgroup(name);
  if (cgroup == "/") return Error{"the root cgroup holds the whole host: assign one below it"};
  std::string agent = own_cgroup();
  if (agent == cgroup || is_below(agent, cgroup))
    return Error{cgroup + ": stayd itself runs in it, and would hold itself"};
  for (const auto& [other, workload] : workloads_)
    if (is_below(cgroup, other) || is_below(other, cgroup))
      return Error{cgroup + ": overlaps the workload " + other + "; release that first"};
  Result<std::uint64_t> id = cgroup_id(kCgroupRoot + cgroup);
  if (!id) return id.error();

  Workload workload;
  Result<CompiledPolicy> compiled = compile(
      policy, [&](const std::string& path) { return identify(programs_, path, workload.pins); });
  if (!compiled) return compiled.error();

  auto known = workloads_.find(cgroup);
  if (known != workloads_.end())
    workload.id = known->second.id;
  else if (std::optional<WorkloadId> before = tagged_before(*id))
    workload.id = *before;
  workload.cgroup = cgroup;
  workload.policy_name = policy.name;
  workload.policy_file = policy.file;
  workload.policy_id = programs_.next_policy();
  workload.timeout = policy.approval.timeout;
  workload.compiled = std::move(*compiled);
  if (Result<> enforced = enforce(workload, *id); !enforced) {
    tables_.remove_policy(workload.policy_id, workload.compiled);
    return in_context("assign " + cgroup, enforced.error());
  }
  if (known != workloads_.end())
    tables_.remove_policy(known->second.policy_id, known->second.compiled);
  return &(workloads_[cgroup] = std::move(workload));
}

Result<> Workloads::enforce(Workload& workload, std::uint64_t cgroup) {
  if (Result<> written = tables_.write_policy(workload.policy_id, workload.compiled); !written)
    return written;
  if (workload.id.generation == 0) {
    for (std::uint32_t slot = 0; slot < STAYD_MAX_WORKLOADS; ++slot) {
      Result<stayd_workload> taken = tables_.workload(slot);
      if (!taken) return taken.error();
      if (taken->generation != 0) continue;
      workload.id = {slot, programs_.next_generation()};
      break;
    }
    if (workload.id.generation == 0)
      return Error{"there are " + std::to_string(STAYD_MAX_WORKLOADS) +
                   " workloads already; release one"};
  }
  if (Result<> set =
          tables_.set_workload(workload.id.slot, {workload.id.generation, workload.policy_id});
      !set)
    return set;

  // From the top down: a child made meanwhile inherits from a parent that has its tag.
  programs_.begin_judging();
  programs_.hint_cgroup(cgroup);
  if (Result<> tagged = tables_.tag_cgroup(cgroup, workload.id); !tagged) return tagged;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(kCgroupRoot + workload.cgroup, error), end;
       entry != end; entry.increment(error)) {
    if (error) break;
    std::error_code gone;
    if (!entry->is_directory(gone) || gone) continue;
    Result<std::uint64_t> id = cgroup_id(entry->path().string());
    if (!id) continue;  // removed meanwhile
    programs_.hint_cgroup(*id);
    if (Result<> tagged = tables_.tag_cgroup(*id, workload.id); !tagged) return tagged;
  }
  Result<std::string> tagged = programs_.run_iterator("tag_tasks", false);
  if (!tagged) return tagged.error();
  return {};
}

Result<Workload> Workloads::release(const std::string& name) {
  std::string cgroup = normal_cgroup(name);
  auto found = workloads_.find(cgroup);
  if (found == workloads_.end())
    return Error{cgroup + ": not a workload; stayctl status lists them"};
  Workload workload = std::move(found->second);
  workloads_.erase(found);
  if (Result<> freed = tables_.set_workload(workload.id.slot, {}); !freed) return freed.error();
  for (const auto& [id, of] : tables_.tagged_cgroups())
    if (of == workload.id) tables_.untag_cgroup(id);
  tables_.revoke_all(workload.id);
  tables_.remove_policy(workload.policy_id, workload.compiled);
  return workload;
}

}  // namespace stayd
