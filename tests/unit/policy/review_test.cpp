// SPDX-License-Identifier: Apache-2.0
#include "policy/review.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/policy/compiled.h"

namespace stayd {
namespace {

using testing::HasSubstr;

// "LINE: TEXT" of each remark, one per line.
std::string remarks(const std::string& sections) {
  std::string all;
  for (const Remark& each : review(policy_of(sections)))
    all += std::to_string(each.at.line) + ": " + each.text + "\n";
  return all;
}

TEST(Review, OfRulesAboutTheSamePlaceTheLaxerIsPointedOut) {
  EXPECT_EQ(remarks("files:\n  default: allow\n  read:\n    allow: [/srv]\n    hold: [/srv]\n"),
            "5: 'files.read.allow: /srv' never decides: 'files.read.hold: /srv' in line 6 is as "
            "specific and stricter; remove one\n");
  EXPECT_EQ(remarks("network:\n  default: hold\n  dns: [10.0.0.2]\n  allow: [a.example.org]\n"
                    "  deny: [A.example.org]\n"),
            "5: 'network.allow: a.example.org' never decides: 'network.deny: A.example.org' in "
            "line 6 is as specific and stricter; remove one\n");
}

TEST(Review, WhatIsSaidTwiceIsPointedOutOnce) {
  EXPECT_EQ(
      remarks("exec:\n  default: allow\n  hold: [/usr/bin/ssh]\n  deny: [\"a *\", \"a *\"]\n"),
      "5: 'exec.deny: a *' says what 'exec.deny: a *' in line 5 says; remove one\n");
}

TEST(Review, AnotherAccessPortOrPlaceIsNoRival) {
  EXPECT_EQ(remarks("labels: {l: [/srv, /x]}\nnetwork: {default: hold, allow: [\"10.0.0.1:80\"], "
                    "deny: [\"10.0.0.1:81\", \"10.0.0.1:80/tcp\"]}\nfiles: {default: allow, read: "
                    "{allow: [/srv]}, write: {hold: [/srv]}, delete: {hold: [l], deny: [/x]}}\n"),
            "");
}

TEST(Review, ALabelThatNoRuleIsAboutProtectsNothing) {
  EXPECT_EQ(remarks("labels:\n  a: [/srv]\n  b: [\"**/.env\"]\n  c: [/x]\nflows: [{after: {read: "
                    "c}, network: hold}]\nfiles: {default: allow, read: {hold: [a]}}\n"),
            "4: no rule is about the label 'b'; add one, or remove it\n");
}

TEST(Review, AnApprovalForNoRuleAsksNobody) {
  EXPECT_EQ(
      remarks("labels: {customer-data: [/srv]}\nfiles: {default: allow, read: {hold: "
              "[customer-data]}}\napproval:\n  for:\n    - {rule: custmer-data, quorum: 2}\n"
              "    - {rule: files.default, quorum: 2}\n    - {rule: customer, quorum: 2}\n"),
      "6: no rule has 'custmer-data' in its text, so this asks nobody; write a part of what "
      "'policy explain' prints, or a class\n"
      "7: no rule that has 'files.default' in its text holds, so this asks nobody; remove it, "
      "or hold\n");
}

TEST(Review, AnAddressThatEndsLikeAPortIsAskedAbout) {
  EXPECT_EQ(remarks("network: {default: hold, allow: [\"2001:db8::1:443\", \"2001:db8::443\", "
                    "\"[2001:db8::2:443]\", \"2001:db8::/32\"]}\n"),
            "2: '2001:db8::1:443' is an address without a port; for port 443 write "
            "\"[2001:db8::1]:443\"\n");
}

// What is said of one entry under `exec`, whose default is to allow.
std::string of_program(const std::string& entry) {
  return remarks("exec: {default: allow, deny: [" + entry + "]}\n");
}
std::string of_file(const std::string& path) {
  return remarks("files: {default: allow, read: {deny: [\"" + path + "\"]}}\n");
}

TEST(Review, ACommandWithAPathIsNoPath) {
  EXPECT_EQ(
      of_program("\"/usr/bin/rm -rf *\""),
      "2: '/usr/bin/rm -rf *' is the path of one file, spaces included, and no command; write "
      "{tool: rm, words: [...], options: [...]}\n");
  EXPECT_THAT(of_program("\"/usr/bin/rm -rf\""), HasSubstr("{tool: rm, "));
  EXPECT_THAT(of_program("\"bin/rm *\""),
              HasSubstr("matches nothing: the program's name comes without its directories; write "
                        "'rm *'"));
}

TEST(Review, WhatAnotherToolWouldSayIsPointedOut) {
  EXPECT_EQ(of_program("\"Bash(rm:*)\""),
            "2: 'Bash(rm:*)' is how another tool says it, and matches nothing here; write {tool: "
            "rm}\n");
  EXPECT_THAT(of_program("\"Bash(git push *)\""), HasSubstr("write {tool: git}"));
  EXPECT_THAT(of_program("\"^git push.*$\""), HasSubstr("looks like a regular expression"));
  EXPECT_THAT(of_program("\"rm $HOME*\""), HasSubstr("has a variable"));
  EXPECT_THAT(of_program("\"git {push,pull} *\""), HasSubstr("has braces"));
  EXPECT_THAT(of_program("\"curl * | sh\""), HasSubstr("write {tool: curl, pipes_into: [...]}"));
  EXPECT_THAT(of_program("\"rm * && ls\""), HasSubstr("'&&' is for a shell"));
  EXPECT_THAT(of_program("\"git commit -m \\\"x\\\"*\""), HasSubstr("has quotes"));
  EXPECT_THAT(of_program("\"git push\""),
              HasSubstr("is about these words with nothing after them"));
  EXPECT_EQ(of_program("\"bash -c *curl*|*sh*\""), "");
  EXPECT_EQ(of_program("\"git push*\", \"psql *DROP *\", \"python3.* -c *\""), "");
}

TEST(Review, PathsAreNotReadAsOtherToolsReadThem) {
  EXPECT_THAT(of_file("/home/$USER/.ssh"), HasSubstr("has a variable"));
  EXPECT_THAT(of_file("/home/@{user}/.ssh"), HasSubstr("has a variable"));
  EXPECT_EQ(of_file("/run/user/$uid/bus"), "");
  EXPECT_THAT(of_file("/run/user/%U/bus"), HasSubstr("has a specifier of systemd"));
  EXPECT_THAT(of_file("/srv/{a,b}"), HasSubstr("has braces"));
  EXPECT_THAT(of_file("/srv/[slug]/page.tsx"),
              HasSubstr("'[slug]' is one of the characters in it; for a file of that name write "
                        "'?slug?'"));
  EXPECT_THAT(of_file("/proc/self/environ"), HasSubstr("which is stayd and never the workload"));
  EXPECT_THAT(of_file("/dev/fd"), HasSubstr("which is stayd and never the workload"));
  for (const char* path :
       {"/srv/100%", "/srv/a b", "**/[ab]*.c", "/srv/[a-z]/x", "/proc/sys", "/srv/{a}", "/srv/a$"})
    EXPECT_EQ(of_file(path), "") << path;
}

TEST(Review, TheHostsPathsAreNotAContainers) {
  const std::string rules =
      "labels: {l: [/etc/x, \"**/.env\"]}\nfiles:\n  default: allow\n  read: {hold: [l]}\n"
      "  write: {hold: [/home/a]}\n";
  EXPECT_EQ(remarks("applies_to: [{label: app=x}]\n" + rules),
            "3: '/etc/x' is the host's, and the policy applies to containers, which have files of "
            "their own under that name: only what is mounted from there is meant (lines 3 and 7); "
            "write a pattern such as \"**/.env\" for files in a container\n");
  EXPECT_NE(remarks("applies_to: [{cgroup: /system.slice/docker-*.scope}]\n" + rules), "");
  EXPECT_EQ(remarks("applies_to: [{unit: x.service}]\n" + rules), "");
}

TEST(Review, ARuleThatOnlyMakesStricterAndIsNotIsIdle) {
  const std::string idle =
      " never decides: it can only make an operation stricter, and all that it "
      "may be about is as strict already; remove it, or make it stricter\n";
  EXPECT_EQ(remarks("exec: {default: deny, hold: [\"git *\", {tool: gh}, memfd]}\n"),
            "2: 'exec.hold: git *'" + idle + "2: 'exec.hold: {tool: gh}'" + idle +
                "2: 'exec.hold: memfd'" + idle);
  EXPECT_EQ(remarks("exec: {default: deny, allow: [/usr/bin], hold: [\"git *\"]}\n"), "");
  EXPECT_EQ(remarks("files: {default: hold, read: {audit: [\"**/.env\"]}}\n"),
            "2: 'files.read.audit: **/.env'" + idle);
  EXPECT_EQ(remarks("files: {default: hold, create: {allow: [/tmp]}, write: {hold: [\"**/x\"]}}\n"),
            "");
  EXPECT_THAT(
      remarks("labels: {l: [/srv]}\nnetwork: {default: deny}\nfiles: {default: allow, read: "
              "{hold: [l]}}\nflows: [{after: {read: l}, network: hold}]\n"),
      HasSubstr("5: 'flows: after read of l: network hold' changes nothing"));
}

TEST(Review, ARuleThatAWiderOneAlwaysOutdoesIsPointedOut) {
  EXPECT_EQ(
      remarks("exec:\n  default: allow\n  hold: [{tool: git, words: [push]}]\n  deny: [{tool: "
              "git}]\n"),
      "4: 'exec.hold: {tool: git, words: [push]}' never decides: 'exec.deny: {tool: git}' in "
      "line 5 is about all of it and as strict; remove one, or make this one stricter\n");
  EXPECT_EQ(remarks("exec: {default: allow, hold: [{tool: git}], deny: [{tool: git, words: "
                    "[push]}]}\n"),
            "");
  EXPECT_THAT(remarks("exec:\n  default: allow\n  hold: [\"git push*\"]\n  deny: [\"git *\"]\n"),
              HasSubstr("4: 'exec.hold: git push*' never decides: 'exec.deny: git *' in line 5"));
}

TEST(Review, AnAllowInsideADeniedPatternNeverCounts) {
  EXPECT_EQ(
      remarks("files:\n  default: hold\n  read:\n    allow: [/srv/app/.env]\n    deny: "
              "[\"**/.env\"]\n"),
      "5: 'files.read.allow: /srv/app/.env' never decides: 'files.read.deny: **/.env' in line "
      "6 is stricter and has a pattern for that name, which no exact path outdoes; remove one, "
      "or make this one stricter\n");
  EXPECT_NE(remarks("files: {default: hold, create: {allow: [/srv/a]}, write: {deny: "
                    "[\"/srv/**\"]}}\n"),
            "");
  EXPECT_EQ(remarks("files: {default: hold, read: {allow: [/srv/app], deny: [\"**/.env\"]}}\n"),
            "");
}

TEST(Review, AFlowAfterWhatCannotBeReadNeverBegins) {
  const auto with = [](const std::string& read) {
    return remarks("labels: {l: [/srv/l]}\nfiles:\n  default: allow\n  read: {" + read +
                   "}\nflows: [{after: {read: l}, network: hold}]\n");
  };
  EXPECT_THAT(with("deny: [l]"), HasSubstr("never begins: reading it is denied"));
  EXPECT_EQ(with("deny: [l], hold: [/srv/l/some]"), "");
  EXPECT_EQ(with("hold: [l]"), "");
}

TEST(Review, AnApprovalForWhatIsNeverHeldAsksNobody) {
  const std::string rules =
      "exec: {default: allow, hold: [/usr/bin/ssh], deny: [/usr/bin/su]}\napproval:\n  for:\n";
  EXPECT_EQ(
      remarks(rules + "    - {rule: /usr/bin/su, quorum: 2}\n"),
      "5: no rule that has '/usr/bin/su' in its text holds, so this asks nobody; remove it, or "
      "hold\n");
  EXPECT_EQ(remarks(rules + "    - {rule: exec, quorum: 2}\n    - {rule: exec.hold, quorum: 3}\n"),
            "6: this never counts: the entry in line 5 fits every rule that it fits, and the first "
            "counts; put this one before it\n");
}

TEST(Review, AnApprovalForAClassThatNoRuleHasAsksNobody) {
  const std::string rules =
      "exec: {default: allow, hold: [{what: /usr/bin/ssh, class: data-export}]}\napproval:\n  "
      "for:\n";
  EXPECT_EQ(remarks(rules + "    - {class: data-export, quorum: 2}\n"), "");
  EXPECT_EQ(remarks(rules + "    - {class: secret, quorum: 2}\n"),
            "5: no rule has the class secret, so this asks nobody; write a part of what 'policy "
            "explain' prints, or a class\n");
  EXPECT_THAT(remarks(rules + "    - {class: data-export, quorum: 2}\n    - {class: data-export, "
                              "rule: ssh, quorum: 3}\n"),
              HasSubstr("6: this never counts: the entry in line 5"));
}

TEST(Coverage, SaysOnceWhatAKindOfRulesDoesNotSee) {
  std::string all;
  const Policy policy = policy_of(
      "exec:\n  default: allow\n  hold:\n    - {tool: git, words: [push]}\n    - {tool: curl, "
      "pipes_into: sh}\n    - {tool: mytool, words: [iam]}\n    - \"rm *\"\n");
  for (const Remark& each : coverage(policy))
    all += std::to_string(each.at.line) + ": " + each.text + "\n";
  EXPECT_THAT(all, HasSubstr("5: rules about tools (lines 5 and 7) do not cover a copy of the "
                             "program under another name, a script given to its interpreter"));
  EXPECT_THAT(all, HasSubstr("6: 'pipes_into' (line 6) does not cover what goes through a file"));
  EXPECT_THAT(all, HasSubstr("7: stayd does not know the options of these tools (line 7)"));
  EXPECT_THAT(all, HasSubstr("8: patterns for arguments (line 8) are compared with a text"));
  EXPECT_TRUE(coverage(policy_of("")).empty());
}

}  // namespace
}  // namespace stayd
