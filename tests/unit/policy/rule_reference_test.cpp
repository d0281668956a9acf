// SPDX-License-Identifier: Apache-2.0
#include "policy/rule_reference.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "policy/parser.h"
#include "policy/workload_user.h"
#include "unit/policy/packs.h"

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

TEST_F(References, ADefaultForSocketsThatNobodyWroteHasNoLine) {
  const auto text = [this] { return rule_reference(policy_, 0, Attempt::Kind::unix_socket, {}); };
  EXPECT_EQ(text(), (RuleReference{"/etc/stayd/policies/agent.yaml", 0, "network.unix: allow"}));
  std::string stricter = kPolicy;
  stricter.replace(stricter.find("default: deny"), 13, "default: deny\n  unix: hold");
  policy_ = *parse_policy(stricter, "/etc/stayd/policies/agent.yaml");
  EXPECT_EQ(text(), (RuleReference{"/etc/stayd/policies/agent.yaml", 6, "network.unix: hold"}));
}

TEST_F(References, ARuleOfAPackIsNamedByItsOwnFileAndOfItsLabelOnlyTheEntryThatWasMet) {
  const PackSource packs =
      packs_of({{"keys", pack_text("keys",
                                   "labels: {secret: [~/.ssh, /root, \"**/.env\"]}\n"
                                   "files: {read: {deny: [secret, /srv/k]}}\n"
                                   "flows: [{after: {read: secret}, network: deny}]\n")}});
  const Result<Policy> parsed =
      parse_policy("use: [keys]\n" + std::string(kPolicy), "p.yaml", packs);
  ASSERT_TRUE(parsed) << parsed.error().message;
  policy_ = *for_user(*parsed, {"/home/dev", 1000});
  const std::string rule = "pack keys: files.read.deny: secret";
  EXPECT_EQ(of(rule, {"/home/dev/.ssh/id_rsa"}),
            (RuleReference{"packs/keys.yaml", 4, rule + " (/home/dev/.ssh)"}));
  EXPECT_EQ(of(rule, {"/x/.env"}).text, rule + " (**/.env)");
  EXPECT_EQ(of(rule, {"/mnt"}).text, rule);
  EXPECT_EQ(of("pack keys: files.read.deny: /srv/k", {"/srv/k"}),
            (RuleReference{"packs/keys.yaml", 4, "pack keys: files.read.deny: /srv/k"}));
  EXPECT_EQ(of("pack keys: flows").file, "packs/keys.yaml");
  EXPECT_EQ(of("files.read.deny: secrets", {"/root"}).file, "p.yaml");
}

TEST_F(References, TheEntriesOfAPacksLabelAreLeftOutWhereverTheRuleIs) {
  EXPECT_EQ(without_entries("pack keys: files.read.deny: secret (~/.ssh, /root)"),
            "pack keys: files.read.deny: secret");
  EXPECT_EQ(without_entries("files.write.deny: keys/secret (~/.ssh)"),
            "files.write.deny: keys/secret");
  EXPECT_EQ(without_entries("pack keys: files.read.deny: /srv/a (b)"),
            "pack keys: files.read.deny: /srv/a (b)");
}

TEST_F(References, ANumberOfNoRuleGivesNoText) {
  EXPECT_EQ(rule_reference(policy_, 99, Attempt::Kind::open, {}), RuleReference{});
}

}  // namespace
}  // namespace stayd
