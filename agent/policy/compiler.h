// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "policy/policy.h"
#include "stayd/wire.h"

namespace stayd {

// What the kernel calls a file or directory: see stayd_node_key.
struct Identity {
  std::uint64_t inode = 0;
  std::uint32_t device = 0;
  auto operator<=>(const Identity&) const = default;
};

// Finds a path: first its own identity, then the roots of all mounts below it, from where
// the kernel's walk would not come up to it. The error says why there is none.
using PathResolver = std::function<Result<std::vector<Identity>>(const std::string& path)>;

// The kernel's tables of one policy; whoever loads them fills in the policy's key.
struct CompiledPolicy {
  stayd_policy defaults{};
  std::vector<std::pair<Identity, stayd_node>> nodes;     // in order
  std::vector<std::pair<Prefix, stayd_prefix>> prefixes;  // in order
  std::vector<std::string> rules;                         // text by rule id; 0 is "default"
};

// The most specific matching rule wins; between equals the stricter. A rule of a smaller
// prefix is more specific than one of a larger, then one for fewer ports, then one for a
// protocol. A rule of a directory is more specific than one of a directory above it. What
// may be written may be created: at a place without a create rule its write rule holds.
Result<CompiledPolicy> compile(const Policy& policy, const PathResolver& resolve);

}  // namespace stayd
