// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "base/escape.h"
#include "ctl/commands.h"
#include "policy/cases.h"
#include "policy/parser.h"

namespace stayd {
namespace {

namespace fs = std::filesystem;

// The *.test.yaml of a directory and of those below it, or the one file.
Result<std::vector<fs::path>> case_files(const std::string& where) {
  std::error_code error;
  if (!fs::is_directory(where, error)) return std::vector<fs::path>{where};
  std::vector<fs::path> files;
  for (fs::recursive_directory_iterator entry(where, error), end; !error && entry != end;
       entry.increment(error))
    if (entry->path().string().ends_with(".test.yaml")) files.push_back(entry->path());
  if (error) return Error{where + ": " + error.message()};
  if (files.empty()) return Error{where + ": no *.test.yaml in it"};
  std::sort(files.begin(), files.end());
  return files;
}

Result<CaseReport> run(const fs::path& file) {
  Result<CaseFile> cases = load_cases(file.string());
  if (!cases) return cases.error();
  Result<Policy> policy = load_policy((file.parent_path() / cases->policy).string());
  if (!policy) return policy.error();
  return run_cases(*cases, *policy);
}

}  // namespace

int run_policy_test(const Arguments& arguments, const Console& console) {
  Result<std::vector<fs::path>> files = case_files(arguments.operands[0]);
  if (!files) return console.fail(files.error());
  std::size_t passed = 0, failed = 0;
  for (const fs::path& file : *files) {
    Result<CaseReport> report = run(file);
    if (!report) {
      ++failed;
      console.out << escape(report.error().message, 1000) << '\n';
      continue;
    }
    passed += report->passed;
    failed += report->failures.size();
    for (const std::string& failure : report->failures)
      console.out << escape(failure, 2000) << '\n';
  }
  console.out << passed << " passed, " << failed << " failed\n";
  return failed == 0 && passed > 0 ? kExitOk : kExitFailure;
}

}  // namespace stayd
