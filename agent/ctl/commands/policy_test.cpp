// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/escape.h"
#include "base/json.h"
#include "base/yaml.h"
#include "ctl/command.h"
#include "ctl/pack_path.h"
#include "policy/cases.h"
#include "policy/parser.h"

namespace stayd {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct Options {
  std::string where;
  std::string packs;
};

// The *.test.yaml of a directory and of those below it, or the one file.
Result<std::vector<fs::path>> case_files(const std::string& where) {
  std::error_code error;
  if (!fs::is_directory(where, error)) return std::vector<fs::path>{where};
  std::vector<fs::path> files;
  for (fs::recursive_directory_iterator entry(where, error), end; !error && entry != end;
       entry.increment(error))
    if (entry->path().string().ends_with(".test.yaml")) files.push_back(entry->path());
  if (error) return Error{where + ": " + error.message()};
  if (files.empty()) return Error{where + " has no *.test.yaml file"};
  std::sort(files.begin(), files.end());
  return files;
}

// The result of one file of cases.
struct Outcome {
  std::string file;
  std::size_t passed = 0;
  std::vector<std::string> failures;
  std::vector<std::string> undecided;  // "FILE:LINE:COLUMN: no case is decided by 'RULE'"
};

Outcome run_file(const fs::path& file, const PackSource& packs) {
  Outcome outcome{file.string(), 0, {}, {}};
  const auto fail = [&](const Error& error) {
    outcome.failures.push_back(error.message);
    return outcome;
  };
  Result<CaseFile> cases = load_cases(file.string());
  if (!cases) return fail(cases.error());
  Result<Policy> policy = policy_of(*cases, packs);
  if (!policy) return fail(policy.error());
  Result<CaseReport> report = run_cases(*cases, *policy);
  if (!report) return fail(report.error());
  outcome.passed = report->passed;
  outcome.failures = std::move(report->failures);
  for (const Rule& rule : report->undecided)
    outcome.undecided.push_back(error_at(file_of(*policy, rule.source), rule.at,
                                         "no case is decided by " + stayd::in_quotes(rule.text))
                                    .message);
  return outcome;
}

json to_json(const Outcome& outcome) {
  return {{"file", escape(outcome.file)},
          {"passed", outcome.passed},
          {"failures", outcome.failures},
          {"undecided", outcome.undecided}};
}

void print(const Outcome& outcome, std::ostream& out) {
  for (const std::string& failure : outcome.failures) out << escape(failure, 2000) << '\n';
  out << escape(outcome.file) << ": " << outcome.passed << " passed, " << outcome.failures.size()
      << " failed\n";
  for (const std::string& rule : outcome.undecided) out << escape(rule, 2000) << '\n';
}

int run(const Options& options, const Console& console) {
  Result<std::vector<fs::path>> files = case_files(options.where);
  if (!files) return console.fail(files.error());
  std::size_t passed = 0, failed = 0;
  json list = json::array();
  for (const fs::path& file : *files) {
    const Outcome outcome = run_file(file, packs_of(options.packs));
    passed += outcome.passed;
    failed += outcome.failures.size();
    if (console.json)
      list.push_back(to_json(outcome));
    else
      print(outcome, console.out);
  }
  if (console.json)
    console.out << dump({{"passed", passed}, {"failed", failed}, {"files", list}}) << '\n';
  else if (files->size() > 1)
    console.out << passed << " passed, " << failed << " failed\n";
  return failed == 0 && passed > 0 ? kExitOk : kExitFailure;
}

}  // namespace

Command policy_test_command() {
  const auto options = std::make_shared<Options>();
  return {.name = "policy test",
          .summary = "run the test cases kept with the policies",
          .operands = {operand("DIR", options->where)},
          .options = {packs_option(options->packs)},
          .run = with(options, run)};
}

}  // namespace stayd
