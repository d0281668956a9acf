// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "context/file_steps.h"
#include "support/operation_builder.h"

namespace stayd::test {

inline std::uint64_t directory_inode_of(const std::string& path) {
  return 1'000'000 + std::hash<std::string>()(path) % 1'000'000'000;
}

// The steps to the file with this inode, none of which has changed for an hour at kNoon.
inline std::vector<FileStep> steps_to(const std::string& path, std::uint64_t inode) {
  const TimePoint before = kNoon - std::chrono::hours(1);
  std::vector<FileStep> steps;
  for (std::size_t slash = path.find('/'); slash != path.npos; slash = path.find('/', slash + 1))
    steps.push_back({directory_inode_of(path.substr(0, slash)), before, before});
  steps.push_back({inode, before, before});
  return steps;
}

}  // namespace stayd::test
