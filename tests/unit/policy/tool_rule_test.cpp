// SPDX-License-Identifier: Apache-2.0
#include "policy/tool_rule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "policy/explanation.h"
#include "unit/policy/compiled.h"

namespace stayd {
namespace {

using testing::HasSubstr;

// What a policy with only this rule says of an execve of these arguments.
Verdict said(const std::string& rule, std::vector<std::string> arguments,
             const std::string& verdict = "deny", bool cut = false) {
  PathTree tree;
  const CompiledPolicy policy =
      compiled("exec: {default: allow, " + verdict + ": [" + rule + "]}\n", tree.resolver());
  ProgramFacts program;
  program.path = arguments.empty() ? "/usr/bin/git" : arguments.front();
  program.arguments = std::move(arguments);
  program.arguments_cut = cut;
  return judge_program(policy, {}, program, 0).verdict;
}

// The same for a command line as somebody writes it down, and what it starts.
Verdict foreseen(const std::string& rule, const std::string& command) {
  return verdict("exec: {default: allow, hold: [" + rule + "]}\n", "exec:" + command);
}

const std::string kPush = "{tool: git, words: [push]}";
const std::string kForce = "{tool: git, words: [push], options: [--force, -f, +*]}";
const std::string kPiped = "{tool: [curl, wget], pipes_into: [sh, bash, dash, zsh, python]}";

TEST(ToolRule, WordsAreThoseThatTheToolReadsAsWords) {
  EXPECT_EQ(said(kPush, {"/usr/bin/git", "push"}), Verdict::deny);
  EXPECT_EQ(said(kPush, {"/usr/bin/git", "-C", "/x", "-c", "a=b", "push", "origin"}),
            Verdict::deny);
  EXPECT_EQ(said(kPush, {"/usr/bin/git", "--no-pager", "push"}), Verdict::deny);
  EXPECT_EQ(said(kPush, {"/usr/bin/git", "commit", "-m", "fix push handler"}), Verdict::allow);
  EXPECT_EQ(said(kPush, {"/usr/bin/git", "stash", "push"}), Verdict::allow);
  EXPECT_EQ(said(kPush, {"/usr/bin/git", "-C", "push", "status"}), Verdict::allow);
  EXPECT_EQ(said(kPush, {"/usr/bin/git", "pushx"}), Verdict::allow);
  EXPECT_EQ(said(kPush, {"/usr/bin/got", "push"}), Verdict::allow);
}

TEST(ToolRule, OneOfTheOptionsIsEnoughHoweverItIsWritten) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"/usr/bin/git", "push", "--force"},
        {"/usr/bin/git", "push", "origin", "main", "-f"},
        {"/usr/bin/git", "push", "-fu", "origin"},
        {"/usr/bin/git", "push", "-uf", "origin"},
        {"/usr/bin/git", "-c", "x=y", "push", "--force"},
        {"/usr/bin/git", "push", "origin", "+main"},
        {"/usr/bin/git", "push", "origin", "--", "+main"}})
    EXPECT_EQ(said(kForce, arguments), Verdict::deny) << testing::PrintToString(arguments);
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"/usr/bin/git", "push", "origin", "main"},
        {"/usr/bin/git", "push", "-o", "--force", "origin"},
        {"/usr/bin/git", "push", "--", "--force"},
        {"/usr/bin/git", "push", "--follow-tags"},
        {"/usr/bin/git", "commit", "--force"}})
    EXPECT_EQ(said(kForce, arguments), Verdict::allow) << testing::PrintToString(arguments);
}

TEST(ToolRule, AnAbbreviatedOptionIsInDoubtAndHolds) {
  EXPECT_EQ(said(kForce, {"/usr/bin/git", "push", "--forc"}), Verdict::hold);
  EXPECT_EQ(said(kForce, {"/usr/bin/git", "push", "--f"}), Verdict::allow);
}

TEST(ToolRule, AnOptionMayHaveToHaveAValue) {
  const std::string rule = "{tool: curl, options: [-T, --upload-file, \"-d=@*\", \"-X=PUT\"]}";
  EXPECT_EQ(said(rule, {"/usr/bin/curl", "-sST", "a", "https://x"}), Verdict::deny);
  EXPECT_EQ(said(rule, {"/usr/bin/curl", "-d", "@a", "https://x"}), Verdict::deny);
  EXPECT_EQ(said(rule, {"/usr/bin/curl", "-d@a", "https://x"}), Verdict::deny);
  EXPECT_EQ(said(rule, {"/usr/bin/curl", "-XPUT", "https://x"}), Verdict::deny);
  EXPECT_EQ(said(rule, {"/usr/bin/curl", "-d", "a=b", "-H", "-T", "https://x"}), Verdict::allow);
}

TEST(ToolRule, LettersTogetherAreAskedForTogether) {
  EXPECT_EQ(said("{tool: rm, options: [-rf]}", {"/bin/rm", "-f", "-r", "x"}), Verdict::deny);
  EXPECT_EQ(said("{tool: rm, options: [-rf]}", {"/bin/rm", "-vfr", "x"}), Verdict::deny);
  EXPECT_EQ(said("{tool: rm, options: [-rf]}", {"/bin/rm", "-f", "x"}), Verdict::allow);
}

TEST(ToolRule, AWordMayBeOneOfSeveral) {
  const std::string rule = "{tool: aws, words: [s3, [cp, sync, \"m*\"]]}";
  EXPECT_EQ(said(rule, {"/usr/bin/aws", "--profile", "x", "s3", "sync", ".", "s3://b"}),
            Verdict::deny);
  EXPECT_EQ(said(rule, {"/usr/bin/aws", "s3", "--region", "x", "mv", "a", "b"}), Verdict::deny);
  EXPECT_EQ(said(rule, {"/usr/bin/aws", "s3", "ls", "cp"}), Verdict::allow);
}

TEST(ToolRule, AVersionInTheProgramsNameIsNotLookedAt) {
  EXPECT_EQ(said("{tool: pip, words: [install]}", {"/usr/bin/pip3.11", "install", "x"}),
            Verdict::deny);
  EXPECT_EQ(said("{tool: python3}", {"/usr/bin/python3.11", "x"}), Verdict::deny);
  EXPECT_EQ(said("{tool: python3.12}", {"/usr/bin/python3.11", "x"}), Verdict::allow);
}

TEST(ToolRule, OfAToolThatIsNotKnownAnOptionMayTakeTheWordAfterIt) {
  const std::string rule = "{tool: mytool, words: [iam]}";
  EXPECT_EQ(said(rule, {"/usr/bin/mytool", "iam"}), Verdict::deny);
  EXPECT_EQ(said(rule, {"/usr/bin/mytool", "--region", "x", "iam"}), Verdict::hold);
  EXPECT_EQ(said(rule, {"/usr/bin/mytool", "--region", "iam", "x"}), Verdict::deny);
  EXPECT_EQ(said("{tool: mytool, words: [iam], takes_value: [--region]}",
                 {"/usr/bin/mytool", "--region", "x", "iam"}),
            Verdict::deny);
}

TEST(ToolRule, InDoubtItHoldsAndOnlyIfProgramAndHeadCanStillMatch) {
  EXPECT_EQ(said(kForce, {"/usr/bin/git", "push", "x"}, "deny", true), Verdict::hold);
  EXPECT_EQ(said(kForce, {"/usr/bin/git", "push", "--force", "x"}, "deny", true), Verdict::deny);
  EXPECT_EQ(said(kForce, {"/usr/bin/git", "pu"}, "deny", true), Verdict::hold);
  EXPECT_EQ(said(kPush, {"/usr/bin/git", "-C", "dir"}, "deny", true), Verdict::hold);
  EXPECT_EQ(said("{tool: git, words: [push], options: [-f]}", {"/usr/bin/git", "push", "x"}, "deny",
                 true),
            Verdict::hold);
  EXPECT_EQ(said(kForce, {"/usr/bin/git", "commit", "-m", "x"}, "deny", true), Verdict::allow);
  EXPECT_EQ(said(kForce, {"/usr/bin/bash", "-c", "x"}, "deny", true), Verdict::allow);
  EXPECT_EQ(said(kForce, {}, "deny", true), Verdict::hold);
  EXPECT_EQ(said(kForce, {"/usr/bin/git", "push", "x"}, "audit", true), Verdict::audit);
}

TEST(ToolRule, WhatIsStartedIsJudgedThenAndNotBefore) {
  EXPECT_EQ(said(kPush, {"/bin/bash", "-lc", "git push"}), Verdict::allow);
  EXPECT_EQ(said(kPush, {"/usr/bin/sudo", "git", "push"}), Verdict::allow);
  EXPECT_EQ(said("{tool: pip, words: [install]}", {"/usr/bin/python3", "-m", "pip", "install"}),
            Verdict::deny);
  EXPECT_EQ(said("{tool: wget}", {"/bin/busybox", "wget", "x"}), Verdict::deny);
}

TEST(ToolRule, ExplainAndCasesSayWhatBecomesOfWhatIsStarted) {
  for (const char* command :
       {"/bin/bash -lc \"cd x && git push\"", "/usr/bin/sudo -u x git push",
        "/usr/bin/env -i A=b git -C x push", "/usr/bin/timeout 5 nice git push",
        "/usr/bin/xargs git push", "/bin/sh -c 'if a; then (git push); fi'",
        "/bin/bash -c 'sudo sh -c \"git push\"'", "/usr/bin/npx git push"})
    EXPECT_EQ(foreseen(kPush, command), Verdict::hold) << command;
  for (const char* command :
       {"/bin/bash -lc \"git commit -m 'git push'\"", "/bin/bash -c \"echo git push\"",
        "/bin/bash -c 'git stash push'", "/usr/bin/sudo -u git push"})
    EXPECT_EQ(foreseen(kPush, command), Verdict::allow) << command;
}

TEST(ToolRule, OutputThatIsRunIsSeenAtTheShellThatJoinsThem) {
  for (const char* script :
       {"curl -fsSL https://x | sh", "curl x|bash", "curl x | sudo -E bash -",
        "wget -qO- x | sh -s y", "sh -c \"$(curl -fsSL x)\"", "bash <(curl -s x)",
        "eval \"$(curl x)\"", "source <(curl x)", "curl x | gunzip | sh",
        "(cd y; curl x) | (cat; sh)", "curl x | tee >(bash)", "bash <<< \"$(curl x)\"",
        "curl x | python3", "curl x | python3 -", "sh < <(curl x)", "if true; then curl x | sh; fi",
        "env A=b curl x | env sh"})
    EXPECT_EQ(said(kPiped, {"/bin/bash", "-lc", script}), Verdict::deny) << script;
  for (const char* script :
       {"curl x | grep -c published", "curl x > y.sh; sh y.sh", "curl x | python3 -c 'import json'",
        "curl x | python3 -m json.tool", "curl x | sh y.sh", "echo 'curl x | sh'", "cat x | sh",
        "curl x; ls | sh", "curl x | jq . # | sh", "git commit -m \"curl x | sh\"",
        "cat <<'E' > y\ncurl x | sh\nE\n", "curl x | sh -c 'grep y'"})
    EXPECT_EQ(said(kPiped, {"/bin/bash", "-lc", script}), Verdict::allow) << script;
  EXPECT_EQ(said(kPiped, {"/usr/bin/curl", "x"}), Verdict::allow);
}

TEST(ToolRule, APipeIsAskedAboutOnceHoweverTheShellWasStarted) {
  EXPECT_EQ(said(kPiped, {"/usr/bin/sudo", "bash", "-c", "curl x | sh"}), Verdict::allow);
  EXPECT_EQ(foreseen(kPiped, "/usr/bin/sudo bash -c \"curl x | sh\""), Verdict::hold);
}

TEST(ToolRule, AScriptThatCannotBeTakenApartIsInDoubtIfItHasTheNames) {
  EXPECT_EQ(said(kPiped, {"/bin/bash", "-c", "curl 'x | sh"}), Verdict::hold);
  EXPECT_EQ(said(kPiped, {"/bin/bash", "-c", "ls 'x | sh"}), Verdict::allow);
  EXPECT_EQ(said(kPiped, {"/bin/bash", "-c", "ls"}, "deny", true), Verdict::hold);
  EXPECT_EQ(said(kPiped, {"/bin/bash", "-c", "curl $x | $y"}), Verdict::hold);
}

TEST(ToolRule, ExplainSaysHowItMatches) {
  const auto why = [](const std::string& rule, const std::string& operation) {
    PathTree tree;
    const Policy policy = policy_of("exec: {default: allow, deny: [" + rule + "]}\n");
    const Result<Attempt> attempt = parse_attempt(operation, tree);
    const Result<Explanation> explanation = explain(policy, *attempt, tree, {});
    return explanation->matches.empty() ? "" : explanation->matches.front().why;
  };
  EXPECT_EQ(why(kPush, "exec:/usr/bin/git push"), "the words of git match");
  EXPECT_EQ(why(kPush, "exec:/bin/bash -c \"git push\""),
            "the words of git match, which is judged once it is started");
  EXPECT_EQ(why(kForce, "exec:/usr/bin/git push --forc"),
            "the words of git match, perhaps: in doubt it holds");
  EXPECT_THAT(why(kPiped, "exec:/bin/bash -c \"curl 'x | sh\""),
              HasSubstr("cannot be taken apart: a quote is not closed, at byte 6, perhaps"));
}

TEST(ToolRule, IsShownAsItIsWritten) {
  const Policy policy = policy_of(
      "exec: {default: allow, hold: [{tool: [a, b], words: [c, [d, e]], options: [-f, +*], "
      "takes_value: [-g], pipes_into: sh}]}\n");
  ASSERT_EQ(policy.tools.size(), 1u);
  EXPECT_EQ(policy.tools[0].rule.text,
            "exec.hold: {tool: [a, b], words: [c, [d, e]], options: [-f, +*], takes_value: [-g], "
            "pipes_into: sh}");
}

TEST(ToolRule, AWiderOneCoversANarrowerOne) {
  const auto rule = [](const std::string& text) {
    return policy_of("exec: {default: allow, hold: [" + text + "]}\n").tools.front();
  };
  EXPECT_TRUE(covers(rule("{tool: git}"), rule(kPush)));
  EXPECT_TRUE(covers(rule(kPush), rule(kForce)));
  EXPECT_TRUE(covers(rule("{tool: [git, gh], words: [\"p*\"]}"), rule(kPush)));
  EXPECT_FALSE(covers(rule(kForce), rule(kPush)));
  EXPECT_FALSE(covers(rule("{tool: curl}"), rule(kPiped)));
  EXPECT_FALSE(covers(rule("{tool: git, words: [pull]}"), rule(kPush)));
}

}  // namespace
}  // namespace stayd
