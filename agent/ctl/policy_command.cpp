// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/escape.h"
#include "base/json.h"
#include "base/yaml.h"
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

// What the rules name and is not there now: the names are watched, so it is no mistake.
std::vector<std::string> missing_places(const Policy& policy) {
  std::vector<std::string> missing;
  const auto look = [&](const Label& label) {
    for (const Place& place : label.places) {
      std::error_code error;
      if (std::filesystem::exists(place.path, error) || error) continue;
      const std::string what = place.path + ": nothing is there yet; its name is watched";
      missing.push_back(error_at(policy.file, place.at, what).message);
    }
  };
  for (const Label& label : policy.labels) look(label);
  for (const PathRule& rule : policy.paths) look(rule.what);
  return missing;
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
                                  {"missing", missing_places(*policy)},
                                  {"summary", describe(*policy)}};
    console.out << dump(reply) << '\n';
    return kExitOk;
  }
  console.out << escape(file) << ": ok, " << rules << (rules == 1 ? " rule" : " rules") << '\n'
              << describe(*policy) << '\n';
  for (const std::string& each : missing_places(*policy)) console.out << escape(each, 5000) << '\n';
  return kExitOk;
}

}  // namespace stayd
