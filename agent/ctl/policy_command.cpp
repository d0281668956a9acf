// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <cerrno>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <vector>

#include "base/escape.h"
#include "base/json.h"
#include "ctl/commands.h"
#include "policy/compiler.h"
#include "policy/parser.h"

namespace stayd {
namespace {

// Only says whether the path is there and what differs from others: the kernel's own
// identities need a privilege that checking a file should not.
Result<std::vector<Identity>> look_at(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return Error{std::generic_category().message(errno)};
  return std::vector<Identity>{{found.st_ino, static_cast<std::uint32_t>(found.st_dev)}};
}

Result<Policy> check(const std::string& file) {
  Result<Policy> policy = load_policy(file);
  if (!policy) return policy;
  Result<CompiledPolicy> compiled = compile(*policy, look_at);
  if (!compiled) return compiled.error();
  return policy;
}

}  // namespace

int run_policy_check(const Arguments& arguments, const Console& console) {
  const std::string& file = arguments.operands[0];
  const Result<Policy> policy = check(file);
  if (!policy) {
    if (!arguments.json) return console.fail(policy.error());
    const nlohmann::json reply = {{"file", file}, {"ok", false}, {"error", policy.error().message}};
    console.out << dump(reply) << '\n';
    return kExitFailure;
  }

  const std::size_t rules = policy->network.size() + policy->paths.size();
  if (arguments.json) {
    const nlohmann::json reply = {{"file", file},
                                  {"ok", true},
                                  {"policy", policy->name},
                                  {"rules", rules},
                                  {"summary", describe(*policy)}};
    console.out << dump(reply) << '\n';
    return kExitOk;
  }
  console.out << escape(file) << ": ok, " << rules << (rules == 1 ? " rule" : " rules") << '\n'
              << describe(*policy) << '\n';
  return kExitOk;
}

}  // namespace stayd
