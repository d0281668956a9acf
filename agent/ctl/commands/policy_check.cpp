// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "base/escape.h"
#include "base/json.h"
#include "base/users.h"
#include "base/yaml.h"
#include "ctl/command.h"
#include "ctl/merged_policy.h"
#include "ctl/pack_path.h"
#include "ctl/people_file.h"
#include "policy/compiler.h"
#include "policy/parser.h"
#include "policy/path_tree.h"
#include "policy/review.h"
#include "policy/workload_user.h"
#include "tickets/approvers.h"

namespace stayd {
namespace {

using nlohmann::json;

constexpr std::size_t kShownMissing = 3;
// Stands for the workload's user where only the cgroup will tell who that is.
const WorkloadUser kAnyUser{"/home/user", 1000};

struct Options {
  std::string file;
  std::string people = kPeopleFile;
  std::string packs;
  bool merged = false;
};

// What checking one file found, fit to be shown. Warnings and notes are not errors.
struct Findings {
  std::string file;
  Result<Policy> policy;
  std::vector<std::string> warnings;
  std::vector<std::string> missing;
};

// Places that rules name and that do not exist. That is not a mistake: the names are watched.
std::vector<std::string> missing_places(const Policy& policy) {
  std::vector<std::string> missing;
  std::set<std::string> said;
  const auto look = [&](const Label& label) {
    for (const Place& place : label.places) {
      std::error_code error;
      if (!place.path.starts_with('/')) continue;  // the workload's user is not known yet
      if (std::filesystem::exists(place.path, error) || error) continue;
      if (!said.insert(place.path).second) continue;
      const std::string what =
          "note: " + escape(place.path) + " does not exist yet; the rule applies once it appears";
      missing.push_back(error_at(file_of(policy, label.source), place.at, what).message);
    }
  };
  for (const Label& label : policy.labels) look(label);
  for (const PathRule& rule : policy.paths) look(rule.what);
  return missing;
}

Findings check(const std::string& file, const Result<People>& people, const PackSource& packs) {
  Findings found{file, load_policy(file, packs), {}, {}};
  if (!found.policy) return found;
  if (!people) {
    const std::string what =
        "warning: its approvers could not be checked: " + people.error().message;
    if (!groups_of(*found.policy).empty())
      found.warnings.push_back(error_at(file, found.policy->approval.at, what).message);
  } else if (Result<> known = check_people(*found.policy, *people,
                                           people->owners(found.policy->owner, uid_of_login));
             !known) {
    found.policy = known.error();
    return found;
  }
  Policy settled = *found.policy;
  bool home_known = true;
  if (mention_of_user(settled)) {
    Result<Policy> of_user = Error{"not said"};
    if (!settled.user.empty()) of_user = for_cgroup_user(settled, std::nullopt);
    home_known = of_user.has_value();
    if (!home_known && !settled.user.empty())
      found.warnings.push_back("warning: " + of_user.error().message);
    settled = *(home_known ? of_user : for_user(settled, kAnyUser));
  }
  PathTree tree;
  if (Result<CompiledPolicy> compiled = compile(settled, tree.resolver()); !compiled) {
    found.policy = compiled.error();
    return found;
  }
  for (const Remark& remark : review(*found.policy))
    found.warnings.push_back(error_at(file, remark.at, "warning: " + remark.text).message);
  found.missing = missing_places(home_known ? settled : *found.policy);
  return found;
}

// The policies of a directory are told apart by their names.
void compare_names(std::vector<Findings>& all) {
  std::map<std::string, std::string> files;
  for (Findings& found : all) {
    if (!found.policy) continue;
    const auto [first, is_new] = files.try_emplace(found.policy->name, found.file);
    if (!is_new)
      found.warnings.push_back(error_at(found.file, {},
                                        "warning: " + stayd::in_quotes(found.policy->name) +
                                            " is also the name of " + first->second +
                                            "; choose another")
                                   .message);
  }
}

json to_json(const Findings& found, bool merged) {
  if (!found.policy)
    return {{"file", found.file}, {"ok", false}, {"error", found.policy.error().message}};
  json shown = {{"file", found.file},
                {"ok", true},
                {"policy", found.policy->name},
                {"rules", count_rules(*found.policy)},
                {"warnings", found.warnings},
                {"missing", found.missing},
                {"summary", describe(*found.policy)}};
  if (merged) shown["merged"] = merged_json(*found.policy);
  return shown;
}

void print(const Findings& found, bool merged, const Console& console) {
  if (!found.policy) {
    console.fail(found.policy.error());
    return;
  }
  console.out << escape(found.file) << ": ok; " << describe(*found.policy) << '\n';
  for (const std::string& each : found.warnings) console.out << each << '\n';
  const std::size_t shown = std::min(found.missing.size(), kShownMissing);
  for (std::size_t i = 0; i < shown; ++i) console.out << found.missing[i] << '\n';
  if (const std::size_t rest = found.missing.size() - shown; rest > 0)
    console.out << escape(found.file) << ": note: " << rest
                << " other places do not exist yet; --json lists them\n";
  if (merged) console.out << '\n' << merged_text(*found.policy);
}

int run(const Options& options, const Console& console) {
  const std::string& where = options.file;
  std::error_code error;
  const bool directory = std::filesystem::is_directory(where, error);
  Result<std::vector<std::string>> files = std::vector<std::string>{where};
  if (directory) files = policy_files(where);
  if (!files) return console.fail(files.error());
  if (files->empty()) return console.fail(Error{where + " has no *.yaml file"});

  const Result<People> people = load_people(options.people);
  std::vector<Findings> all;
  for (const std::string& file : *files)
    all.push_back(check(file, people, packs_of(options.packs)));
  compare_names(all);
  bool good = true;
  json list = json::array();
  for (const Findings& found : all) {
    good = good && found.policy;
    if (console.json)
      list.push_back(to_json(found, options.merged));
    else
      print(found, options.merged, console);
  }
  if (console.json) console.out << dump(directory ? list : list[0]) << '\n';
  return good ? kExitOk : kExitFailure;
}

}  // namespace

Command policy_check_command() {
  const auto options = std::make_shared<Options>();
  return {.name = "policy check",
          .summary = "check a policy file, or a directory of them",
          .operands = {operand("FILE", options->file)},
          .options = {people_option(options->people), packs_option(options->packs),
                      flag("--merged", "show the rules of the policy and its packs together",
                           options->merged)},
          .run = with(options, run)};
}

}  // namespace stayd
