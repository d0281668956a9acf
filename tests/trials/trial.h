// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/fd.h"
#include "policy/decision.h"
#include "policy/path_tree.h"
#include "trials/randomness.h"

namespace stayd::test {

// One operation: as decide() is told of it, and as a process does it.
struct Trial {
  std::string text;  // for messages
  Attempt attempt;
  // Makes what it acts on; untagged, in the test's process. What comes late is made after the
  // policy is in force.
  std::function<void()> prepare = [] {};
  bool late = false;
  // Returns like a system call. Meets no hook but for the operation itself; takes no lock.
  std::function<long()> perform;
};

// What trials need, and what a policy can name so that it is about them.
struct World {
  std::string root;                 // an absolute path
  bool only_looks = false;          // nothing is made, deleted or renamed
  PathTree tree;                    // decide()'s idea of all paths
  std::vector<std::string> places;  // files, directories
  std::vector<std::string> names;   // last components
  std::vector<std::string> abstract_sockets;
  std::vector<std::string> digests;  // of programs
};

// Each has a directory of its own below one of a few nested ones, so that none changes what
// another acts on.
Trial file_trial(Randomness& random, World& world, std::size_t number);
Trial exec_trial(Randomness& random, World& world, std::size_t number);
Trial socket_trial(Randomness& random, World& world, std::size_t number);
// `number` makes its port its own, so that no two trials are about the same destination.
Trial network_trial(Randomness& random, World& world, std::size_t number);

// The directory of a trial, and one of the names that patterns may be about.
std::string own_directory(Randomness& random, World& world, std::size_t number);
std::string file_name(Randomness& random, World& world);

// A random policy, which may name all that the world has; without its name.
std::string random_policy(Randomness& random, const World& world, bool with_flows);

}  // namespace stayd::test
