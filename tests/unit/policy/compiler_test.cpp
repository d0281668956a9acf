// SPDX-License-Identifier: Apache-2.0
#include "policy/compiler.h"

#include <gtest/gtest.h>

#include <map>

#include "unit/policy/compiled.h"

namespace stayd {
namespace {

constexpr Identity kRoot{1, 1}, kSrv{2, 1}, kCustomers{3, 1}, kFile{4, 1};
constexpr Identity kData{1, 2}, kDataFile{9, 2}, kDeep{1, 3};

// /srv/customers is a directory, /srv/data a mount, /srv/data/deep another below it, /link
// a symbolic link to /srv/customers. Nothing is at /srv/missing nor /srv/none/below.
Result<Located> resolve(const std::string& path) {
  const Located::Component srv{{kRoot, "srv"}, kSrv};
  const Located::Component customers{{kSrv, "customers"}, kCustomers};
  static const std::map<std::string, Located> kPaths = {
      {"/", {{kRoot, kData, kDeep}, {}, false}},
      {"/srv", {{kSrv, kData, kDeep}, {srv}, true}},
      {"/srv/customers", {{kCustomers}, {srv, customers}, true}},
      {"/link", {{kCustomers}, {srv, customers}, true}},
      {"/srv/data", {{kData, kDeep}, {}, false}},
      {"/srv/data/deep", {{kDeep}, {}, false}},
      {"/srv/missing", {{}, {srv, {{kSrv, "missing"}, {}}}, true}},
      {"/srv/none/below", {{}, {srv, {{kSrv, "none"}, {}}}, false}},
  };
  auto found = kPaths.find(path);
  if (found == kPaths.end()) return Error{"Permission denied"};
  return found->second;
}

const FileFacts kCustomerFile{
    {{kFile, "a.csv"}, {kCustomers, "customers"}, {kSrv, "srv"}, {kRoot, ""}},
    "/srv/customers/a.csv"};
const FileFacts kMountedFile{{{kDataFile, "x"}, {kData, ""}}, "/srv/data/x"};
const FileFacts kDeepRoot{{{kDeep, ""}}, "/srv/data/deep"};

CompiledPolicy with_files(const std::string& rules) {
  return compiled("files: {default: allow, " + rules + "}\n", resolve);
}

Verdict of(const CompiledPolicy& policy, const FileFacts& file, Access access) {
  return judge_node(policy, walk(policy, file), access).verdict;
}

Verdict read_verdict(const std::string& rules, const FileFacts& file) {
  return of(with_files(rules), file, Access::read);
}

TEST(PolicyCompiler, TheNearestDirectoryDecides) {
  EXPECT_EQ(read_verdict("read: {deny: [/srv], allow: [/srv/customers]}", kCustomerFile),
            Verdict::allow);
  EXPECT_EQ(read_verdict("read: {allow: [/srv], deny: [/srv/customers]}", kCustomerFile),
            Verdict::deny);
}

TEST(PolicyCompiler, OneFileUnderTwoNamesTakesTheStricterRule) {
  EXPECT_EQ(read_verdict("read: {hold: [/link], allow: [/srv/customers]}", kCustomerFile),
            Verdict::hold);
  EXPECT_EQ(read_verdict("read: {allow: [/srv], deny: [/srv]}", kCustomerFile), Verdict::deny);
}

TEST(PolicyCompiler, ADirectoryReachesIntoMountsBelowIt) {
  EXPECT_EQ(read_verdict("read: {hold: [/srv]}", kMountedFile), Verdict::hold);
  EXPECT_EQ(read_verdict("read: {hold: [/srv]}", kDeepRoot), Verdict::hold);
}

TEST(PolicyCompiler, ARuleForAMountBeatsOneForADirectoryAboveIt) {
  EXPECT_EQ(read_verdict("read: {deny: [/srv], allow: [/srv/data]}", kMountedFile), Verdict::allow);
  EXPECT_EQ(read_verdict("read: {deny: [/], audit: [/srv], allow: [/srv/data]}", kDeepRoot),
            Verdict::allow);
  EXPECT_EQ(read_verdict("read: {deny: [/], audit: [/srv]}", kDeepRoot), Verdict::audit);
}

TEST(PolicyCompiler, WhatMayBeWrittenMayBeCreatedDeletedAndRenamedUnlessTheySayOtherwise) {
  CompiledPolicy policy = with_files("write: {deny: [/srv]}, create: {audit: [/srv]}");
  EXPECT_EQ(of(policy, kCustomerFile, Access::write), Verdict::deny);
  EXPECT_EQ(of(policy, kCustomerFile, Access::create), Verdict::audit);
  EXPECT_EQ(of(policy, kCustomerFile, Access::remove), Verdict::deny);
  EXPECT_EQ(of(policy, kCustomerFile, Access::rename), Verdict::deny);
  EXPECT_EQ(of(policy, kMountedFile, Access::create), Verdict::audit);
}

TEST(PolicyCompiler, WhatTakesTheNameOfALabelledDirectoryIsLabelledToo) {
  const CompiledPolicy policy = with_files("read: {hold: [/srv/customers]}");
  FileFacts replaced = kCustomerFile;
  replaced.steps[1].identity = {77, 1};
  EXPECT_EQ(of(policy, replaced, Access::read), Verdict::hold);
  FileFacts moved = kCustomerFile;
  moved.steps[1].name = "old";
  EXPECT_EQ(of(policy, moved, Access::read), Verdict::hold);
}

TEST(PolicyCompiler, AMissingPlaceIsWatchedByItsNameAndSaid) {
  const CompiledPolicy policy = with_files("read: {hold: [/srv/missing]}");
  ASSERT_EQ(policy.unresolved.size(), 1u);
  EXPECT_EQ(policy.unresolved[0].path, "/srv/missing");
  const FileFacts appeared{{{{50, 1}, "f"}, {{51, 1}, "missing"}, {kSrv, "srv"}, {kRoot, ""}},
                           "/srv/missing/f"};
  EXPECT_EQ(of(policy, appeared, Access::read), Verdict::hold);
}

TEST(PolicyCompiler, ADirectoryAboveAMissingPlaceHasToBeLookedUpWhenItAppears) {
  const CompiledPolicy policy = with_files("read: {hold: [/srv/none/below]}");
  bool watched = false;
  for (const WatchedEntry& entry : policy.entries)
    if (entry.entry == DirectoryEntry{kSrv, "none"})
      watched = entry.node.flags & STAYD_NODE_UNRESOLVED;
  EXPECT_TRUE(watched);
}

TEST(PolicyCompiler, APathThatCannotBeLookedAtIsNamedWithItsLine) {
  Result<CompiledPolicy> result =
      compile(policy_of("files: {default: allow, read: {hold: [/secret]}}\n"), resolve);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "p.yaml:2:39: /secret: Permission denied; correct the path");
}

TEST(PolicyCompiler, TooManyRulesForOneAddressIsAnError) {
  std::string rules;
  for (int port = 1; port <= 16; port++) rules += "\"10.0.0.0/8:" + std::to_string(port) + "\", ";
  EXPECT_TRUE(compile(policy_of("network: {default: hold, allow: [" + rules + "]}\n"), resolve));
  EXPECT_FALSE(compile(
      policy_of("network: {default: hold, deny: [\"10.1.0.0/16\"], allow: [" + rules + "]}\n"),
      resolve));
}

TEST(PolicyCompiler, ALabelKeepsItsBitHoweverOftenItIsAskedFor) {
  const LabelBits bits = number_labels();
  EXPECT_EQ(*bits("a"), 0u);
  EXPECT_EQ(*bits("b"), 1u);
  EXPECT_EQ(*bits("a"), 0u);
}

}  // namespace
}  // namespace stayd
