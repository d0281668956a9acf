// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "context/mount_table.h"
#include "kernel/data_trail.h"
#include "kernel/programs.h"
#include "kernel/sent_links.h"
#include "kernel/tables.h"
#include "policy/compiler.h"

namespace stayd {

inline constexpr const char* kCgroupRoot = "/sys/fs/cgroup";

// A cgroup under a policy.
struct Workload {
  WorkloadId id;
  std::string cgroup;  // below kCgroupRoot, with a leading slash
  Policy policy;
  std::uint32_t policy_id = 0;
  std::shared_ptr<const CompiledPolicy> compiled;
  // The words of rules of the last few versions, newest first: what was judged by them may
  // not have been told of yet.
  std::vector<std::pair<std::uint32_t, std::vector<std::string>>> earlier_rules;
  // What the policy names stays open: overlayfs gives a directory that it has forgotten
  // and reads again another inode number.
  std::vector<Fd> pins;
  std::optional<Programs::Link> dns;  // while the policy has host names
};

// Turns cgroups into workloads and back. One thread. What the kernel side knows of them
// outlives this object, and a later one takes it over by assigning the same cgroups again.
class Workloads {
 public:
  // All must outlive it.
  Workloads(Programs& programs, Tables& tables, MountTable& mounts)
      : programs_(programs),
        tables_(tables),
        mounts_(mounts),
        trail_(programs),
        sent_links_(programs) {}

  // Puts the cgroup and all below it under the policy; tasks that are in it are tagged, now
  // and for good. A cgroup that is a workload already changes its policy in one step. The
  // root, a cgroup above or below another workload, and one that holds the agent are refused.
  Result<const Workload*> assign(const std::string& cgroup, const Policy& policy);

  // Finds the places of the workload's policy anew, and puts what has changed into force.
  // Returns whether anything had.
  Result<bool> locate_again(const std::string& cgroup);

  // The workload's tasks are nobody's from then on.
  Result<Workload> release(const std::string& cgroup);

  const std::map<std::string, Workload>& all() const { return workloads_; }
  const Workload* find(WorkloadId id) const;
  const Workload* find_policy(std::uint32_t policy_id) const;
  // By the slot of a workload: what is known of its data.
  const DataTrail& trail() const { return trail_; }

 private:
  Result<WorkloadId> identify_workload(const std::string& cgroup, std::uint64_t cgroup_id);
  Result<> compile_into(Workload& workload);
  Result<> enforce(Workload& workload, std::uint64_t cgroup_id);
  Result<> tag(const Workload& workload, std::uint64_t cgroup_id);
  void retire(const Workload& workload);
  static void remember_rules(const Workload& before, Workload& after);
  std::optional<WorkloadId> tagged_before(std::uint64_t cgroup_id) const;

  Programs& programs_;
  Tables& tables_;
  MountTable& mounts_;
  DataTrail trail_;
  SentLinks sent_links_;
  std::map<std::string, Workload> workloads_;  // by cgroup
};

// "/ai.slice/x" from "/ai.slice/x/", "ai.slice/x" or "/sys/fs/cgroup/ai.slice/x".
std::string normal_cgroup(std::string path);

// What this host says of it now, valid while `cgroup` is: the labels of the container in it, and
// what is written on its directory.
CgroupFacts facts_of(const std::string& cgroup);

// The inode number of its directory (kernfs, 64-bit).
Result<std::uint64_t> cgroup_id(const std::string& directory);

}  // namespace stayd
