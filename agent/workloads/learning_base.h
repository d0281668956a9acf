// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "policy/draft_base.h"

namespace stayd {

// The resolvers that this host's programs ask, resolv.conf(5).
std::vector<Address> host_resolvers();

// What the draft of a workload builds on: the packs that somebody `said`. If they said none, those
// of the policy that it is under now, or else `secrets`, which can only make a draft stricter; whom
// "~" stands for is then guessed from the workload's processes, if neither policy nor cgroup tells.
Result<std::shared_ptr<const DraftBase>> learning_base(PacksSaid said,
                                                       const std::optional<Policy>& before,
                                                       const std::string& cgroup,
                                                       const std::vector<Address>& resolvers,
                                                       const PackSource& source);

}  // namespace stayd
