// SPDX-License-Identifier: Apache-2.0
#include "policy/decision.h"

#include <gtest/gtest.h>

#include <random>

#include "policy/glob.h"
#include "unit/policy/compiled.h"

namespace stayd {
namespace {

std::string network(const std::string& rules) {
  return "network: {default: audit, dns: [10.9.9.9], " + rules + "}\n";
}
std::string files(const std::string& rules) {
  return "labels: {secrets: [/etc/ssl, \"**/.env\", \"**/*.pem\", \"**/id_*\"]}\n"
         "files: {default: allow, " +
         rules + "}\n";
}
std::string exec(const std::string& rules) { return "exec: {default: allow, " + rules + "}\n"; }

TEST(Decision, TheLongestPrefixWins) {
  const std::string rules =
      network("allow: [10.0.0.0/8, 10.1.2.3], deny: [10.1.0.0/16, 169.254.169.254]");
  EXPECT_EQ(verdict(rules, "connect:10.9.9.1:80"), Verdict::allow);
  EXPECT_EQ(verdict(rules, "connect:10.1.9.9:80"), Verdict::deny);
  EXPECT_EQ(verdict(rules, "connect:10.1.2.3:80"), Verdict::allow);
  EXPECT_EQ(verdict(rules, "connect:169.254.169.254:80"), Verdict::deny);
  EXPECT_EQ(verdict(rules, "connect:169.254.169.253:80"), Verdict::audit);
}

TEST(Decision, FewerPortsThenAProtocolThenTheStricter) {
  const std::string rules = network(
      "allow: [\"10.0.0.0/8:80\", \"10.0.0.0/8:90/tcp\"], deny: [\"10.0.0.0/8:1-100/tcp\"], "
      "hold: [\"10.0.0.0/8:90\", 10.0.0.0/8]");
  EXPECT_EQ(verdict(rules, "connect:10.0.0.1:80"), Verdict::allow);
  EXPECT_EQ(verdict(rules, "connect:10.0.0.1:90"), Verdict::allow);
  EXPECT_EQ(verdict(rules, "connect:10.0.0.1:90/udp"), Verdict::hold);
  EXPECT_EQ(verdict(rules, "connect:10.0.0.1:50"), Verdict::deny);
  EXPECT_EQ(verdict(rules, "connect:10.0.0.1:500"), Verdict::hold);
}

TEST(Decision, AnIpv6PrefixNeverMeansIpv4) {
  const std::string rules = network("allow: [\"::/0\"], deny: [\"2001:db8::/32\"]");
  EXPECT_EQ(verdict(rules, "connect:[2001:db9::1]:80"), Verdict::allow);
  EXPECT_EQ(verdict(rules, "connect:[2001:db8::1]:80"), Verdict::deny);
  EXPECT_EQ(verdict(rules, "connect:10.0.0.1:80"), Verdict::audit);
}

TEST(Decision, AHostNameIsAsSpecificAsAnAddress) {
  const std::string rules = network(
      "allow: [\"files.example.org:443\", \"*.example.net\"], deny: [10.0.0.0/8, 192.0.2.7]");
  EXPECT_EQ(verdict(rules, "connect:files.example.org@10.1.1.1:443"), Verdict::allow);
  EXPECT_EQ(verdict(rules, "connect:files.example.org@10.1.1.1:80"), Verdict::deny);
  EXPECT_EQ(verdict(rules, "connect:files.example.org@198.51.100.1:80"), Verdict::audit);
  EXPECT_EQ(verdict(network("allow: [a.example.org], deny: [192.0.2.7]"),
                    "connect:a.example.org@192.0.2.7:443"),
            Verdict::deny);
}

TEST(Decision, ANameWithAStarIsLessSpecificThanAnyAddress) {
  const std::string rules = network("allow: [\"*.example.net\"], deny: [10.0.0.0/8]");
  EXPECT_EQ(verdict(rules, "connect:a.b.example.net@10.1.1.1:443"), Verdict::deny);
  EXPECT_EQ(verdict(rules, "connect:a.b.example.net@198.51.100.1:443"), Verdict::allow);
  EXPECT_EQ(verdict(rules, "connect:example.net@198.51.100.1:443"), Verdict::audit);
  EXPECT_EQ(verdict(rules, "connect:badexample.net@198.51.100.1:443"), Verdict::audit);
}

TEST(Decision, AStarInsideAHostNameIsForBytesOfOnePart) {
  const std::string rules = network(
      "hold: [\"sts.*.example.com:443\", \"*.s3-*.example.com\"], deny: [10.0.0.0/8], allow: "
      "[sts.eu.example.com]");
  EXPECT_EQ(verdict(rules, "connect:sts.us-east-1.example.com:443"), Verdict::hold);
  EXPECT_EQ(verdict(rules, "connect:STS.us.example.com:443"), Verdict::hold);
  EXPECT_EQ(verdict(rules, "connect:sts.us.example.com:80"), Verdict::audit);
  EXPECT_EQ(verdict(rules, "connect:sts.eu.example.com:443"), Verdict::allow) << "a full name";
  EXPECT_EQ(verdict(rules, "connect:sts.us.example.com@10.1.1.1:443"), Verdict::deny);
  EXPECT_EQ(verdict(rules, "connect:sts.a.b.example.com:443"), Verdict::audit);
  EXPECT_EQ(verdict(rules, "connect:sts.example.com:443"), Verdict::audit);
  EXPECT_EQ(verdict(rules, "connect:xsts.us.example.com:443"), Verdict::audit);
  EXPECT_EQ(verdict(rules, "connect:a.b.s3-eu.example.com:443"), Verdict::hold);
  EXPECT_EQ(verdict(rules, "connect:s3-eu.example.com:443"), Verdict::audit);
}

TEST(Decision, AResolverMayBeAsked) {
  EXPECT_EQ(verdict(network("deny: [10.0.0.0/8]"), "connect:10.9.9.9:53/udp"), Verdict::allow);
  EXPECT_EQ(verdict(network("deny: [10.0.0.0/8]"), "connect:10.9.9.9:80"), Verdict::deny);
}

TEST(Decision, APatternOnlyMakesStricter) {
  const std::string rules = files("read: {hold: [secrets], deny: [/srv], allow: [/home]}");
  EXPECT_EQ(verdict(rules, "open:/home/a/.env:read"), Verdict::hold);
  EXPECT_EQ(verdict(rules, "open:/home/a/x.pem:read"), Verdict::hold);
  EXPECT_EQ(verdict(rules, "open:/home/a/.ssh/id_rsa:read"), Verdict::hold);
  EXPECT_EQ(verdict(rules, "open:/srv/.env:read"), Verdict::deny);
  EXPECT_EQ(verdict(rules, "open:/home/a/environment:read"), Verdict::allow);
  EXPECT_EQ(verdict(rules, "open:/home/a/.env:write"), Verdict::allow);
}

TEST(Decision, ARenameMustNotTakeAFileOutOfItsLabel) {
  const std::string rules = files("read: {hold: [/srv/customers]}, delete: {deny: [/keep]}");
  EXPECT_EQ(verdict(rules, "rename:/srv/customers/a:/tmp/a"), Verdict::hold);
  EXPECT_EQ(verdict(rules, "rename:/srv/customers/a:/srv/customers/b"), Verdict::allow);
  EXPECT_EQ(verdict(rules, "replace:/tmp/a:/keep/a"), Verdict::deny);
  EXPECT_EQ(verdict(rules, "rename:/tmp/a:/keep/a"), Verdict::allow);
}

TEST(Decision, OriginsAndArgumentsOnlyMakeStricter) {
  const std::string rules = exec(
      "hold: [\"git push --force*\", /usr/bin/ssh], deny: [memfd, writable], "
      "allow: [/home/me/bin]");
  EXPECT_EQ(verdict(rules, "exec:/usr/bin/git push --force origin"), Verdict::hold);
  EXPECT_EQ(verdict(rules, "exec:/usr/bin/git push origin"), Verdict::allow);
  EXPECT_EQ(verdict(rules, "exec:memfd"), Verdict::deny);
  EXPECT_EQ(verdict(rules, "exec:writable:/tmp/x"), Verdict::deny);
  EXPECT_EQ(verdict(rules, "exec:writable:/home/me/bin/x"), Verdict::allow);
  EXPECT_EQ(verdict(rules, "exec:writable:/usr/bin/ssh"), Verdict::hold);
}

TEST(Decision, WhatAProgramContainsBeatsWhereItIs) {
  const Policy policy = policy_of(
      exec("deny: [/opt], allow: [\"sha256:" + std::string(64, 'a') + "\"], hold: [\"**/tool\"]"));
  PathTree tree;
  const CompiledPolicy compiled = *compile(policy, tree.resolver());
  Attempt attempt = *parse_attempt("exec:/opt/x", tree);
  EXPECT_EQ(decide(compiled, attempt).verdict, Verdict::deny);
  attempt.program.sha256 = Sha256{};
  attempt.program.sha256->fill(0xaa);
  EXPECT_EQ(decide(compiled, attempt).verdict, Verdict::allow);
  attempt = *parse_attempt("exec:/opt/tool", tree);
  attempt.program.sha256 = Sha256{};
  attempt.program.sha256->fill(0xaa);
  EXPECT_EQ(decide(compiled, attempt).verdict, Verdict::hold);
}

TEST(Decision, AFlowHoldsAfterALabelWasRead) {
  const std::string rules =
      "labels: {data: [/srv]}\nnetwork: {default: allow, deny: [192.0.2.1]}\n"
      "exec: {default: allow}\n"
      "flows: [{after: {read: data}, network: hold, exec: audit}]\n";
  EXPECT_EQ(verdict(rules, "connect:198.51.100.1:80"), Verdict::allow);
  EXPECT_EQ(verdict(rules, "connect:198.51.100.1:80", {"data"}), Verdict::hold);
  EXPECT_EQ(verdict(rules, "connect:192.0.2.1:80", {"data"}), Verdict::deny);
  EXPECT_EQ(verdict(rules, "exec:/bin/ls", {"data"}), Verdict::audit);
  EXPECT_EQ(verdict(rules, "open:/tmp/x:write", {"data"}), Verdict::allow);
}

TEST(Decision, AFlowCanWaitForANumberOfFiles) {
  const std::string rules =
      "labels: {data: [/srv], keys: [/root]}\nnetwork: {default: allow}\n"
      "flows: [{after: {read: data, files: 100}, network: hold}, {after: {read: keys}, network: "
      "deny}, {after: {read: data, files: 2}, network: audit}]\n";
  const auto connect = [&](const std::vector<std::string>& touched) {
    return verdict(rules, "connect:198.51.100.1:80", touched);
  };
  EXPECT_EQ(connect({"data"}), Verdict::allow);
  EXPECT_EQ(connect({"data=99"}), Verdict::audit);
  EXPECT_EQ(connect({"data=100"}), Verdict::hold);
  EXPECT_EQ(connect({"data=100", "keys"}), Verdict::deny);
  EXPECT_EQ(connect({"keys=1"}), Verdict::deny);
}

TEST(Decision, UnixSocketsThatNoRuleNamesAreAllowed) {
  const std::string rules = network("deny: [\"unix:/run/docker.sock\"], hold: [\"unix:@bus\"]");
  EXPECT_EQ(verdict(rules, "connect:unix:/run/docker.sock"), Verdict::deny);
  EXPECT_EQ(verdict(rules, "connect:unix:@bus"), Verdict::hold);
  EXPECT_EQ(verdict(rules, "connect:unix:/run/other.sock"), Verdict::allow);
  const std::string others = network("unix: hold, allow: [\"unix:/tmp\", \"unix:@bus\"]");
  EXPECT_EQ(verdict(others, "connect:unix:/run/other.sock"), Verdict::hold);
  EXPECT_EQ(verdict(others, "connect:unix:@other"), Verdict::hold);
  EXPECT_EQ(verdict(others, "connect:unix:/tmp/x"), Verdict::allow);
  EXPECT_EQ(verdict(others, "connect:unix:@bus"), Verdict::allow);
}

TEST(Glob, StarsStayWithinAComponentAndTwoDoNot) {
  EXPECT_TRUE(matches_path("/srv/*/x", "/srv/a/x"));
  EXPECT_FALSE(matches_path("/srv/*/x", "/srv/a/b/x"));
  EXPECT_TRUE(matches_path("/srv/**/x", "/srv/a/b/x"));
  EXPECT_TRUE(matches_path("/srv/**/x", "/srv/x"));
  EXPECT_TRUE(matches_path("**/id_*", "/home/a/.ssh/id_rsa"));
  EXPECT_TRUE(matches_text("a[0-9]?c", "a5bc"));
  EXPECT_FALSE(matches_text("a[0-9]?c", "axbc"));
}

TEST(Glob, MayMatchATextThatGoesOnUnlessNoContinuationDoes) {
  EXPECT_TRUE(may_match_text("git push*--force*", ""));
  EXPECT_TRUE(may_match_text("git push*--force*", "git pu"));
  EXPECT_TRUE(may_match_text("git push*--force*", "git push origin main"));
  EXPECT_TRUE(may_match_text("git [a-p]ush", "git p"));
  EXPECT_FALSE(may_match_text("git push*--force*", "git add x"));
  EXPECT_FALSE(may_match_text("git push*--force*", "true"));
  EXPECT_FALSE(may_match_text("git status", "git status x"));
}

// A text matches only if each of its heads may.
TEST(Glob, MayMatchEachHeadOfWhatItMatches) {
  std::mt19937 random(11);
  const std::string alphabet = "ab*?";
  for (int round = 0; round < 5000; ++round) {
    std::string glob, text;
    for (int i = 0; i < 6; ++i) glob += alphabet[random() % 4];
    for (int i = 0; i < 6; ++i) text += alphabet[random() % 2];
    if (!matches_text(glob, text)) continue;
    for (std::size_t size = 0; size <= text.size(); ++size)
      EXPECT_TRUE(may_match_text(glob, text.substr(0, size))) << glob << " " << text;
  }
}

TEST(Decision, ArgumentsThatAreNotAllKnownHoldWhereARuleMayBeAboutThemAndNeverDeny) {
  const std::string rules =
      "exec: {default: allow, hold: [\"git push*\"], deny: [\"git push*--force*\"]}\n";
  const auto judged = [&](std::vector<std::string> arguments, bool cut) {
    PathTree tree;
    return judge_program(compiled(rules, tree.resolver()), {},
                         {.path = "/usr/bin/x",
                          .origins = 0,
                          .sha256 = {},
                          .arguments = std::move(arguments),
                          .arguments_cut = cut},
                         0)
        .verdict;
  };
  EXPECT_EQ(judged({"bash", "-c", "x"}, true), Verdict::allow);
  EXPECT_EQ(judged({"git", "add"}, true), Verdict::allow);
  EXPECT_EQ(judged({}, true), Verdict::hold);
  EXPECT_EQ(judged({"git"}, true), Verdict::hold);
  EXPECT_EQ(judged({"git", "push", "x"}, true), Verdict::hold);
  EXPECT_EQ(judged({"git", "push", "--force"}, true), Verdict::deny) << "whatever follows";
  EXPECT_EQ(judged({"git", "push", "x"}, false), Verdict::hold);
  EXPECT_EQ(judged({"git", "push", "--force"}, false), Verdict::deny);
}

TEST(Decision, AHardLinkIsACreationAndIsDeniedWhereTheFileWouldLeaveItsLabel) {
  const std::string rules =
      "labels: {data: [/srv]}\nfiles: {default: allow, read: {hold: [data]}, "
      "create: {hold: [/new], deny: [/closed]}}\n";
  EXPECT_EQ(verdict(rules, "link:/tmp/a:/tmp/b"), Verdict::allow);
  EXPECT_EQ(verdict(rules, "link:/tmp/a:/new/b"), Verdict::hold);
  EXPECT_EQ(verdict(rules, "link:/tmp/a:/closed/b"), Verdict::deny);
  EXPECT_EQ(verdict(rules, "link:/srv/a:/srv/b"), Verdict::allow);
  EXPECT_EQ(verdict(rules, "link:/srv/a:/tmp/b"), Verdict::deny);
}

TEST(Glob, TakesNoLongerForAPatternMadeToBeSlow) {
  std::string glob, text(20000, 'a');
  for (int i = 0; i < 1000; i++) glob += "a*";
  EXPECT_FALSE(matches_text(glob + "b", text));
  std::string path;
  for (int i = 0; i < 1000; i++) path += "/a";
  EXPECT_FALSE(matches_path("**/a/**/a/**/a/**/a/**/a/**/b", path));
}

// Adding a pattern or a flow never makes an answer laxer.
TEST(Decision, PatternsAndFlowsNeverLoosen) {
  std::mt19937 random(7);
  const char* verdicts[] = {"allow", "audit", "hold", "deny"};
  const char* places[] = {"/a", "/a/b", "/a/b/c", "/d"};
  const char* globs[] = {"**/x", "**/*.pem", "**/x*", "/a/*/x", "/a/**/c/*"};
  const char* objects[] = {"/a/x", "/a/b/x", "/a/b/c/k.pem", "/d/x", "/e/y.pem"};
  for (int round = 0; round < 400; round++) {
    std::string rules = std::string("labels: {l: [/a]}\nfiles: {default: ") +
                        verdicts[random() % 4] + ", read: {" + verdicts[random() % 4] + ": [" +
                        places[random() % 4] + "]";
    const std::string object = std::string("open:") + objects[random() % 5] + ":read";
    const Verdict before = verdict(rules + "}}\n", object);
    std::string key = verdicts[1 + random() % 3];
    if (rules.find(key + ": [") != std::string::npos) continue;
    const std::string with = rules + ", " + key + ": [\"" + globs[random() % 5] + "\"]}}\n";
    EXPECT_GE(verdict(with, object), before) << with << object;
  }
}

}  // namespace
}  // namespace stayd
