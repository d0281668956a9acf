// SPDX-License-Identifier: Apache-2.0
#include "policy/compiler.h"

#include <gtest/gtest.h>

#include <map>

#include "policy/decision.h"
#include "policy/parser.h"
#include "unit/policy/compiled.h"

namespace stayd {
namespace {

constexpr Identity kRoot{1, 1}, kSrv{2, 1}, kCustomers{3, 1}, kFile{4, 1};
constexpr Identity kData{1, 2}, kDataFile{9, 2}, kDeep{1, 3};

// /srv/customers is a directory, /srv/data a mount, /srv/data/deep another below it, and
// /link a symbolic link to /srv/customers.
Result<std::vector<Identity>> resolve(const std::string& path) {
  static const std::map<std::string, std::vector<Identity>> kPaths = {
      {"/", {kRoot, kData, kDeep}},     {"/srv", {kSrv, kData, kDeep}},
      {"/srv/customers", {kCustomers}}, {"/link", {kCustomers}},
      {"/srv/data", {kData, kDeep}},    {"/srv/data/deep", {kDeep}},
  };
  auto found = kPaths.find(path);
  if (found == kPaths.end()) return Error{"No such file or directory"};
  return found->second;
}

const std::vector<Identity> kCustomerFile{kFile, kCustomers, kSrv, kRoot};
const std::vector<Identity> kMountedFile{kDataFile, kData};

CompiledPolicy with_files(const std::string& rules) {
  return compiled("files: {default: allow, " + rules + "}\n", resolve);
}

Verdict read_verdict(const std::string& rules, const std::vector<Identity>& object) {
  return decide_file(with_files(rules), object, Access::read).verdict;
}

TEST(PolicyCompiler, DefaultsDecideWhereNoRuleDoes) {
  CompiledPolicy policy = compiled(
      "network: {default: deny}\nfiles: {default: hold}\nexec: {default: audit}\n", resolve);
  EXPECT_EQ(decide_file(policy, kCustomerFile, Access::read), (Judgement{Verdict::hold, 0}));
  EXPECT_EQ(decide_file(policy, kCustomerFile, Access::create), (Judgement{Verdict::hold, 0}));
  EXPECT_EQ(decide_exec(policy, kCustomerFile), (Judgement{Verdict::audit, 0}));
  EXPECT_EQ(decide_network(policy, Address{}, 80, 6), (Judgement{Verdict::deny, 0}));
  EXPECT_EQ(policy.rules, std::vector<std::string>{"default"});
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
  EXPECT_EQ(read_verdict("read: {hold: [/srv]}", {kDeep}), Verdict::hold);
}

TEST(PolicyCompiler, ARuleForAMountBeatsOneForADirectoryAboveIt) {
  EXPECT_EQ(read_verdict("read: {deny: [/srv], allow: [/srv/data]}", kMountedFile), Verdict::allow);
  EXPECT_EQ(read_verdict("read: {deny: [/], audit: [/srv], allow: [/srv/data]}", {kDeep}),
            Verdict::allow);
  EXPECT_EQ(read_verdict("read: {deny: [/], audit: [/srv]}", {kDeep}), Verdict::audit);
}

TEST(PolicyCompiler, WhatMayBeWrittenMayBeCreatedUnlessCreateSaysOtherwise) {
  CompiledPolicy policy = with_files("write: {deny: [/srv]}");
  EXPECT_EQ(decide_file(policy, kCustomerFile, Access::create), (Judgement{Verdict::deny, 1}));
  policy = with_files("write: {deny: [/srv]}, create: {audit: [/srv]}");
  EXPECT_EQ(decide_file(policy, kCustomerFile, Access::create).verdict, Verdict::audit);
  EXPECT_EQ(decide_file(policy, kCustomerFile, Access::write).verdict, Verdict::deny);
  EXPECT_EQ(decide_file(policy, kMountedFile, Access::create).verdict, Verdict::audit);
  policy = with_files("write: {deny: [/srv/data]}, create: {audit: [/srv]}");
  EXPECT_EQ(decide_file(policy, kMountedFile, Access::create).verdict, Verdict::deny);
}

TEST(PolicyCompiler, OpenForReadingAndWritingTakesTheStricter) {
  CompiledPolicy policy = with_files("read: {audit: [/srv]}, write: {hold: [/srv]}");
  EXPECT_EQ(decide_open(policy, kCustomerFile, true, false), (Judgement{Verdict::audit, 1}));
  EXPECT_EQ(decide_open(policy, kCustomerFile, false, true), (Judgement{Verdict::hold, 2}));
  EXPECT_EQ(decide_open(policy, kCustomerFile, true, true), (Judgement{Verdict::hold, 2}));
}

TEST(PolicyCompiler, ARuleOfALabelHoldsForAllItsPlaces) {
  CompiledPolicy policy = compiled(
      "labels: {secret: [/srv/customers, /srv/data]}\n"
      "files: {default: allow, read: {hold: [secret]}}\n",
      resolve);
  EXPECT_EQ(decide_file(policy, kCustomerFile, Access::read), (Judgement{Verdict::hold, 1}));
  EXPECT_EQ(decide_file(policy, kMountedFile, Access::read), (Judgement{Verdict::hold, 1}));
  EXPECT_EQ(policy.rules[1], "files.read.hold: secret (/srv/customers, /srv/data)");
}

TEST(PolicyCompiler, AMissingPathIsNamedWithItsLine) {
  Result<Policy> policy = parse_policy(
      "policy: p\nlabels:\n  a: [/srv, /nowhere]\nnetwork: {default: hold}\n"
      "files: {default: allow, read: {hold: [a]}}\nexec: {default: allow}\n",
      "p.yaml");
  ASSERT_TRUE(policy);
  EXPECT_EQ(compile(*policy, resolve).error().message,
            "p.yaml:3:13: /nowhere: No such file or directory; create it or correct the path");
  auto empty = [](const std::string&) { return std::vector<Identity>{}; };
  EXPECT_EQ(compile(*policy, empty).error().message,
            "p.yaml:3:7: /srv: nothing is there; create it or correct the path");
}

TEST(PolicyCompiler, TooManyRulesForOneAddressIsAnError) {
  std::string rules;
  for (int port = 1; port <= 16; port++) rules += "\"10.0.0.0/8:" + std::to_string(port) + "\", ";
  std::string head = "policy: p\nfiles: {default: hold}\nexec: {default: hold}\n";
  Result<Policy> policy =
      parse_policy(head + "network: {default: hold, allow: [" + rules + "]}\n", "p.yaml");
  ASSERT_TRUE(policy);
  EXPECT_TRUE(compile(*policy, resolve));
  policy = parse_policy(
      head + "network: {default: hold, deny: [\"10.1.0.0/16\"], allow: [" + rules + "]}\n",
      "p.yaml");
  ASSERT_TRUE(policy);
  EXPECT_EQ(compile(*policy, resolve).error().message,
            "p.yaml:4:33: more than 16 rules for one address, those of wider prefixes included; "
            "use port ranges or fewer nested prefixes");
}

}  // namespace
}  // namespace stayd
