// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/address.h"
#include "stayd/wire.h"

namespace stayd {

enum class Verdict : std::uint8_t {
  allow = STAYD_VERDICT_ALLOW,
  audit = STAYD_VERDICT_AUDIT,
  hold = STAYD_VERDICT_HOLD,
  deny = STAYD_VERDICT_DENY,
};
// The wire numbers them from lax to strict.
inline Verdict stricter(Verdict a, Verdict b) { return std::max(a, b); }
const char* to_string(Verdict verdict);

enum class Access : std::uint8_t {
  read = STAYD_ACCESS_READ,
  write = STAYD_ACCESS_WRITE,
  create = STAYD_ACCESS_CREATE,
  exec = STAYD_ACCESS_EXEC,
  network = STAYD_ACCESS_NETWORK,
};

// In the policy's file; both count from 1.
struct Position {
  int line = 1;
  int column = 1;
};

// A file or directory as the policy names it: absolute, without "." or ".." or "//".
// A directory stands for everything below it.
struct Place {
  std::string path;
  Position at;
};

struct Label {
  std::string name;
  std::vector<Place> places;
};

struct Rule {
  std::uint32_t id = 0;  // from 1, unique within the policy; 0 is "the default"
  Verdict verdict = Verdict::deny;
  Position at;
  std::string text;  // "files.read.hold: customer-data (/srv/customers)"
};

struct NetworkRule {
  Rule rule;
  Destinations destinations;
};

// About read, write, create or exec of one place or of all places of a label.
struct PathRule {
  Rule rule;
  Access access = Access::read;
  std::optional<std::size_t> label;  // index into Policy::labels; otherwise `place`
  Place place;
};

// Cgroups that become workloads under the policy.
struct AppliesTo {
  enum class Kind : std::uint8_t { unit, cgroup };
  Kind kind = Kind::unit;
  std::string name;  // "x.service"; "/ai.slice/x.scope", or "/ai.slice/**" for all below it
};

struct Approval {
  std::chrono::seconds timeout{30 * 60};
};

// What a policy file says, checked but not yet resolved against this host's files.
struct Policy {
  std::string name;
  std::string file;  // as given to the parser, for messages
  std::vector<AppliesTo> applies_to;
  std::vector<Label> labels;
  Verdict network_default = Verdict::deny;
  Verdict files_default = Verdict::deny;
  Verdict exec_default = Verdict::deny;
  std::vector<NetworkRule> network;
  std::vector<PathRule> paths;
  Approval approval;
};

// Valid while `policy` and `rule` are.
std::span<const Place> places_of(const Policy& policy, const PathRule& rule);

// `cgroup` is a path below the cgroup root: "/system.slice/x.service". Only the named
// cgroups themselves match: those below a workload belong to it anyway.
bool applies_to(const AppliesTo& entry, std::string_view cgroup);

// "support-agent: 6 rules, 2 labels; unless a rule says otherwise: network hold, …"
std::string describe(const Policy& policy);

}  // namespace stayd
