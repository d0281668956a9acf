// SPDX-License-Identifier: Apache-2.0
#include "workloads/assignments.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "policy/parser.h"

namespace stayd {

namespace fs = std::filesystem;

Result<Policy> Assignments::load(const std::string& file) const {
  Result<Policy> policy = load_policy(file, packs_);
  if (!policy) return policy;
  if (Result<> checked = check_(*policy); !checked) return checked.error();
  return policy;
}

std::vector<Error> Assignments::restore() {
  const Result<PolicyFileByCgroup> saved = file_.read();
  if (!saved) return {saved.error()};
  std::vector<Error> errors;
  for (const auto& [cgroup, policy_file] : *saved) {
    if (!fs::exists(kCgroupRoot + cgroup)) continue;
    by_hand_[cgroup] = policy_file;
    Result<Policy> loaded = load(policy_file);
    if (!loaded) {
      errors.push_back(in_context(cgroup, loaded.error()));
      continue;
    }
    Result<const Workload*> assigned = workloads_.assign(cgroup, *loaded);
    if (!assigned) errors.push_back(in_context(cgroup, assigned.error()));
  }
  return errors;
}

std::vector<Error> Assignments::load_policies(const std::string& directory) {
  const Result<std::vector<std::string>> files = policy_files(directory);
  if (!files) return {};  // there need be none
  std::vector<Error> errors;
  for (const std::string& file : *files) {
    Result<Policy> policy = load(file);
    if (policy)
      policies_.push_back(std::move(*policy));
    else
      errors.push_back(policy.error());
  }
  return errors;
}

const Policy* Assignments::find_policy(const std::string& cgroup, HostUsers& users) const {
  return choose_policy(policies_, facts_of(cgroup, ask_for_users(policies_) ? &users : nullptr));
}

std::optional<Policy> Assignments::applies_now(const std::string& cgroup) const {
  if (const auto by_hand = by_hand_.find(cgroup); by_hand != by_hand_.end()) {
    Result<Policy> loaded = load(by_hand->second);
    return loaded ? std::optional(std::move(*loaded)) : std::nullopt;
  }
  HostUsers users;
  const Policy* policy = find_policy(cgroup, users);
  return policy ? std::optional(*policy) : std::nullopt;
}

std::vector<Error> Assignments::reload(const std::string& directory,
                                       std::vector<WorkloadId>& changed) {
  std::vector<Policy> before = std::exchange(policies_, {});
  std::vector<Error> errors = load_policies(directory);
  for (Policy& old : before) {
    const bool still = std::any_of(policies_.begin(), policies_.end(),
                                   [&](const Policy& each) { return each.file == old.file; });
    if (!still && fs::exists(old.file)) policies_.push_back(std::move(old));  // it is broken now
  }
  std::vector<std::string> cgroups;
  for (const auto& [cgroup, workload] : workloads_.all())
    if (!workload.policy.report_once) cgroups.push_back(cgroup);
  HostUsers users;
  for (const std::string& cgroup : cgroups) {
    const auto by_hand = by_hand_.find(cgroup);
    Result<Policy> loaded = Error{"no policy applies to it any more; release it"};
    if (by_hand != by_hand_.end())
      loaded = load(by_hand->second);
    else if (const Policy* policy = find_policy(cgroup, users))
      loaded = *policy;
    Result<const Workload*> assigned =
        loaded ? workloads_.assign(cgroup, *loaded) : Result<const Workload*>(loaded.error());
    if (assigned)
      changed.push_back((*assigned)->id);
    else
      errors.push_back(in_context(cgroup, assigned.error()));
  }
  return errors;
}

std::vector<Error> Assignments::apply_policies(std::set<std::uint64_t>& looked_at,
                                               const std::function<void()>& still_working) {
  std::vector<Error> errors;
  std::set<std::string> claimed;
  HostUsers users;
  std::error_code error;
  fs::recursive_directory_iterator entry(kCgroupRoot, error), end;
  for (; !error && entry != end; entry.increment(error)) {
    still_working();
    std::error_code gone;
    if (!entry->is_directory(gone) || gone) continue;
    const std::string cgroup = normal_cgroup(entry->path().string());
    if (workloads_.all().contains(cgroup)) {
      entry.disable_recursion_pending();
      continue;
    }
    const Policy* policy = find_policy(cgroup, users);
    if (const Result<std::uint64_t> id = cgroup_id(entry->path().string())) looked_at.insert(*id);
    if (!policy) continue;
    Result<const Workload*> assigned = workloads_.assign(cgroup, *policy);
    if (!assigned) {
      errors.push_back(assigned.error());
      // A cgroup that a policy claims must not run unguarded.
      if (workloads_.is_full()) {
        claimed.insert(cgroup);
        if (Result<> refused = workloads_.refuse(cgroup); !refused)
          errors.push_back(in_context("refuse " + cgroup, refused.error()));
      }
    }
    entry.disable_recursion_pending();
  }
  std::vector<std::string> free;
  for (const auto& [cgroup, refused] : workloads_.refused())
    if (!claimed.contains(cgroup)) free.push_back(cgroup);
  for (const std::string& cgroup : free) workloads_.stop_refusing(cgroup);
  return errors;
}

Result<const Workload*> Assignments::assign(const std::string& cgroup,
                                            const std::string& policy_file) {
  Result<Policy> policy = load(policy_file);
  if (!policy) return policy.error();
  Result<const Workload*> assigned = workloads_.assign(cgroup, *policy);
  if (!assigned) return assigned;
  by_hand_[(*assigned)->cgroup] = policy_file;
  if (Result<> saved = file_.write(by_hand_); !saved) return saved.error();
  return assigned;
}

Result<Workload> Assignments::release(const std::string& cgroup) {
  Result<Workload> released = workloads_.release(cgroup);
  if (!released) return released;
  by_hand_.erase(released->cgroup);
  if (Result<> saved = file_.write(by_hand_); !saved) return saved.error();
  return released;
}

}  // namespace stayd
