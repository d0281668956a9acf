// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "policy/policy.h"

namespace stayd {

// The Unix user that a workload is about: what "~" and "$uid" stand for in the paths and patterns
// of a policy and its packs.
struct WorkloadUser {
  std::string home;  // absolute and plain
  std::uint32_t uid = 0;
};

// Something of the policy that says "~" or "$uid"; nothing: it needs no user.
struct UserMention {
  std::string text;
  Position at;
  std::uint16_t source = 0;
};
std::optional<UserMention> mention_of_user(const Policy& policy);

// Error: the home is "/", under which everything is, or no place for patterns.
Result<Policy> for_user(Policy policy, const WorkloadUser& user);

// The user of this host by that name, now; the policy, for messages, says who it is.
Result<WorkloadUser> host_user(const Policy& policy, const std::string& login);

// The policy for the cgroup: `user` of the policy if it says one, else `cgroup_user`, the uid whose
// the cgroup is. Error: neither is known, or the host's user database does not have them. Asks it
// only if something in the policy needs a user.
Result<Policy> for_cgroup_user(const Policy& policy, std::optional<std::uint32_t> cgroup_user);

}  // namespace stayd
