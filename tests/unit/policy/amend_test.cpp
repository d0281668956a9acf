// SPDX-License-Identifier: Apache-2.0
#include "policy/amend.h"

#include <gmock/gmock.h>

#include "policy/parser.h"

namespace stayd {
namespace {

using testing::HasSubstr;

constexpr const char* kBlock =
    "policy: p  # the name\n"
    "labels:\n"
    "  data: [/srv/data]\n"
    "files:\n"
    "  default: allow\n"
    "  read:\n"
    "    hold:\n"
    "      - data\n"
    "    allow:\n"
    "      - /srv/data/old  # since May\n"
    "network:\n"
    "  default: hold\n"
    "exec: {default: allow}\n";

std::string amended(const std::string& text, const std::vector<Allowance>& allowances) {
  Result<std::string> result = with_allowed(text, allowances, "p.yaml");
  return result ? *result : "error: " + result.error().message;
}

TEST(Amend, AnEntryIsAddedInFrontAndAllElseStays) {
  std::string expected = kBlock;
  expected.insert(expected.find("      - /srv/data/old"), "      - \"/srv/data/a.csv\"\n");
  EXPECT_EQ(amended(kBlock, {{{"files", "read"}, "/srv/data/a.csv"}}), expected);
}

TEST(Amend, AListOrSectionThatIsNotThereIsMade) {
  EXPECT_THAT(amended(kBlock, {{{"network"}, "192.0.2.7:443/tcp"}}),
              HasSubstr("network:\n  allow: [\"192.0.2.7:443/tcp\"]\n  default: hold\n"));
  EXPECT_THAT(amended(kBlock, {{{"files", "write"}, "/srv/x"}}),
              HasSubstr("files:\n  write: {allow: [\"/srv/x\"]}\n  default: allow\n"));
  EXPECT_THAT(amended(kBlock, {{{"exec"}, "/usr/bin/git"}}),
              HasSubstr("exec: {allow: [\"/usr/bin/git\"], default: allow}\n"));
}

TEST(Amend, ListsInBracketsAreAddedToWhereTheyAre) {
  const std::string text =
      "policy: p\nfiles: {default: hold, read: {allow: [/a, /b]}, write: {allow: []}}\n"
      "network: {default: hold}\nexec: {default: hold}\n";
  const std::string all = amended(text, {{{"files", "read"}, "/c"}, {{"files", "write"}, "/d"}});
  EXPECT_THAT(all, HasSubstr("read: {allow: [\"/c\", /a, /b]}, write: {allow: [\"/d\"]}"));
}

TEST(Amend, SeveralEntriesOfOneSectionAreAllThere) {
  const Result<Policy> policy = parse_policy(
      amended(kBlock, {{{"files", "create"}, "/srv/n"}, {{"files", "create"}, "/srv/m"}}), "p");
  ASSERT_TRUE(policy) << policy.error().message;
  EXPECT_EQ(policy->paths.size(), 4u);
}

TEST(Amend, WhatIsInAPathCannotBecomeMoreThanAPath) {
  const std::string evil = "/srv/\"], deny: [\"/\u202e # x\\";
  const Result<Policy> policy =
      parse_policy(amended(kBlock, {{{"files", "read"}, evil}}), "p.yaml");
  ASSERT_FALSE(policy) << "a pattern cannot be allowed";
  const std::string odd = "/srv/\", deny\u202e: # x\\";
  const Result<Policy> named = parse_policy(amended(kBlock, {{{"files", "read"}, odd}}), "p.yaml");
  ASSERT_TRUE(named) << named.error().message;
  EXPECT_EQ(named->paths.size(), 3u);
  bool found = false;
  for (const PathRule& rule : named->paths)
    found |= !rule.what.places.empty() && rule.what.places[0].path == odd;
  EXPECT_TRUE(found);
}

TEST(Amend, ATextThatIsNoPolicyStaysAsItIs) {
  EXPECT_THAT(amended("policy: [", {{{"exec"}, "/x"}}), HasSubstr("error: p.yaml:"));
  EXPECT_THAT(amended("just text", {{{"exec"}, "/x"}}), HasSubstr("error: p.yaml:"));
  EXPECT_THAT(amended("policy: p\nexec: {}\n", {{{"exec"}, "/x"}}), HasSubstr("error: p.yaml:"));
}

}  // namespace
}  // namespace stayd
