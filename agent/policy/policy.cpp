// SPDX-License-Identifier: Apache-2.0
#include "policy/policy.h"

namespace stayd {
namespace {

std::string count(std::size_t number, const std::string& noun) {
  return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

std::string to_text(std::chrono::seconds duration) {
  long seconds = static_cast<long>(duration.count());
  if (seconds % 3600 == 0) return std::to_string(seconds / 3600) + "h";
  if (seconds % 60 == 0) return std::to_string(seconds / 60) + "m";
  return std::to_string(seconds) + "s";
}

}  // namespace

const char* to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::allow:
      return "allow";
    case Verdict::audit:
      return "audit";
    case Verdict::hold:
      return "hold";
    case Verdict::deny:
      return "deny";
  }
  return "?";
}

std::span<const Place> places_of(const Policy& policy, const PathRule& rule) {
  if (rule.label) return policy.labels[*rule.label].places;
  return {&rule.place, 1};
}

bool applies_to(const AppliesTo& entry, std::string_view cgroup) {
  if (entry.kind == AppliesTo::Kind::unit) {
    std::size_t slash = cgroup.rfind('/');
    return slash != std::string_view::npos && cgroup.substr(slash + 1) == entry.name;
  }
  std::string_view name = entry.name;
  if (!name.ends_with("/**")) return cgroup == name;
  name.remove_suffix(2);
  return cgroup.size() > name.size() && cgroup.starts_with(name);
}

std::string describe(const Policy& policy) {
  return policy.name + ": " + count(policy.network.size() + policy.paths.size(), "rule") + ", " +
         count(policy.labels.size(), "label") + "; unless a rule says otherwise: network " +
         to_string(policy.network_default) + ", files " + to_string(policy.files_default) +
         ", exec " + to_string(policy.exec_default) + "; a ticket waits for " +
         to_text(policy.approval.timeout);
}

}  // namespace stayd
