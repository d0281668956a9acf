// SPDX-License-Identifier: Apache-2.0
#include "policy/cases.h"

#include <gtest/gtest.h>

#include "unit/policy/compiled.h"

namespace stayd {
namespace {

constexpr const char* kRules =
    "labels: {data: [/srv/customers]}\n"
    "network: {default: allow}\n"
    "files:\n"
    "  default: allow\n"
    "  read: {hold: [data]}\n"
    "  write: {deny: [/etc]}\n"
    "flows: [{after: {read: data}, network: hold}, {after: {read: data}, exec: deny}]\n";

CaseReport report(const std::string& cases) {
  const Result<CaseFile> file = parse_cases("policy: p.yaml\n" + cases, "c.yaml");
  EXPECT_TRUE(file) << file.error().message;
  const Result<CaseReport> result = run_cases(*file, policy_of(kRules));
  EXPECT_TRUE(result) << result.error().message;
  return *result;
}

std::string complaint(const std::string& text) {
  const Result<CaseFile> file = parse_cases(text, "c.yaml");
  return file ? "accepted" : file.error().message;
}

TEST(Cases, AFailureSaysWhatWasExpectedAndWhatCame) {
  const CaseReport result = report(
      "cases:\n"
      "  - {do: \"open:/srv/customers/a:read\", expect: hold, rule: data}\n"
      "  - {do: \"open:/srv/customers/a:read\", expect: deny}\n"
      "  - {do: \"open:/srv/customers/a:read\", expect: hold, rule: other}\n"
      "  - {do: \"open:/x:read\", expect: allow, rule: files.default}\n"
      "  - {do: \"connect:192.0.2.7:80\", touched: [dota], expect: hold}\n"
      "  - {do: \"opne:/x:read\", expect: hold}\n"
      "  - {do: \"connect:192.0.2.7:80\", touched: [data=0], expect: hold}\n");
  EXPECT_EQ(result.passed, 2u);
  const std::string came = ", got hold by 'files.read.hold: data (/srv/customers)'";
  EXPECT_EQ(result.failures,
            (std::vector<std::string>{
                "c.yaml:4:5: 'open:/srv/customers/a:read': expected deny" + came,
                "c.yaml:5:5: 'open:/srv/customers/a:read': expected hold by 'other'" + came,
                "c.yaml:7:5: unknown label 'dota'; did you mean 'data'?",
                "c.yaml:8:5: 'opne:/x:read' is not an operation; did you mean 'open'?",
                "c.yaml:9:5: 'data=0' is not a label with a number of files; write LABEL=N, 1 to "
                "1000000"}));
}

TEST(Cases, LinksLeadElsewhereAsOnTheHost) {
  const CaseReport result = report(
      "links: {/srv/now: /srv/customers, /home/me/link: /srv/now, /proc/self/root: /}\n"
      "cases:\n"
      "  - {do: \"open:/srv/now/a:read\", expect: hold}\n"
      "  - {do: \"open:/home/me/link/a:read\", expect: hold}\n"
      "  - {do: \"create:/proc/self/root/etc/x\", expect: deny}\n"
      "  - {do: \"open:/srv/nowhere:read\", expect: allow}\n");
  EXPECT_EQ(result.failures, std::vector<std::string>{});
}

TEST(Cases, LinksThatLeadInACircleEnd) {
  const CaseReport result =
      report("links: {/a: /b, /b: /a}\ncases: [{do: \"open:/a/x:read\", expect: allow}]\n");
  EXPECT_EQ(result.passed, 1u);
}

TEST(Cases, RulesThatDecideNoCaseAreNamed) {
  const CaseReport result = report(
      "cases:\n"
      "  - {do: \"open:/srv/customers/a:read\", expect: hold}\n"
      "  - {do: \"connect:192.0.2.7:80\", touched: [data], expect: hold}\n");
  ASSERT_EQ(result.undecided.size(), 1u) << "flows after the same labels are one";
  EXPECT_EQ(result.undecided[0].text, "files.write.deny: /etc");
}

TEST(Cases, EveryMistakeIsNamedWithItsPlaceAndWhatToDo) {
  const std::string head = "policy: p.yaml\n";
  const std::pair<std::string, std::string> mistakes[] = {
      {"cases: []\n", "c.yaml:1:1: 'policy' must be a text; write 'policy: FILE.yaml'"},
      {head + "case: []\n", "c.yaml:2:1: unknown key 'case'; did you mean 'cases'?"},
      {head + "cases: []\n", "c.yaml:2:8: no cases; add 'cases: [{do: ..., expect: ...}]'"},
      {"policy: ../p.yaml\ncases: []\n",
       "c.yaml:1:9: the policy is a file in this directory; write its name"},
      {head + "cases: [{do: x}]\n", "c.yaml:2:9: 'expect' must be a text; write 'expect: hold'"},
      {head + "cases: [{do: x, expect: hodl}]\n",
       "c.yaml:2:25: 'hodl' is not a verdict; write allow, audit, hold or deny"},
      {head + "cases: [{do: x, expect: hold, touched: data}]\n",
       "c.yaml:2:40: 'touched' must be a list; write [LABEL]"},
      {head + "cases: [{do: x, expect: hold, sha256: ab}]\n",
       "c.yaml:2:39: bad digest; write 64 hexadecimal digits"},
      {head + "links: {srv: /x}\n", "c.yaml:2:9: 'srv' is not a plain absolute path; write /srv/x"},
      {head + "links: {/srv: [/x]}\n",
       "c.yaml:2:15: a list is not a plain absolute path; write /srv/x"},
  };
  for (const auto& [text, message] : mistakes) EXPECT_EQ(complaint(text), message) << text;
}

}  // namespace
}  // namespace stayd
