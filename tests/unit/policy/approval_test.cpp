// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "policy/parser.h"

namespace stayd {
namespace {

using namespace std::chrono_literals;

std::string with(const std::string& approval) {
  return "policy: p\nnetwork: {default: hold}\nfiles: {default: hold}\nexec: {default: hold}\n"
         "approval:\n" +
         approval;
}
Policy policy(const std::string& approval) {
  Result<Policy> parsed = parse_policy(with(approval), "p.yaml");
  EXPECT_TRUE(parsed) << parsed.error().message;
  return parsed ? *parsed : Policy{};
}
std::string complaint(const std::string& approval) {
  Result<Policy> parsed = parse_policy(with(approval), "p.yaml");
  return parsed ? "accepted" : parsed.error().message;
}

TEST(Approval, OnePersonHalfAnHourAndDenialWhenNobodyListensUnlessSaidOtherwise) {
  const Approval approval = policy("  timeout: 30m\n").approval;
  EXPECT_EQ(approval.quorum, 1u);
  EXPECT_TRUE(approval.approvers.empty());
  EXPECT_FALSE(approval.wait_if_unreachable);
}

TEST(Approval, SaysWhoIsAskedAndWhoIsAskedLater) {
  const Approval approval = policy(
                                "  approvers: [stewards]\n  quorum: 2\n  timeout: 30m\n"
                                "  escalate: [{after: 10m, to: [oncall]}, {after: 20m, to: "
                                "[oncall, leads]}]\n  when_nobody_listens: wait\n")
                                .approval;
  EXPECT_EQ(approval.approvers, std::vector<std::string>{"stewards"});
  EXPECT_EQ(approval.quorum, 2u);
  ASSERT_EQ(approval.escalate.size(), 2u);
  EXPECT_EQ(approval.escalate[0], (Escalation{10min, {"oncall"}}));
  EXPECT_TRUE(approval.wait_if_unreachable);
}

TEST(Approval, ARuleMayAskOthersAndInheritsWhatItLeavesOut) {
  const Policy parsed = policy(
      "  approvers: [stewards]\n  quorum: 2\n  timeout: 30m\n  escalate: [{after: 10m, to: "
      "[oncall]}]\n  for:\n    - {rule: customer-data, timeout: 5m}\n    - {rule: kubectl, "
      "approvers: [platform], quorum: 1}\n");
  const Approval& data =
      approval_of(parsed, "files.read.hold: customer-data (/srv)", RuleClass::none);
  EXPECT_EQ(data.timeout, 5min);
  EXPECT_EQ(data.quorum, 2u);
  EXPECT_TRUE(data.escalate.empty()) << "by then the ticket has expired";
  EXPECT_EQ(approval_of(parsed, "exec.hold: /usr/bin/kubectl", RuleClass::none).approvers,
            std::vector<std::string>{"platform"});
  EXPECT_EQ(&approval_of(parsed, "files.default", RuleClass::none), &parsed.approval);
  EXPECT_EQ(groups_of(parsed), (std::vector<std::string>{"oncall", "platform", "stewards"}));
}

TEST(Approval, AQuestionLingersUntilItsTimeoutUnlessSaidOtherwise) {
  EXPECT_EQ(policy("  timeout: 30m\n").approval.linger, std::nullopt);
  EXPECT_EQ(policy("  linger: 0s\n").approval.linger, 0s);
  const Policy parsed = policy("  linger: 5m\n  for: [{rule: ssh}, {rule: git, linger: 0s}]\n");
  EXPECT_EQ(approval_of(parsed, "exec.hold: /usr/bin/ssh", RuleClass::none).linger, 5min);
  EXPECT_EQ(approval_of(parsed, "exec.hold: git push*", RuleClass::none).linger, 0s);
}

TEST(Approval, AClassMayAskOthersWhateverTheRuleSays) {
  const Policy parsed = policy(
      "  for:\n    - {class: secret, rule: ssh, quorum: 3}\n    - {class: secret, quorum: 2}\n");
  const auto quorum = [&](const char* rule, RuleClass rule_class) {
    return approval_of(parsed, rule, rule_class).quorum;
  };
  EXPECT_EQ(quorum("files.read.hold: /root/.ssh", RuleClass::secret), 3u);
  EXPECT_EQ(quorum("files.read.hold: /root/.aws", RuleClass::secret), 2u);
  EXPECT_EQ(quorum("files.read.hold: /root/.ssh", RuleClass::destructive), 1u);
  EXPECT_EQ(quorum("files.read.hold: /root/.ssh", RuleClass::none), 1u);
}

TEST(Approval, WhatAnApprovalMayLetThroughIsEverythingUnlessSaidOtherwise) {
  using enum Scope;
  EXPECT_EQ(policy("  timeout: 30m\n").approval.scopes,
            (std::vector<Scope>{process, workload, directory, host, rule}));
  const Policy parsed =
      policy("  scopes: [rule, once, host, host]\n  for: [{rule: a}, {rule: b, scopes: [once]}]\n");
  EXPECT_EQ(approval_of(parsed, "a", RuleClass::none).scopes, (std::vector<Scope>{host, rule}));
  EXPECT_TRUE(approval_of(parsed, "b", RuleClass::none).scopes.empty());
}

TEST(Approval, EveryMistakeIsNamedWithItsPlaceAndWhatToDo) {
  const std::pair<std::string, std::string> mistakes[] = {
      {"  approvers: []\n",
       "p.yaml:6:14: 'approvers' names nobody; write a group of people.yaml, or remove the key"},
      {"  approvers: [a b]\n",
       "p.yaml:6:15: 'a b' is not the name of a group; write one of people.yaml"},
      {"  quorum: 0\n", "p.yaml:6:11: '0' is not a number of people; write 1 to 10"},
      {"  quorum: two\n", "p.yaml:6:11: 'two' is not a number of people; write 1 to 10"},
      {"  timeout: 10m\n  escalate: [{after: 10m, to: [a]}]\n",
       "p.yaml:7:22: by then the ticket has expired; write less than the timeout"},
      {"  escalate: [{after: 10m, to: [a]}, {after: 10m, to: [b]}]\n",
       "p.yaml:6:45: not later than the entry before; write them in order"},
      {"  escalate: [{after: 10m}]\n", "p.yaml:6:14: 'to' is missing; add 'to: [GROUP]'"},
      {"  when_nobody_listens: hang\n",
       "p.yaml:6:24: 'hang' is not 'deny' or 'wait'; write 'deny' unless a question may wait for "
       "somebody to come"},
      {"  linger: never\n",
       "p.yaml:6:11: bad duration 'never'; write how long, 30m or 2h, at most 168h, or 0s to end "
       "the question with whoever waited"},
      {"  scopes: [once, forever]\n",
       "p.yaml:6:18: 'forever' is not what an approval can let through; write once, process, "
       "workload, directory, host or rule"},
      {"  for: [{quorum: 2}]\n", "p.yaml:6:9: 'rule' must be a text; write 'rule: customer-data'"},
      {"  for: [{class: secrets}]\n",
       "p.yaml:6:17: 'secrets' is not a class; did you mean 'secret'?"},
      {"  qorum: 2\n", "p.yaml:6:3: unknown key 'qorum'; did you mean 'quorum'?"},
  };
  for (const auto& [text, message] : mistakes) EXPECT_EQ(complaint(text), message) << text;
}

}  // namespace
}  // namespace stayd
