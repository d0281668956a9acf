// SPDX-License-Identifier: Apache-2.0
#include "ctl/workload_name.h"

#include <filesystem>

#include "policy/parser.h"
#include "policy/values.h"
#include "workloads/workloads.h"

namespace stayd {
namespace {

namespace fs = std::filesystem;

// The first cgroup of this host with that name; empty: there is none.
std::string find_cgroup(const std::string& last) {
  std::error_code error;
  fs::recursive_directory_iterator entry(kCgroupRoot, error), end;
  for (; !error && entry != end; entry.increment(error)) {
    if (entry->path().filename() != last) continue;
    if (entry->is_directory(error)) return normal_cgroup(entry->path().string());
  }
  return {};
}

const char* kind_text(AppliesTo::Kind kind) {
  switch (kind) {
    case AppliesTo::Kind::unit:
      return "unit";
    case AppliesTo::Kind::slice:
      return "slice";
    case AppliesTo::Kind::cgroup:
      return "cgroup";
    case AppliesTo::Kind::user:
      return "user";
    case AppliesTo::Kind::group:
      return "group";
    case AppliesTo::Kind::label:
      break;
  }
  return "label";
}

std::string reason_of(const Policy& policy, const CgroupFacts& facts) {
  if (policy.name == facts.named) return "the cgroup's trusted.stayd.policy";
  for (const AppliesTo& each : policy.applies_to)
    if (applies_to(each, facts)) return std::string(kind_text(each.kind)) + ": " + each.name;
  return {};
}

// From the top down, as a workload is a cgroup with all below it: "/a", "/a/b", "/a/b/c".
std::vector<std::string> lineage(const std::string& cgroup) {
  std::vector<std::string> all;
  for (std::size_t slash = cgroup.find('/', 1); slash != cgroup.npos;
       slash = cgroup.find('/', slash + 1))
    all.push_back(cgroup.substr(0, slash));
  all.push_back(cgroup);
  return all;
}

}  // namespace

Result<std::string> cgroup_named(const std::string& name) {
  const std::size_t colon = name.find(':');
  std::string kind = name.substr(0, colon);
  std::string rest = colon == name.npos ? name : name.substr(colon + 1);
  if (colon == name.npos || name.starts_with('/')) {
    rest = name;
    kind = name.find('/') != name.npos ? "cgroup" : "unit";
  }
  std::string cgroup;
  if (kind == "cgroup" && is_cgroup(normal_cgroup(rest))) cgroup = normal_cgroup(rest);
  if ((kind == "unit" && is_unit(rest)) || (kind == "slice" && rest.ends_with(".slice"))) {
    cgroup = find_cgroup(rest);
    if (cgroup.empty()) cgroup = (rest.ends_with(".slice") ? "/" : "/system.slice/") + rest;
  }
  if (cgroup.empty())
    return Error{"who is " + stayd::in_quotes(name) +
                 "? write unit:NAME.service, slice:NAME.slice or cgroup:/PATH"};
  return {boost::system::in_place_value, std::move(cgroup)};
}

Result<AppliedPolicy> applied_policy(const std::string& cgroup, const std::string& directory,
                                     const PackSource& packs) {
  const Result<std::vector<std::string>> files = policy_files(directory);
  if (!files) return files.error();
  AppliedPolicy applied;
  std::vector<Policy> policies;
  for (const std::string& file : *files) {
    Result<Policy> policy = load_policy(file, packs);
    if (policy)
      policies.push_back(std::move(*policy));
    else
      applied.broken.push_back(policy.error());
  }
  HostUsers users;
  for (const std::string& each : lineage(cgroup)) {
    const CgroupFacts facts = facts_of(each, ask_for_users(policies) ? &users : nullptr);
    const Policy* chosen = choose_policy(policies, facts);
    if (!chosen) continue;
    for (const Policy& policy : policies)
      if (&policy != chosen && !reason_of(policy, facts).empty())
        applied.others.push_back(policy.file);
    applied.cgroup = each;
    applied.reason = reason_of(*chosen, facts);
    applied.policy = *chosen;
    return applied;
  }
  std::string message = "no policy in " + directory + " applies to " + stayd::in_quotes(cgroup);
  for (const Error& error : applied.broken) message += "\n  " + error.message;
  if (applied.broken.empty()) message += "; see 'applies_to' in docs/reference/policy-keys.md";
  return Error{message};
}

}  // namespace stayd
