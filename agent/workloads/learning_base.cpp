// SPDX-License-Identifier: Apache-2.0
#include "workloads/learning_base.h"

#include <sys/stat.h>

#include <fstream>
#include <utility>

#include "base/users.h"
#include "context/cgroup_user.h"
#include "policy/parser.h"
#include "policy/values.h"
#include "policy/workload_user.h"
#include "workloads/workloads.h"

namespace stayd {
namespace {

constexpr const char* kDefaultPack = "secrets";

// As the file that the policy was read from says it now.
Result<PacksSaid> packs_of_policy(const Policy& policy) {
  PacksSaid said;
  said.user = policy.user;
  if (policy.packs.empty()) return said;
  const Result<std::string> text = read_policy_file(policy.file);
  if (!text) return in_context("the packs of its policy; say --use", text.error());
  const Result<YamlNode> root = parse_yaml(*text, policy.file);
  if (!root) return in_context("the packs of its policy; say --use", root.error());
  return packs_said_in(*root);
}

// Returns the login of the first process in the cgroup itself, or else root.
std::string login_in(const std::string& cgroup) {
  std::ifstream processes(std::string(kCgroupRoot) + cgroup + "/cgroup.procs");
  std::string pid;
  struct stat process {};
  if (!(processes >> pid) || ::stat(("/proc/" + pid).c_str(), &process) != 0) return "root";
  const std::string login = login_of(process.st_uid);
  return login.empty() ? "root" : login;
}

}  // namespace

std::vector<Address> host_resolvers() {
  std::ifstream file("/etc/resolv.conf");
  std::vector<Address> resolvers;
  for (std::string word; file >> word;) {
    if (word != "nameserver" || !(file >> word)) continue;
    if (Result<Destinations> server = parse_destinations(word))
      resolvers.push_back(server->prefix.address);
  }
  return resolvers;
}

Result<std::shared_ptr<const DraftBase>> learning_base(PacksSaid said,
                                                       const std::optional<Policy>& before,
                                                       const std::string& cgroup,
                                                       const std::vector<Address>& resolvers,
                                                       const PackSource& source) {
  const bool is_default = said.use.empty();
  if (is_default && before) {
    Result<PacksSaid> present = packs_of_policy(*before);
    if (!present) return present.error();
    if (!said.user.empty()) present->user = std::move(said.user);
    said = std::move(*present);
  }
  if (said.use.empty()) said.use.push_back({.pack = kDefaultPack});
  const std::optional<uid_t> owner = uid_of_cgroup(kCgroupRoot, cgroup);
  if (said.user.empty() && said.trust.empty() && is_default && !owner) said.user = login_in(cgroup);
  return DraftBase::create(
      {.packs = std::move(said),
       .resolvers = resolvers,
       .source = source,
       .settle = [owner](const Policy& policy) { return for_cgroup_user(policy, owner); },
       .follows_links = true});
}

}  // namespace stayd
