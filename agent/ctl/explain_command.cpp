// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/escape.h"
#include "base/json.h"
#include "ctl/commands.h"
#include "policy/explanation.h"
#include "policy/parser.h"
#include "policy/values.h"

namespace stayd {
namespace {

namespace fs = std::filesystem;

// "unit:x.service", "slice:x.slice/…" or "cgroup:/ai.slice/x" as a cgroup's path.
Result<std::string> cgroup_of(const std::string& who) {
  const std::size_t colon = who.find(':');
  const std::string kind = who.substr(0, colon);
  const std::string name = colon == who.npos ? "" : who.substr(colon + 1);
  std::string cgroup;
  if (kind == "unit" && is_unit(name)) cgroup = "/system.slice/" + name;
  if (kind == "slice" && is_unit(name)) cgroup = "/" + name + "/any.scope";
  if (kind == "cgroup" && is_cgroup(name)) cgroup = name;
  if (cgroup.empty())
    return Error{"who is " + stayd::quoted(who) +
                 "? write unit:NAME.service, slice:NAME.slice or cgroup:/PATH"};
  return {boost::system::in_place_value, std::move(cgroup)};
}

// The policy of the directory that applies to the workload, by the rule that stayd goes by: the
// first in the order of file names.
Result<Policy> policy_for(const std::string& who, const std::string& directory) {
  Result<std::string> cgroup = cgroup_of(who);
  if (!cgroup) return cgroup.error();
  std::vector<fs::path> files;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, error))
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  if (error) return Error{directory + ": " + error.message()};
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    if (file.stem().extension() == ".test") continue;
    Result<Policy> policy = load_policy(file.string());
    if (!policy) return policy;
    for (const AppliesTo& entry : policy->applies_to)
      if (applies_to(entry, {*cgroup, {}})) return policy;
  }
  return Error{"no policy in " + directory + " applies to " + stayd::quoted(who)};
}

nlohmann::json to_json(const Policy& policy, const Explanation& explanation) {
  nlohmann::json matches = nlohmann::json::array();
  for (const Match& match : explanation.matches)
    matches.push_back({{"rule", escape(match.rule.text)},
                       {"verdict", to_string(match.rule.verdict)},
                       {"line", match.rule.at.line},
                       {"why", escape(match.why)},
                       {"wins", match.wins}});
  return {{"policy", escape(policy.name)},
          {"file", escape(policy.file)},
          {"verdict", to_string(explanation.judgement.verdict)},
          {"rule", escape(explanation.rule)},
          {"observed", policy.observe},
          {"matches", std::move(matches)}};
}

void print(std::ostream& out, const Policy& policy, const Explanation& explanation) {
  out << to_string(explanation.judgement.verdict) << ": " << escape(explanation.rule, 600) << '\n';
  for (const Match& match : explanation.matches)
    out << (match.wins ? "* " : "  ") << escape(policy.file) << ':' << match.rule.at.line << ": "
        << escape(match.rule.text, 600) << " (" << escape(match.why, 600) << ")\n";
  if (explanation.matches.empty()) out << "  no rule says anything about it\n";
  if (policy.observe) out << "mode: observe, so it would only be recorded\n";
}

}  // namespace

int run_policy_explain(const Arguments& arguments, const Console& console) {
  const bool by_name = !arguments.as.empty();
  if (by_name == (arguments.operands.size() == 2))
    return console.fail(Error{"name the policy's file, or with --as the workload: "
                              "stayctl policy explain FILE OPERATION"},
                        kExitUsage);
  Result<Policy> policy =
      by_name ? policy_for(arguments.as, arguments.policies) : load_policy(arguments.operands[0]);
  if (!policy) return console.fail(policy.error());
  PathTree tree(true);
  Result<Attempt> attempt = parse_attempt(arguments.operands.back(), tree);
  if (!attempt) return console.fail(attempt.error(), kExitUsage);
  Result<Explanation> explanation = explain(*policy, *attempt, tree, arguments.touched);
  if (!explanation) return console.fail(explanation.error());
  if (arguments.json)
    console.out << dump(to_json(*policy, *explanation)) << '\n';
  else
    print(console.out, *policy, *explanation);
  return kExitOk;
}

}  // namespace stayd
