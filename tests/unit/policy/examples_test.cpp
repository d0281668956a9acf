// SPDX-License-Identifier: Apache-2.0
// The policies that people start from: what they promise, they do.
#include <gtest/gtest.h>

#include "policy/cases.h"
#include "policy/parser.h"
#include "policy/review.h"

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
  const Result<Policy> policy = load_policy(file(".yaml"));
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
  const Result<Policy> policy = load_policy(file(".yaml"));
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

}  // namespace
}  // namespace stayd
