// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "context/operation.h"
#include "policy/policy.h"

namespace stayd {

// The policy under which a workload is learned: everything is recorded, nothing is held.
// `resolvers`: whose answers give addresses names.
Policy learning_policy(std::vector<Address> resolvers);

// A destination as a rule can name it.
struct Reached {
  std::string host;  // empty: the address counts
  Address address{};
  std::uint16_t port = 0;
  std::uint16_t protocol = 0;
  auto operator<=>(const Reached&) const = default;
};

// What a workload did, each thing once. Paths are the host's.
struct Observations {
  std::map<Access, std::set<std::string>> paths;
  std::set<std::string> made;                           // names that were not there before
  std::set<std::string> listed;                         // directories that were opened themselves
  std::set<std::pair<std::string, std::string>> moves;  // renamed from, to
  std::set<std::vector<Reached>> destinations;          // under each name that one was known by
  std::set<std::string> sockets;                        // "/run/x.sock", "@name"
  std::set<std::string> placeless;                      // what no path of the host leads to
  std::uint64_t operations = 0;
  std::uint64_t left_out = 0;  // beyond what is kept
};

class Learner {
 public:
  static constexpr std::size_t kMax = 65536;  // distinct things; what comes later is counted only

  // `hosts`: the names that the destination was known by.
  void observe(const Operation& operation, const std::vector<std::string>& hosts);

  const Observations& seen() const { return seen_; }

 private:
  template <class Set, class Thing>
  void add(Set& set, const Thing& thing);
  void add_path(Access access, const std::string& path);
  void observe_path(const Operation& operation);

  Observations seen_;
  std::size_t distinct_ = 0;
};

}  // namespace stayd
