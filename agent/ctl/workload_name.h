// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "policy/pack.h"
#include "policy/policy.h"

namespace stayd {

// The cgroup that somebody means by "unit:NAME.service", "slice:NAME.slice", "cgroup:/PATH", a
// unit's name or a path, with the cgroup root in front or without. A unit that is not there is
// taken to be in /system.slice.
Result<std::string> cgroup_named(const std::string& name);

// The policy that is, or would be, in force for a cgroup by a directory of policies.
struct AppliedPolicy {
  Policy policy;
  std::string cgroup;               // it applies to: the one that was asked for, or one above it
  std::string reason;               // "unit: support-agent.service"
  std::vector<std::string> others;  // files of policies that would apply if this one did not
  std::vector<Error> broken;        // policies that cannot be read, which stayd leaves out, too
};
Result<AppliedPolicy> applied_policy(const std::string& cgroup, const std::string& directory,
                                     const PackSource& packs);

}  // namespace stayd
