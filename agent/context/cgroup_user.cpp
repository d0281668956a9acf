// SPDX-License-Identifier: Apache-2.0
#include "context/cgroup_user.h"

#include <sys/stat.h>

#include <charconv>

namespace stayd {

std::optional<uid_t> uid_in_cgroup_path(std::string_view cgroup) {
  constexpr std::string_view kBefore = "/user.slice/user-", kAfter = ".slice";
  if (!cgroup.starts_with(kBefore)) return std::nullopt;
  cgroup.remove_prefix(kBefore.size());
  uid_t uid = 0;
  const auto [end, error] = std::from_chars(cgroup.data(), cgroup.data() + cgroup.size(), uid);
  if (error != std::errc()) return std::nullopt;
  cgroup.remove_prefix(static_cast<std::size_t>(end - cgroup.data()));
  if (!cgroup.starts_with(kAfter)) return std::nullopt;
  cgroup.remove_prefix(kAfter.size());
  if (!cgroup.empty() && !cgroup.starts_with('/')) return std::nullopt;
  return uid;
}

std::optional<uid_t> uid_of_cgroup(const std::string& root, const std::string& cgroup) {
  if (const std::optional<uid_t> uid = uid_in_cgroup_path(cgroup)) return uid;
  struct stat status {};
  if (::stat((root + cgroup).c_str(), &status) != 0 || status.st_uid == 0) return std::nullopt;
  return status.st_uid;
}

}  // namespace stayd
