// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "policy/pack.h"
#include "policy/policy.h"
#include "workloads/assignment_file.h"
#include "workloads/workloads.h"

namespace stayd {

// Knows which cgroup is under which policy file, by hand (stayctl assign) and by the policies' own
// applies_to. Assignments by hand are kept in a file, so that a restarted agent finds the rules of
// the workloads that the kernel side still holds.
class Assignments {
 public:
  // True if a policy that was read can be kept, with the people there are: an error refuses it.
  using Check = std::function<Result<>(const Policy&)>;

  // `packs`: those that policies may use. They are read again whenever a policy is.
  Assignments(Workloads& workloads, std::string file, PackSource packs, Check check)
      : workloads_(workloads),
        file_(std::move(file)),
        packs_(std::move(packs)),
        check_(std::move(check)) {}

  // Errors are per assignment: the others are made.
  std::vector<Error> restore();

  // The policies of a directory, *.yaml. A broken one is an error; the others are used.
  std::vector<Error> load_policies(const std::string& directory);
  bool any_policy() const { return !policies_.empty(); }

  // Assigns every cgroup that a loaded policy applies to and that is no workload yet. Where there
  // is no slot for it, everything is refused to its tasks until there is. Adds to
  // `looked_at` the ids of those that were no workloads. Calls `still_working` for each cgroup.
  std::vector<Error> apply_policies(std::set<std::uint64_t>& looked_at,
                                    const std::function<void()>& still_working);

  // Returns the policy that the cgroup would be under if it were assigned now; nothing: none that
  // can be read.
  std::optional<Policy> applies_now(const std::string& cgroup) const;

  // Reads all policy files anew, but leaves alone what is being learned. Returns the errors, and in
  // `changed` the workloads whose policy is now another. Where a file is broken, what it said
  // before stays in force.
  std::vector<Error> reload(const std::string& directory, std::vector<WorkloadId>& changed);

  Result<const Workload*> assign(const std::string& cgroup, const std::string& policy_file);
  Result<Workload> release(const std::string& cgroup);

 private:
  Result<Policy> load(const std::string& file) const;
  const Policy* find_policy(const std::string& cgroup, HostUsers& users) const;

  Workloads& workloads_;
  AssignmentFile file_;
  const PackSource packs_;
  Check check_;
  PolicyFileByCgroup by_hand_;
  std::vector<Policy> policies_;
};

}  // namespace stayd
