// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace stayd {

// The uid in a path below the cgroup root that systemd gives a user's processes:
// "/user.slice/user-1000.slice", with whatever is below it.
std::optional<uid_t> uid_in_cgroup_path(std::string_view cgroup);

// Returns the user whose slice the cgroup is in, or else the owner of its directory, unless that is
// root, who owns every cgroup that was not given to somebody (systemd.resource-control(5),
// Delegate=). Both are known from the cgroup's first process on. What systemd's User= says is not:
// the unit's first process is still root's when it is judged. `root`: where cgroups are mounted.
std::optional<uid_t> uid_of_cgroup(const std::string& root, const std::string& cgroup);

}  // namespace stayd
