// SPDX-License-Identifier: Apache-2.0
#include "policy/rule_reference.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "policy/parser.h"

namespace stayd {
namespace {

constexpr char kPolicy[] = R"yaml(policy: agent
labels:
  secrets: [/home/dev/.ssh, /home/dev/.ssh/old, /root, "**/.env"]
network:
  default: deny
  dns: ["10.0.0.2"]
  deny: ["198.51.100.0/24"]
files:
  default: allow
  read:
    deny: [secrets, "/srv/a (b)"]
exec:
  default: hold
  deny: ["git push*--force*"]
flows:
  - after: {read: secrets}
    network: hold
    exec: deny
)yaml";

class References : public ::testing::Test {
 protected:
  // The reference to the rule whose text begins like this.
  RuleReference of(const std::string& text, std::vector<std::string> paths = {}) {
    std::uint32_t id = 0;
    for_each_rule(policy_, [&](const Rule& rule) {
      if (rule.text.starts_with(text)) id = rule.id;
    });
    EXPECT_NE(id, 0u) << text;
    return rule_reference(policy_, id, Attempt::Kind::open, paths);
  }

  Policy policy_ = *parse_policy(kPolicy, "/etc/stayd/policies/agent.yaml");
};

TEST_F(References, ARuleIsNamedByItsFileAndLineAndWords) {
  EXPECT_EQ(of("exec.deny"),
            (RuleReference{"/etc/stayd/policies/agent.yaml", 14, "exec.deny: git push*--force*"}));
  EXPECT_EQ(of("network.deny"),
            (RuleReference{"/etc/stayd/policies/agent.yaml", 7, "network.deny: 198.51.100.0/24"}));
}

TEST_F(References, OfALabelOnlyTheEntryThatWasMetIsNamed) {
  const auto text = [this](const char* path) {
    return of("files.read.deny: secrets", {path}).text;
  };
  EXPECT_EQ(text("/home/dev/.ssh/id_rsa"), "files.read.deny: secrets (/home/dev/.ssh)");
  EXPECT_EQ(text("/home/dev/.ssh/old/id_rsa"), "files.read.deny: secrets (/home/dev/.ssh/old)");
  EXPECT_EQ(text("/root"), "files.read.deny: secrets (/root)");
  EXPECT_EQ(text("/srv/x/.env"), "files.read.deny: secrets (**/.env)");
}

TEST_F(References, ALabelWhoseEntryIsNotKnownIsNamedAlone) {
  EXPECT_EQ(of("files.read.deny: secrets", {"/mnt/elsewhere"}).text, "files.read.deny: secrets");
  EXPECT_EQ(of("files.read.deny: secrets", {"/home/dev/.sshd"}).text, "files.read.deny: secrets");
  EXPECT_EQ(of("files.read.deny: secrets").text, "files.read.deny: secrets");
}

TEST_F(References, TheNewNameOfARenameCountsAsWell) {
  EXPECT_EQ(of("files.read.deny: secrets", {"/srv/a", "/root/b"}).text,
            "files.read.deny: secrets (/root)");
}

TEST_F(References, APathThatLooksLikeALabelWithEntriesStaysWhole) {
  EXPECT_EQ(of("files.read.deny: /srv", {"/srv/a (b)"}).text, "files.read.deny: /srv/a (b)");
  EXPECT_EQ(without_entries("files.read.deny: /srv/a (b)"), "files.read.deny: /srv/a (b)");
  EXPECT_EQ(without_entries("exec.deny: sh -c (x)"), "exec.deny: sh -c (x)");
}

TEST_F(References, ADefaultIsNamedByItsLineAndVerdict) {
  const auto text = [this](Attempt::Kind kind) { return rule_reference(policy_, 0, kind, {}); };
  EXPECT_EQ(text(Attempt::Kind::network),
            (RuleReference{"/etc/stayd/policies/agent.yaml", 5, "network.default: deny"}));
  EXPECT_EQ(text(Attempt::Kind::remove),
            (RuleReference{"/etc/stayd/policies/agent.yaml", 9, "files.default: allow"}));
  EXPECT_EQ(text(Attempt::Kind::exec),
            (RuleReference{"/etc/stayd/policies/agent.yaml", 13, "exec.default: hold"}));
}

TEST_F(References, OfFlowsAfterTheSameLabelsTheOneThatMadeItStricterIsNamed) {
  std::uint32_t first = policy_.flows.at(0).rule.id;
  const auto text = [&](Attempt::Kind kind) {
    return rule_reference(policy_, first, kind, {}).text;
  };
  EXPECT_EQ(text(Attempt::Kind::network), "flows: after read of secrets: network hold");
  EXPECT_EQ(text(Attempt::Kind::exec), "flows: after read of secrets: exec deny");
}

TEST_F(References, ANumberOfNoRuleGivesNoText) {
  EXPECT_EQ(rule_reference(policy_, 99, Attempt::Kind::open, {}), RuleReference{});
}

}  // namespace
}  // namespace stayd
