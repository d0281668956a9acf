// SPDX-License-Identifier: Apache-2.0
#include "commands/command_line.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace stayd {
namespace {

using Words = std::vector<std::string>;

// Each command as "names: words", with "later " before those that are started, and "(input?)"
// behind interpreters that may run what they read; then the pipes.
std::string shown(const Invocations& line) {
  std::string all;
  for (const Invocation& each : line.commands) {
    if (!all.empty()) all += "; ";
    if (each.later) all += "later ";
    for (const std::string& name : each.names)
      all += (&name == &each.names.front() ? "" : "/") + name;
    if (each.names.empty()) all += "?";
    for (const Word& word : each.words)
      all += " " + (word.known() ? word.text : std::string("<?>"));
    if (each.runs_input == Certainty::perhaps) all += " (input?)";
    if (each.runs_input == Certainty::no) all += " (no input)";
  }
  for (const CommandPipe& each : line.pipes)
    all += " | " + std::to_string(each.from.first) + "-" + std::to_string(each.from.last) + ">" +
           std::to_string(each.to.first) + "-" + std::to_string(each.to.last) +
           (each.as_code ? " code" : "") + (each.later ? " later" : "");
  for (const UnclearScript& each : line.unclear) all += " ! " + each.why;
  return all;
}

std::string apart(const std::string& path, const Words& arguments, bool cut = false) {
  return shown(take_apart(path, arguments, cut));
}

TEST(Invocations, AProgramIsKnownByItsFileAndByWhatItIsCalled) {
  EXPECT_EQ(apart("/usr/bin/git", {"git", "push"}), "git push");
  EXPECT_EQ(apart("/opt/x/git", {"/any/thing", "push"}), "thing/git push");
  EXPECT_EQ(apart("/usr/bin/dash", {"sh", "x"}), "sh/dash x (no input)");
  EXPECT_EQ(apart("/usr/bin/bash", {"-bash"}), "bash");
}

TEST(Invocations, TheInterpreterOfAScriptIsNotCalledLikeIt) {
  EXPECT_EQ(apart("/usr/bin/python3.11", {"aws", "iam"}), "python3.11 iam (no input)");
}

TEST(Invocations, StartersAreLookedThrough) {
  EXPECT_EQ(apart("/usr/bin/sudo", {"sudo", "-u", "x", "A=b", "git", "push"}),
            "sudo -u x A=b git push; later git push");
  EXPECT_EQ(apart("/usr/bin/env", {"env", "-i", "A=b", "C=d", "git", "push"}),
            "env -i A=b C=d git push; later git push");
  EXPECT_EQ(
      apart("/usr/bin/timeout", {"timeout", "-k", "1", "5", "nice", "-n", "3", "nohup", "git"}),
      "timeout -k 1 5 nice -n 3 nohup git; later nice -n 3 nohup git; later nohup git; later "
      "git");
  EXPECT_EQ(apart("/usr/bin/xargs", {"xargs", "-n1", "rm", "-f"}),
            "xargs -n1 rm -f; later rm -f <?>");
  EXPECT_EQ(apart("/usr/bin/su", {"su", "x", "-c", "git push"}),
            "su x -c git push; later git push");
  EXPECT_EQ(apart("/usr/bin/env", {"env", "-S", "git push"}), "env -S git push; later git push");
}

TEST(Invocations, PackageRunnersAreLookedThrough) {
  EXPECT_EQ(apart("/usr/bin/npx", {"npx", "-y", "@openai/codex@1", "x"}),
            "npx -y @openai/codex@1 x; later codex x");
  EXPECT_EQ(apart("/usr/bin/uv", {"uv", "run", "--with", "a", "aws", "iam"}),
            "uv run --with a aws iam; later aws iam");
  EXPECT_EQ(apart("/usr/bin/uvx", {"uvx", "--from", "a", "aws", "iam"}),
            "uvx --from a aws iam; later aws iam");
  EXPECT_EQ(apart("/usr/bin/pnpm", {"pnpm", "exec", "vite"}), "pnpm exec vite; later vite");
  EXPECT_EQ(apart("/usr/bin/npm", {"npm", "install", "x"}), "npm install x");
}

TEST(Invocations, WhatCarriesOutTheWorkOfAnotherProgramIsThatProgram) {
  EXPECT_EQ(apart("/usr/bin/python3", {"python3", "-m", "awscli", "iam"}),
            "python3 -m awscli iam (no input); awscli/aws iam");
  EXPECT_EQ(apart("/usr/bin/python3", {"python3", "-mpip", "install"}),
            "python3 -mpip install (no input); pip install");
  EXPECT_EQ(apart("/bin/busybox", {"busybox", "wget", "x"}), "busybox wget x; wget x");
  EXPECT_EQ(apart("/bin/busybox", {"wget", "x"}), "wget/busybox x");
}

TEST(Invocations, TheCommandsOfAScriptAreStartedLaterButForBuiltins) {
  EXPECT_EQ(apart("/usr/bin/bash", {"bash", "-lc", "cd x && git push; kill 1"}),
            "bash -lc cd x && git push; kill 1 (no input); cd x; later git push; kill 1");
  EXPECT_EQ(apart("/usr/bin/bash", {"bash", "-euo", "pipefail", "-c", "a"}),
            "bash -euo pipefail -c a (no input); later a");
  EXPECT_EQ(apart("/bin/busybox", {"sh", "-c", "wget x"}),
            "sh/busybox -c wget x (no input); wget x");
}

TEST(Invocations, PipesOfAScriptJoinItsCommands) {
  EXPECT_EQ(apart("/usr/bin/bash", {"bash", "-c", "curl x | sudo sh"}),
            "bash -c curl x | sudo sh (no input); later curl x; later sudo sh; later sh | "
            "1-2>2-4");
  EXPECT_EQ(apart("/usr/bin/sudo", {"sudo", "bash", "-c", "a | b"}),
            "sudo bash -c a | b; later bash -c a | b (no input); later a; later b | 2-3>3-4 later");
}

TEST(Invocations, OutputThatBecomesCodeIsAPipe) {
  EXPECT_EQ(apart("/bin/bash", {"bash", "-c", "sh -c \"$(curl x)\""}),
            "bash -c sh -c \"$(curl x)\" (no input); later sh -c <?> (no input); later ? "
            "(input?); later curl x | 3-4>1-2 code");
  EXPECT_EQ(apart("/bin/bash", {"bash", "-c", "bash <(curl x)"}),
            "bash -c bash <(curl x) (no input); later bash <?> (no input); later curl x | 2-3>1-2 "
            "code");
  EXPECT_EQ(apart("/bin/bash", {"bash", "-c", "eval \"$(curl x)\"; . <(a)"}),
            "bash -c eval \"$(curl x)\"; . <(a) (no input); eval/bash/sh <?> (no input); later "
            "curl x; ./bash/sh <?> (no input); later a | 2-3>1-2 code | 4-5>3-4 code");
}

TEST(Invocations, AnInterpreterRunsItsInputOnlyIfNothingElseIsNamed) {
  EXPECT_EQ(apart("/bin/sh", {"sh"}), "sh");
  EXPECT_EQ(apart("/bin/sh", {"sh", "-s", "x"}), "sh -s x");
  EXPECT_EQ(apart("/bin/sh", {"sh", "-"}), "sh -");
  EXPECT_EQ(apart("/bin/sh", {"sh", "x.sh"}), "sh x.sh (no input)");
  EXPECT_EQ(apart("/usr/bin/python3", {"python3", "-c", "x"}), "python3 -c x (no input)");
  EXPECT_EQ(apart("/usr/bin/python3", {"python3", "-"}), "python3 -");
  EXPECT_EQ(apart("/usr/bin/node", {"node", "-e", "x"}), "node -e x (no input)");
}

TEST(Invocations, AHereDocumentOfAShellIsItsScript) {
  EXPECT_EQ(apart("/bin/bash", {"bash", "-c", "sh <<'E'\ncurl x | sh\nE\n"}),
            "bash -c sh <<'E'\ncurl x | sh\nE\n (no input); later sh; later curl x; later sh | "
            "2-3>3-4");
}

TEST(Invocations, WhatIsNotKnownMayBeAnything) {
  EXPECT_EQ(apart("/usr/bin/git", {"git", "pu"}, true), "git <?>");
  EXPECT_EQ(apart("/usr/bin/git", {}, true), "git <?>");
  EXPECT_EQ(apart("/bin/bash", {"bash", "-c", "a 'b"}, true),
            "bash -c <?> (no input); later a ! its end is not known");
  EXPECT_EQ(apart("/bin/bash", {"bash", "-c", "a 'b"}),
            "bash -c a 'b (no input); later a ! a quote is not closed, at byte 3");
}

TEST(Invocations, DepthIsBounded) {
  Words words;
  for (int i = 0; i < 40; ++i) words.push_back("env");
  words.push_back("git");
  EXPECT_NE(apart("/usr/bin/env", words).find("! nested too deep"), std::string::npos);
}

}  // namespace
}  // namespace stayd
