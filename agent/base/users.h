// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace stayd {

// This host's user database, nsswitch.conf(5). Each call may block for as long as the host's
// name service does.

std::string login_of(uid_t uid);  // empty if the uid has none
std::string home_of(uid_t uid);   // empty likewise
// The names of the groups that the user is in, the primary one included.
std::vector<std::string> groups_of_login(const std::string& login);
std::optional<uid_t> uid_of_login(const std::string& login);
std::optional<gid_t> gid_of_group(const std::string& group);

}  // namespace stayd
