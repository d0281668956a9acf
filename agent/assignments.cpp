// SPDX-License-Identifier: Apache-2.0
#include "assignments.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "policy/parser.h"

namespace stayd {

namespace fs = std::filesystem;

std::vector<Error> Assignments::restore() {
  std::ifstream file(file_);
  if (!file) return {};
  std::string text((std::istreambuf_iterator<char>(file)), {});
  Result<nlohmann::json> saved = parse_json(text);
  if (!saved || !saved->is_object())
    return {Error{file_ + ": not what stayd wrote; assign the workloads again"}};
  std::vector<Error> errors;
  for (const auto& [cgroup, policy] : saved->items()) {
    if (!policy.is_string() || !fs::exists(kCgroupRoot + cgroup)) continue;
    by_hand_[cgroup] = policy.get<std::string>();
    Result<Policy> loaded = load_policy(by_hand_[cgroup]);
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
  std::vector<fs::path> files;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, error))
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<Error> errors;
  for (const fs::path& file : files) {
    Result<Policy> policy = load_policy(file.string());
    if (policy)
      policies_.push_back(std::move(*policy));
    else
      errors.push_back(policy.error());
  }
  return errors;
}

std::vector<Error> Assignments::apply_policies() {
  std::vector<Error> errors;
  std::error_code error;
  fs::recursive_directory_iterator entry(kCgroupRoot, error), end;
  for (; !error && entry != end; entry.increment(error)) {
    std::error_code gone;
    if (!entry->is_directory(gone) || gone) continue;
    const std::string cgroup = normal_cgroup(entry->path().string());
    if (workloads_.all().contains(cgroup)) {
      entry.disable_recursion_pending();
      continue;
    }
    for (const Policy& policy : policies_) {
      bool applies = std::any_of(policy.applies_to.begin(), policy.applies_to.end(),
                                 [&](const AppliesTo& each) { return applies_to(each, cgroup); });
      if (!applies) continue;
      Result<const Workload*> assigned = workloads_.assign(cgroup, policy);
      if (!assigned) errors.push_back(assigned.error());
      entry.disable_recursion_pending();
      break;
    }
  }
  return errors;
}

Result<const Workload*> Assignments::assign(const std::string& cgroup,
                                            const std::string& policy_file) {
  Result<Policy> policy = load_policy(policy_file);
  if (!policy) return policy.error();
  Result<const Workload*> assigned = workloads_.assign(cgroup, *policy);
  if (!assigned) return assigned;
  by_hand_[(*assigned)->cgroup] = policy_file;
  if (Result<> saved = save(); !saved) return saved.error();
  return assigned;
}

Result<Workload> Assignments::release(const std::string& cgroup) {
  Result<Workload> released = workloads_.release(cgroup);
  if (!released) return released;
  by_hand_.erase(released->cgroup);
  if (Result<> saved = save(); !saved) return saved.error();
  return released;
}

Result<> Assignments::save() const {
  const std::string next = file_ + ".new";
  std::ofstream file(next, std::ios::trunc);
  file << dump(nlohmann::json(by_hand_)) << '\n';
  file.close();
  if (!file) return Error{"cannot write " + next};
  std::error_code error;
  fs::rename(next, file_, error);
  if (error) return Error{"rename " + next + ": " + error.message()};
  return {};
}

}  // namespace stayd
