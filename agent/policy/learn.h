// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "context/operation.h"
#include "policy/policy.h"

namespace stayd {

// The policy under which a workload is learned: everything is recorded, nothing is held.
// `resolvers`: whose answers give addresses names.
Policy learning_policy(std::vector<Address> resolvers);

// Turns what a workload did into a draft of a policy that allows that and holds the rest, for a
// person to read and correct: directories rather than files, names rather than addresses.
// Where it allows more than was seen, it says so.
class Learner {
 public:
  static constexpr std::size_t kMost = 65536;  // distinct things; what comes later is counted only

  // `hosts`: the names that the destination was known by.
  void observe(const Operation& operation, const std::vector<std::string>& hosts);

  std::uint64_t operations() const { return operations_; }

  // YAML. `period`: in words, for its head.
  std::string draft(std::string_view name, std::string_view period) const;

 private:
  using Counts = std::map<std::string, std::uint64_t>;

  void add(Counts& counts, const std::string& what);

  std::map<Access, Counts> paths_;
  Counts destinations_;  // "files.example.org:443/tcp"
  Counts sockets_;
  std::uint64_t operations_ = 0;
  std::uint64_t left_out_ = 0;
  std::size_t distinct_ = 0;
};

}  // namespace stayd
