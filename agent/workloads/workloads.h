// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "context/mount_table.h"
#include "kernel/data_trail.h"
#include "kernel/programs.h"
#include "kernel/socket_links.h"
#include "kernel/tables.h"
#include "policy/compiler.h"

namespace stayd {

inline constexpr const char* kCgroupRoot = "/sys/fs/cgroup";

// A cgroup under a policy.
struct Workload {
  WorkloadId id;
  std::string cgroup;  // below kCgroupRoot, with a leading slash
  std::uint64_t cgroup_id = 0;
  Policy policy;
  std::uint32_t policy_id = 0;
  std::shared_ptr<const CompiledPolicy> compiled;
  // The words of rules of the last few versions, newest first: what was judged by them may
  // not have been told of yet.
  std::vector<std::pair<std::uint32_t, std::vector<RuleWords>>> earlier_rules;
  // What the policy names stays open: overlayfs gives a directory that it has forgotten
  // and reads again another inode number.
  std::vector<Fd> pins;
  std::optional<Programs::Link> dns;  // while the policy has host names
};

// Turns cgroups into workloads and back. One thread. What the kernel side knows of them
// outlives this object, and a later one takes it over by assigning the same cgroups again.
class Workloads {
 public:
  // The slots that new workloads may take: [first, end).
  struct Slots {
    std::uint32_t first = 0;
    std::uint32_t end = STAYD_MAX_WORKLOADS;
  };

  // All must outlive it.
  Workloads(Programs& programs, Tables& tables, MountTable& mounts)
      : Workloads(programs, tables, mounts, Slots{}) {}
  Workloads(Programs& programs, Tables& tables, MountTable& mounts, Slots slots)
      : programs_(programs),
        tables_(tables),
        mounts_(mounts),
        trail_(programs),
        socket_links_(programs),
        slots_(slots) {}

  // Puts the cgroup and all below it under the policy; tasks that are in it are tagged, now
  // and for good. A cgroup that is a workload already changes its policy in one step. The
  // root, a cgroup above or below another workload, and one that holds the agent are refused.
  Result<const Workload*> assign(const std::string& cgroup, const Policy& policy);

  // Finds the places of the workload's policy anew, and puts what has changed into force.
  // Returns whether anything had.
  Result<bool> locate_again(const std::string& cgroup);

  // The workload's tasks are nobody's from then on.
  Result<Workload> release(const std::string& cgroup);

  // Ends the workloads whose cgroup is gone: a slot is free once no task is left that belongs to
  // it. Those that left the cgroup in time keep it, and stay under its policy. Returns what has
  // ended; a task of it that was overlooked is refused everything.
  Result<std::vector<Workload>> collect();
  // Calls `act` with each workload, also with those of which only strays are left.
  template <class Do>
  void for_each(Do&& act) const {
    for (const auto& [cgroup, workload] : workloads_) act(workload);
    for (const Workload& workload : ended_) act(workload);
  }
  // How many workloads have no cgroup any more and still have tasks.
  std::size_t stray_count() const { return ended_.size(); }

  // True if there is no slot for another workload.
  bool is_full() const;
  // Refuses everything to the tasks of a cgroup, and of those below it, that a policy claims and
  // for which there is no slot; assign() or stop_refusing() ends it.
  Result<> refuse(const std::string& cgroup);
  void stop_refusing(const std::string& cgroup);
  const std::map<std::string, Workload>& refused() const { return refused_; }

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
  Result<> free_slot(const Workload& workload);
  void forget_orphans(const std::set<WorkloadId>& in_use);
  Result<std::set<WorkloadId>> tags_in_use() const;
  void retire(const Workload& workload);
  static void remember_rules(const Workload& before, Workload& after);
  std::optional<WorkloadId> tagged_before(std::uint64_t cgroup_id) const;

  Programs& programs_;
  Tables& tables_;
  MountTable& mounts_;
  DataTrail trail_;
  SocketLinks socket_links_;
  Slots slots_;
  std::map<std::string, Workload> workloads_;  // by cgroup
  std::vector<Workload> ended_;                // their cgroup is gone, some of their tasks are not
  std::map<std::string, Workload> refused_;    // by cgroup; only the identity is set
};

// "/ai.slice/x" from "/ai.slice/x/", "ai.slice/x" or "/sys/fs/cgroup/ai.slice/x".
std::string normal_cgroup(std::string path);

// What this host says of it now, valid while `cgroup` is: the labels of the container in it, and
// what is written on its directory.
CgroupFacts facts_of(const std::string& cgroup);

// The inode number of its directory (kernfs, 64-bit).
Result<std::uint64_t> cgroup_id(const std::string& directory);

}  // namespace stayd
