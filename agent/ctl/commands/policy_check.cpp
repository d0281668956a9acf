// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
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

// The findings about one file, each as "FILE:LINE:COLUMN: error|warning|note: TEXT". Warnings and
// notes are not errors.
struct Findings {
  std::string file;
  std::optional<Policy> policy;  // nothing: there are errors
  std::vector<std::string> errors;
  std::vector<std::string> warnings;
  std::vector<std::string> notes;
  std::vector<std::string> missing;  // places, fit to be shown
};

// Returns where the place at the beginning of an error ends, "FILE:LINE:COLUMN"; npos: there is
// none.
std::size_t end_of_place(const std::string& message, std::size_t from) {
  constexpr std::string_view kDigits = "0123456789";
  const std::size_t end = message.find(": ", from);
  if (end == message.npos || end == 0) return message.npos;
  const std::size_t column = message.find_last_not_of(kDigits, end - 1);
  if (column == message.npos || column == 0 || column + 1 == end || message[column] != ':')
    return message.npos;
  const std::size_t line = message.find_last_not_of(kDigits, column - 1);
  const bool has_line = line != message.npos && line + 1 < column && message[line] == ':';
  return has_line ? end : message.npos;
}

// The message of an error has the place first, in this file or in a pack, unless the file could not
// be read.
std::string with_kind(const std::string& file, std::string_view kind, const std::string& message) {
  const std::string said = std::string(kind) + ": ";
  const std::size_t place =
      end_of_place(message, message.starts_with(file + ":") ? file.size() : 0);
  if (place == message.npos) return error_at(file, {}, said + message).message;
  return message.substr(0, place + 2) + said + message.substr(place + 2);
}

void add_error(Findings& found, const Error& error) {
  found.errors.push_back(with_kind(found.file, "error", error.message));
}

void add(std::vector<std::string>& to, const std::string& file, std::string_view kind,
         const std::vector<Remark>& remarks) {
  for (const Remark& each : remarks)
    to.push_back(error_at(file, each.at, std::string(kind) + ": " + each.text).message);
}

// Calls visit(place) for each place that rules or labels of the policy itself name, once. Where the
// home is not known, those below it are left out.
template <class Visit>
void for_each_place(const Policy& policy, Visit visit) {
  std::set<std::string> seen;
  const auto look = [&](const Label& label) {
    for (const Place& place : label.places)
      if (label.source == 0 && place.path.starts_with('/') && seen.insert(place.path).second)
        visit(place);
  };
  for (const Label& label : policy.labels) look(label);
  for (const PathRule& rule : policy.paths)
    if (!rule.label) look(rule.what);
}

// Places that rules name and that do not exist. That is not a mistake: the names are watched.
void look_for_missing(const Policy& policy, Findings& found) {
  Position first;
  for_each_place(policy, [&](const Place& place) {
    std::error_code error;
    if (std::filesystem::exists(place.path, error) || error) return;
    if (found.missing.empty()) first = place.at;
    found.missing.push_back(escape(place.path));
  });
  if (found.missing.empty()) return;
  std::string text = "note: ";
  const std::size_t shown = std::min(found.missing.size(), kShownMissing);
  for (std::size_t i = 0; i < shown; ++i) text += (i == 0 ? "" : ", ") + found.missing[i];
  if (const std::size_t rest = found.missing.size() - shown; rest > 0)
    text += " and " + std::to_string(rest) + " more (--json lists them)";
  text += found.missing.size() == 1 ? " does not exist yet; rules about it apply once it appears"
                                    : " do not exist yet; rules about them apply once they appear";
  found.notes.push_back(error_at(found.file, first, text).message);
}

// A link to a program that is many programs: a rule about it is about all of them.
void look_for_links(const Policy& policy, Findings& found) {
  for (const PathRule& rule : policy.paths) {
    if (rule.access != Access::exec) continue;
    for (const Place& place : what_of(policy, rule).places) {
      std::error_code error;
      const std::filesystem::path target = std::filesystem::canonical(place.path, error);
      const std::string name = target.filename().string();
      const std::string written = std::filesystem::path(place.path).filename().string();
      const bool many =
          name.starts_with("busybox") || name.starts_with("toybox") || name == "coreutils";
      if (error || !many || written == name) continue;
      add(found.warnings, found.file, "warning",
          {{place.at, escape(place.path) + " is a link to " + escape(target.string()) +
                          ", so the rule is about all that " + escape(name) +
                          " can do; write {tool: " + escape(written) + "}"}});
    }
  }
}

void check_groups(const Policy& policy, const Result<People>& people, Findings& found) {
  if (!people) {
    if (!groups_of(policy).empty())
      add(found.warnings, found.file, "warning",
          {{policy.approval.at, "its approvers could not be checked: " + people.error().message}});
    return;
  }
  const Result<> known = check_people(policy, *people, people->owners(policy.owner, uid_of_login));
  if (!known) add_error(found, known.error());
}

// The policy with a home for '~': that of its user, or else that of nobody in particular.
Policy with_some_user(const Policy& policy, Findings& found, bool& home_known) {
  if (!mention_of_user(policy)) return policy;
  home_known = false;
  if (!policy.user.empty()) {
    Result<Policy> of_user = for_cgroup_user(policy, std::nullopt);
    if (of_user) {
      home_known = true;
      return std::move(*of_user);
    }
    found.warnings.push_back(with_kind(found.file, "warning", of_user.error().message));
  }
  return *for_user(policy, kAnyUser);
}

Findings check(const std::string& file, const Result<People>& people, const PackSource& packs) {
  Findings found{file, {}, {}, {}, {}, {}};
  const Result<std::string> text = read_policy_file(file);
  if (!text) {
    add_error(found, text.error());
    return found;
  }
  Result<Policy> policy = parse_policy(*text, file, packs);
  if (!policy) {
    for (const Error& error : policy_errors(*text, file, packs)) add_error(found, error);
    return found;
  }
  check_groups(*policy, people, found);
  bool home_known = true;
  const Policy settled = with_some_user(*policy, found, home_known);
  PathTree tree;
  if (const Result<CompiledPolicy> compiled = compile(settled, tree.resolver()); !compiled)
    add_error(found, compiled.error());
  const Policy& known = home_known ? settled : *policy;
  add(found.warnings, file, "warning", review(*policy));
  look_for_links(known, found);
  add(found.notes, file, "note", coverage(*policy));
  look_for_missing(known, found);
  if (found.errors.empty()) found.policy = std::move(*policy);
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
  json result = {{"file", found.file},
                 {"ok", found.policy.has_value()},
                 {"warnings", found.warnings},
                 {"notes", found.notes},
                 {"missing", found.missing}};
  if (!found.policy) {
    result["error"] = found.errors.front();
    result["errors"] = found.errors;
    return result;
  }
  result["policy"] = found.policy->name;
  result["rules"] = count_rules(*found.policy);
  result["summary"] = describe(*found.policy);
  if (merged) result["merged"] = merged_json(*found.policy);
  return result;
}

void print(const Findings& found, bool merged, const Console& console) {
  for (const auto* lines : {&found.errors, &found.warnings, &found.notes})
    for (const std::string& each : *lines) console.out << each << '\n';
  if (!found.policy) return;
  console.out << escape(found.file) << ": ok; " << describe(*found.policy) << '\n';
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
    good = good && found.errors.empty();
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
