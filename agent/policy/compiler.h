// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "policy/policy.h"
#include "stayd/wire.h"

namespace stayd {

// The kernel's name for a file or directory: see stayd_node_key.
struct Identity {
  std::uint64_t inode = 0;
  std::uint32_t device = 0;
  auto operator<=>(const Identity&) const = default;
};

// A name in a directory.
struct DirectoryEntry {
  Identity directory;
  std::string name;
  auto operator<=>(const DirectoryEntry&) const = default;
};

// A path of the policy as it is on this host.
struct Located {
  struct Component {
    DirectoryEntry entry;
    Identity identity;  // what has that name now; {}: nothing
  };
  // Its own identity, then the roots of all mounts below it, from where the kernel's walk
  // would not come up to it. Empty: nothing is there now.
  std::vector<Identity> identities;
  // The names by which it is reached, from the top down, so that what takes the place of one
  // is noticed; as far as they exist, and then the first that is missing.
  std::vector<Component> components;
  bool complete = true;  // the last component is the path itself; else one above it is missing
  // Directories above the first component's, or above a mount's root, each with the one that the
  // kernel's walk comes to next: the root of a bind mount is in a directory of its file system.
  // As far as some mount of the host shows them.
  std::vector<std::pair<Identity, Identity>> parents{};
};

// Finds a path. An error is final: the path cannot be watched either.
using PathResolver = std::function<Result<Located>(const std::string& path)>;

// The last component of a path that exists, or of which only that one is missing, carries what
// the rules say of the path (`node`, as its identity's). All other components, and a missing
// one that is not the last, have STAYD_NODE_UNRESOLVED: with another inode than the expected
// one under the name, the path has to be located again. Every directory of an entry has a node
// with STAYD_NODE_WATCHED.
struct WatchedEntry {
  DirectoryEntry entry;
  Identity expected;  // {}: nothing
  stayd_node node{};
};

struct KernelName {
  std::uint32_t kind = STAYD_NAME_EXACT;  // STAYD_NAME_*
  std::string name;
  stayd_node node{};
};

// A pattern that is not only a name; the gatekeeper matches it.
struct CompiledGlob {
  std::string glob;
  stayd_node node{};
};

struct Unresolved {
  std::string path;
  std::string reason;
};

// The rules of one layer of a policy about addresses, see UsedPack.
struct NetworkLayer {
  struct OfPrefix {
    std::vector<stayd_port_rule> rules;  // the most specific first, then those of prefixes around
    std::size_t inherited = 0;           // how many of them are those of prefixes around it
  };
  std::vector<std::pair<Prefix, OfPrefix>> prefixes;  // in order
  std::vector<HostRule> hosts;
};

// Destinations that some flows do not make stricter; bits as in stayd_port_rule.
struct ExemptAddresses {
  std::uint16_t flows = 0;
  Destinations destinations;
};
struct ExemptHost {
  std::uint16_t flows = 0;
  HostRule host;
};

// The kernel's tables of one policy; whoever loads them fills in the policy's key. Behind
// them what only the gatekeeper decides, and with what words.
struct CompiledPolicy {
  stayd_policy settings{};
  std::vector<std::pair<Identity, stayd_node>> nodes;     // in order
  std::vector<WatchedEntry> entries;                      // in order of the entry
  std::vector<KernelName> names;                          // each (kind, name) once
  std::vector<std::pair<Prefix, stayd_prefix>> prefixes;  // in order

  std::vector<CompiledGlob> globs;
  std::vector<ArgumentsRule> arguments;
  std::vector<ToolRule> tools;
  std::vector<ContentRule> contents;
  std::vector<HostRule> hosts;        // of all layers, and of flows' exceptions
  std::vector<NetworkLayer> network;  // the policy's own first
  std::vector<ExemptAddresses> exempt_addresses;
  std::vector<ExemptHost> exempt_hosts;
  std::vector<Address> resolvers;
  bool confirm_dns = true;

  std::vector<RuleWords> rules;     // by rule id; 0 is "default"
  std::vector<std::string> labels;  // by the index that `bit_of` was asked for
  std::vector<Unresolved> unresolved;
};

// Gives a label its bit in the workload's touched mask, 0..STAYD_LABELS-1; the same name
// always has the same bit while the workload lives. An error: there are too many.
using LabelBits = std::function<Result<std::uint32_t>(const std::string& label)>;
// The next bit for each new name.
LabelBits number_labels();
// Returns the name that stands among labels for so many files of one, such as "customer-data=100".
std::string counted_label(const std::string& label, std::uint32_t files);

// The most specific matching rule wins; between equals the stricter; a name pattern or a
// flow can only make an operation stricter. docs/use/policy.md says what is more specific. Of
// several layers the strictest counts.
Result<CompiledPolicy> compile(const Policy& policy, const PathResolver& resolve,
                               const LabelBits& bit_of = number_labels());

}  // namespace stayd
