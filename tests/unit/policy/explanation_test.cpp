// SPDX-License-Identifier: Apache-2.0
#include "policy/explanation.h"

#include <gtest/gtest.h>

#include <random>

#include "unit/policy/compiled.h"

namespace stayd {
namespace {

Explanation explained(const std::string& sections, const std::string& operation,
                      const std::vector<std::string>& touched = {}) {
  PathTree tree;
  const Result<Attempt> attempt = parse_attempt(operation, tree);
  EXPECT_TRUE(attempt) << attempt.error().message;
  const Result<Explanation> explanation = explain(policy_of(sections), *attempt, tree, touched);
  EXPECT_TRUE(explanation) << explanation.error().message;
  return *explanation;
}

// "> RULE (WHY; STANDING)" of each match, one per line; the winner has the arrow.
std::string matches(const std::string& sections, const std::string& operation,
                    const std::vector<std::string>& touched = {}) {
  std::string all;
  for (const Match& match : explained(sections, operation, touched).matches)
    all += (match.wins ? "> " : "  ") + match.rule.text + " (" + match.why + "; " + match.standing +
           ")\n";
  return all;
}

TEST(Explanation, TheNearestDirectoryWins) {
  EXPECT_EQ(
      matches("files: {default: allow, read: {deny: [/srv], hold: [/srv/a], allow: "
              "[/srv/a/b]}}\n",
              "open:/srv/a/b/c:read"),
      "  files.read.deny: /srv (names /srv, 3 directories up; less specific than line 2)\n"
      "  files.read.hold: /srv/a (names /srv/a, 2 directories up; less specific than line 2)\n"
      "> files.read.allow: /srv/a/b (names /srv/a/b, 1 directory up; the most specific)\n");
}

TEST(Explanation, APatternOverrulesAPlaceThatIsLaxer) {
  const std::string rules = "files: {default: hold, read: {allow: [/srv], deny: [\"**/.env\"]}}\n";
  EXPECT_EQ(matches(rules, "open:/srv/.env:read"),
            "  files.read.allow: /srv (names /srv, 1 directory up; less strict)\n"
            "> files.read.deny: **/.env (**/.env matches; stricter than line 2)\n");
  EXPECT_EQ(matches("files: {default: deny, read: {hold: [\"**/.env\"]}}\n", "open:/x/.env:read"),
            "  files.read.hold: **/.env (**/.env matches; less strict)\n");
}

TEST(Explanation, AFlowSaysHowManyFilesItIsAbout) {
  const std::string rules =
      "labels: {data: [/srv]}\nnetwork: {default: allow}\n"
      "flows: [{after: {read: data, files: 100}, network: deny}]\n";
  EXPECT_EQ(
      matches(rules, "connect:192.0.2.7:443", {"data=250"}),
      "> flows: after read of 100 files of data: network deny (data was read, 100 files of it; "
      "stricter than the default)\n");
  EXPECT_EQ(matches(rules, "connect:192.0.2.7:443", {"data=99"}), "");
}

TEST(Explanation, AFlowSaysWhichLabelWasRead) {
  EXPECT_EQ(matches("labels: {data: [/srv], other: [/x]}\nnetwork: {default: hold, allow: "
                    "[192.0.2.7]}\nflows: [{after: {read: [data, other]}, network: deny}]\n",
                    "connect:192.0.2.7:443", {"other"}),
            "  network.allow: 192.0.2.7 (names the address; less strict)\n"
            "> flows: after read of data, other: network deny (other was read; stricter than line "
            "3)\n");
}

TEST(Explanation, OfPrefixesAndPortsTheNarrowerWins) {
  EXPECT_EQ(matches("network: {default: hold, allow: [\"10.0.0.0/8:443/tcp\"], deny: "
                    "[10.0.0.0/8], audit: [0.0.0.0/0]}\n",
                    "connect:10.1.2.3:443"),
            "> network.allow: 10.0.0.0/8:443/tcp (the address is in its /8, and the port, and the "
            "protocol; the most specific)\n"
            "  network.deny: 10.0.0.0/8 (the address is in its /8; less specific than line 2)\n"
            "  network.audit: 0.0.0.0/0 (the address is in its /0; less specific than line 2)\n");
}

TEST(Explanation, OfEqualsTheStricterWins) {
  EXPECT_EQ(matches("exec: {default: allow, audit: [/usr/bin/ssh], hold: [/usr/bin/ssh]}\n",
                    "exec:/usr/bin/ssh"),
            "  exec.audit: /usr/bin/ssh (names /usr/bin/ssh; as specific as line 2 and less "
            "strict)\n"
            "> exec.hold: /usr/bin/ssh (names /usr/bin/ssh; the strictest of the most specific)\n");
}

TEST(Explanation, OfSeveralPartsTheStrictestDecides) {
  EXPECT_EQ(matches("files: {default: allow, read: {audit: [/srv]}, write: {hold: [/srv]}}\n",
                    "open:/srv/x:readwrite"),
            "  files.read.audit: /srv (reading: names /srv, 1 directory up; less strict)\n"
            "> files.write.hold: /srv (writing: names /srv, 1 directory up; the strictest of what "
            "has to be "
            "allowed)\n");
  EXPECT_EQ(matches("files: {default: allow, create: {hold: [/new]}, rename: {deny: [/old]}}\n",
                    "rename:/old/x:/new/x"),
            "  files.create.hold: /new (the new name: names /new, 1 directory up; less strict)\n"
            "> files.rename.deny: /old (the old name: names /old, 1 directory up; the strictest of "
            "what has to be "
            "allowed)\n");
}

TEST(Explanation, AProgramOthersCanWriteIsNoMatterWhereARuleNamesItsPlace) {
  EXPECT_EQ(matches("exec: {default: allow, allow: [/srv/bin], deny: [writable]}\n",
                    "exec:writable:/srv/bin/x"),
            "> exec.allow: /srv/bin (names /srv/bin, 1 directory up; the most specific)\n"
            "  exec.deny: writable (others than root can write the program, and no rule names its "
            "place; a rule names the program's place)\n");
}

TEST(Explanation, WithoutARuleTheDefaultIsNamed) {
  const Explanation explanation = explained("network: {default: audit}\n", "connect:192.0.2.7:443");
  EXPECT_EQ(explanation.rule, "network.default");
  EXPECT_EQ(explanation.otherwise, Verdict::audit);
  EXPECT_TRUE(explanation.matches.empty());
  EXPECT_EQ(explained("network: {default: deny}\n", "connect:unix:/run/x").rule_verdict.verdict,
            Verdict::allow);
}

// What explains is what decides, and whatever decides is among what is explained.
TEST(Explanation, AgreesWithTheDecisionAndHasItsWinner) {
  std::mt19937 random(11);
  const auto one_of = [&](auto... options) {
    const std::string all[] = {options...};
    return all[random() % sizeof...(options)];
  };
  for (int round = 0; round < 200; round++) {
    std::string rules = "labels: {l: [/a/b, \"**/x\"], m: [/d]}\n";
    rules += "files: {default: " + one_of("allow", "hold", "deny");
    for (const char* access : {"read", "write", "rename"})
      rules += std::string(", ") + access + ": {" + "hold: [" +
               one_of("/a", "l", "\"**/x\"", "/d") + "], deny: [" +
               one_of("/a/b/c", "m", "\"/a/*/x\"") + "], allow: [" + one_of("/a", "/d", "/") + "]}";
    rules += "}\nflows: [{after: {read: m}, write: " + one_of("audit", "hold", "deny") + "}]\n";
    const std::string path = one_of("/a/x", "/a/b/c/x", "/d/y", "/e/x");
    const std::string operation =
        one_of("open:" + path + ":read", "open:" + path + ":readwrite", "rename:" + path + ":/d/z",
               "replace:" + path + ":/a/b/z", "delete:" + path);
    const std::vector<std::string> touched =
        random() % 2 ? std::vector<std::string>{"m"} : std::vector<std::string>{};
    const Explanation explanation = explained(rules, operation, touched);
    EXPECT_EQ(explanation.rule_verdict, judged(rules, operation, touched)) << rules << operation;
    const auto winners = std::count_if(explanation.matches.begin(), explanation.matches.end(),
                                       [](const Match& match) { return match.wins; });
    EXPECT_EQ(winners, explanation.rule_verdict.rule == 0 ? 0 : 1) << rules << operation;
    for (const Match& match : explanation.matches) EXPECT_FALSE(match.standing.empty());
  }
}

}  // namespace
}  // namespace stayd
