// SPDX-License-Identifier: Apache-2.0
// The policies that people start from, and the packs: what they promise, they do.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "policy/cases.h"
#include "policy/parser.h"
#include "policy/path_tree.h"
#include "policy/review.h"
#include "policy/workload_user.h"

namespace stayd {
namespace {

constexpr std::size_t kFewestCases = 20;

class Examples : public testing::TestWithParam<std::string> {
 protected:
  std::string file(const std::string& ending) const {
    return std::string(STAYD_EXAMPLES) + "/" + GetParam() + ending;
  }
};

TEST_P(Examples, DoWhatTheirCasesSayAndHaveOneForEveryRule) {
  const Result<Policy> policy =
      load_policy(file(".yaml"), packs_in({STAYD_PACK_DIRECTORY}, Trust::any));
  ASSERT_TRUE(policy) << policy.error().message;
  const Result<CaseFile> cases = load_cases(file(".test.yaml"));
  ASSERT_TRUE(cases) << cases.error().message;
  EXPECT_GE(cases->cases.size(), kFewestCases);
  const Result<CaseReport> report = run_cases(*cases, *policy);
  ASSERT_TRUE(report) << report.error().message;
  for (const std::string& failure : report->failures) ADD_FAILURE() << failure;
  for (const Rule& rule : report->undecided) ADD_FAILURE() << "no case for " << rule.text;
}

TEST_P(Examples, HaveNothingThatLooksLikeASlip) {
  const Result<Policy> policy =
      load_policy(file(".yaml"), packs_in({STAYD_PACK_DIRECTORY}, Trust::any));
  ASSERT_TRUE(policy) << policy.error().message;
  EXPECT_EQ(policy->name, GetParam());
  for (const Remark& remark : review(*policy)) ADD_FAILURE() << remark.at.line << remark.text;
}

INSTANTIATE_TEST_SUITE_P(All, Examples,
                         testing::Values("coding-agent", "data-pipeline", "llm-service",
                                         "support-agent"),
                         [](const auto& example) {
                           std::string name = example.param;
                           name[name.find('-')] = '_';
                           return name;
                         });

class ShippedPacks : public testing::TestWithParam<std::string> {};

TEST_P(ShippedPacks, DoWhatTheirCasesSayAndHaveOneForEveryRule) {
  const std::string file = std::string(STAYD_PACK_DIRECTORY) + "/" + GetParam() + ".test.yaml";
  const Result<CaseFile> cases = load_cases(file);
  ASSERT_TRUE(cases) << cases.error().message;
  const Result<Policy> policy = policy_of(*cases, packs_in({STAYD_PACK_DIRECTORY}, Trust::any));
  ASSERT_TRUE(policy) << policy.error().message;
  ASSERT_EQ(policy->packs.front().name, GetParam());
  EXPECT_GE(cases->cases.size(), kFewestCases);
  const Result<CaseReport> report = run_cases(*cases, *policy);
  ASSERT_TRUE(report) << report.error().message;
  for (const std::string& failure : report->failures) ADD_FAILURE() << failure;
  for (const Rule& rule : report->undecided)
    ADD_FAILURE() << "no case for line " << rule.at.line << ": " << rule.text;
}

// A pattern that the kernel does not know would have stayd asked about every file.
TEST_P(ShippedPacks, HaveNoPatternsThatTheKernelDoesNotKnow) {
  const std::string file = std::string(STAYD_PACK_DIRECTORY) + "/" + GetParam() + ".test.yaml";
  const Result<CaseFile> cases = load_cases(file);
  ASSERT_TRUE(cases) << cases.error().message;
  const Result<Policy> policy = policy_of(*cases, packs_in({STAYD_PACK_DIRECTORY}, Trust::any));
  ASSERT_TRUE(policy) << policy.error().message;
  PathTree tree;
  const Result<CompiledPolicy> compiled =
      compile(*for_user(*policy, {"/home/dev", 1000}), tree.resolver());
  ASSERT_TRUE(compiled) << compiled.error().message;
  for (const CompiledGlob& glob : compiled->globs) ADD_FAILURE() << glob.glob;
}

std::vector<std::string> pack_names() {
  std::vector<std::string> names;
  const Result<std::vector<std::string>> files = policy_files(STAYD_PACK_DIRECTORY);
  if (!files) return names;
  for (const std::string& file : *files)
    names.push_back(std::filesystem::path(file).stem().string());
  return names;
}

INSTANTIATE_TEST_SUITE_P(All, ShippedPacks, testing::ValuesIn(pack_names()), [](const auto& pack) {
  std::string name = pack.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace stayd
