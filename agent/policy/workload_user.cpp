// SPDX-License-Identifier: Apache-2.0
#include "policy/workload_user.h"

#include "base/users.h"
#include "base/yaml.h"
#include "policy/glob.h"
#include "policy/values.h"

namespace stayd {
namespace {

constexpr std::string_view kUid = "$uid";

bool names_user(std::string_view path) {
  return path.starts_with('~') || path.find(kUid) != path.npos;
}

// Calls visit(text, position, source) for each place and pattern; `text` may be changed.
template <class SomePolicy, class Visit>
void for_each_path(SomePolicy& policy, Visit visit) {
  const auto each = [&](auto& label) {
    for (auto& place : label.places) visit(place.path, place.at, label.source);
    for (auto& pattern : label.patterns) visit(pattern.glob, pattern.at, label.source);
  };
  for (auto& label : policy.labels) each(label);
  for (auto& rule : policy.paths)
    if (!rule.label) each(rule.what);
}

void replace_user(std::string& path, const WorkloadUser& user) {
  if (path.starts_with('~')) path.replace(0, 1, user.home);
  const std::string uid = std::to_string(user.uid);
  for (std::size_t at = path.find(kUid); at != path.npos; at = path.find(kUid, at + uid.size()))
    path.replace(at, kUid.size(), uid);
}

}  // namespace

std::optional<UserMention> mention_of_user(const Policy& policy) {
  std::optional<UserMention> found;
  for_each_path(policy, [&](const std::string& path, Position at, std::uint16_t source) {
    if (!found && names_user(path)) found = {path, at, source};
  });
  return found;
}

Result<Policy> for_user(Policy policy, const WorkloadUser& user) {
  if (!user.home.starts_with('/') || user.home == "/" || normal_path(user.home) != user.home ||
      is_glob(user.home))
    return Error{policy.file + ": '~' cannot stand for the home directory " + in_quotes(user.home) +
                 "; write the paths in full"};
  for_each_path(policy,
                [&](std::string& path, Position, std::uint16_t) { replace_user(path, user); });
  return policy;
}

Result<WorkloadUser> host_user(const Policy& policy, const std::string& login) {
  const std::optional<uid_t> uid = uid_of_login(login);
  if (!uid)
    return Error{policy.file + ": there is no user " + in_quotes(login) +
                 " on this host; correct 'user', or make the user"};
  return WorkloadUser{normal_path(home_of(*uid)), *uid};
}

Result<Policy> for_cgroup_user(const Policy& policy, std::optional<std::uint32_t> cgroup_user) {
  const std::optional<UserMention> mention = mention_of_user(policy);
  if (!mention) return policy;
  if (!policy.user.empty()) {
    const Result<WorkloadUser> user = host_user(policy, policy.user);
    if (!user) return user.error();
    return for_user(policy, *user);
  }
  if (!cgroup_user)
    return error_at(file_of(policy, mention->source), mention->at,
                    in_quotes(mention->text) +
                        " needs to know the workload's user, and the cgroup does not tell; add "
                        "'user: NAME' to " +
                        policy.file);
  const std::string home = home_of(*cgroup_user);
  if (home.empty())
    return Error{policy.file + ": uid " + std::to_string(*cgroup_user) +
                 ", whose the cgroup is, is not a user of this host; add 'user: NAME'"};
  return for_user(policy, {normal_path(home), *cgroup_user});
}

}  // namespace stayd
