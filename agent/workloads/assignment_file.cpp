// SPDX-License-Identifier: Apache-2.0
#include "workloads/assignment_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/whole_file.h"

namespace stayd {

Result<PolicyFileByCgroup> AssignmentFile::read() const {
  std::error_code error;
  if (!std::filesystem::exists(path_, error) && !error) return PolicyFileByCgroup{};
  std::ifstream file(path_);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const Result<nlohmann::json> saved = parse_json(text);
  const Error broken{path_ + " is not what stayd wrote; assign the workloads again"};
  if (!file || !saved || !saved->is_object()) return broken;
  PolicyFileByCgroup assignments;
  for (const auto& [cgroup, policy] : saved->items()) {
    if (!policy.is_string()) return broken;
    assignments.emplace(cgroup, policy.get<std::string>());
  }
  return assignments;
}

Result<> AssignmentFile::write(const PolicyFileByCgroup& assignments) const {
  return write_whole_file(path_, dump(nlohmann::json(assignments)) + '\n', 0644);
}

}  // namespace stayd
