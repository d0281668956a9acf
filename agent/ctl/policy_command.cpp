// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/escape.h"
#include "base/json.h"
#include "ctl/commands.h"
#include "policy/compiler.h"
#include "policy/parser.h"
#include "policy/path_tree.h"

namespace stayd {
namespace {

Result<Policy> check(const std::string& file) {
  Result<Policy> policy = load_policy(file);
  if (!policy) return policy;
  PathTree tree;
  Result<CompiledPolicy> compiled = compile(*policy, tree.resolver());
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

  const std::size_t rules = count_rules(*policy);
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
