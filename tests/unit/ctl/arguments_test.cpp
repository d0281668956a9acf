// SPDX-License-Identifier: Apache-2.0
#include "ctl/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <sstream>

#include "ctl/commands.h"

namespace stayd {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using Words = std::vector<std::string>;

TEST(Arguments, ACommandTakesItsOperandsAndOptionsInAnyOrder) {
  for (const Words& words : {Words{"approve", "7", "--for", "15m", "--reason", "planned"},
                             Words{"--reason=planned", "--for=15m", "approve", "7"},
                             Words{"approve", "--for", "15m", "7", "--reason=planned"}}) {
    Result<Arguments> arguments = parse_arguments(words);
    ASSERT_TRUE(arguments) << arguments.error().message;
    EXPECT_EQ(arguments->command->name, "approve");
    EXPECT_THAT(arguments->operands, ElementsAre("7"));
    EXPECT_EQ(arguments->grant_for, 15min);
    EXPECT_EQ(arguments->reason, "planned");
  }
}

TEST(Arguments, ACommandMayHaveTwoWords) {
  Result<Arguments> arguments = parse_arguments(Words{"policy", "check", "x.yaml", "--json"});
  ASSERT_TRUE(arguments) << arguments.error().message;
  EXPECT_EQ(arguments->command->name, "policy check");
  EXPECT_THAT(arguments->operands, ElementsAre("x.yaml"));
  EXPECT_TRUE(arguments->json);
}

TEST(Arguments, AfterTwoDashesEverythingIsAnOperand) {
  Result<Arguments> arguments = parse_arguments(Words{"release", "--", "--all"});
  ASSERT_TRUE(arguments) << arguments.error().message;
  EXPECT_THAT(arguments->operands, ElementsAre("--all"));
}

TEST(Arguments, TheSocketComesFromTheOptionElseTheEnvironmentElseTheDefault) {
  ::unsetenv("STAYD_SOCKET");
  EXPECT_EQ(parse_arguments(Words{"list"})->socket_path, "/run/stayd/stayd.sock");
  ::setenv("STAYD_SOCKET", "/a", 1);
  EXPECT_EQ(parse_arguments(Words{"list"})->socket_path, "/a");
  EXPECT_EQ(parse_arguments(Words{"list", "--socket", "/b"})->socket_path, "/b");
  ::unsetenv("STAYD_SOCKET");
}

TEST(Arguments, HelpAndVersionNeedNothingElse) {
  EXPECT_TRUE(parse_arguments(Words{"--help"})->help);
  EXPECT_TRUE(parse_arguments(Words{"-h"})->help);
  EXPECT_TRUE(parse_arguments(Words{"approve", "--help"})->help);
  EXPECT_TRUE(parse_arguments(Words{"--version"})->version);
}

struct BadLine {
  Words words;
  const char* complaint;
};

TEST(Arguments, EveryMistakeIsToldWithWhatToDo) {
  const BadLine bad_lines[] = {
      {{}, "see: stayctl --help"},
      {{"aprove", "7"}, "unknown command 'aprove': did you mean 'approve'?"},
      {{"statsu"}, "did you mean 'status'?"},
      {{"policy"}, "'policy' needs more: stayctl policy check FILE"},
      {{"policy", "chekc", "x"}, "'policy' needs more"},
      {{"list", "--al"}, "unknown option '--al': did you mean '--all'?"},
      {{"list", "--for", "15m"}, "--for does not go with 'list'"},
      {{"deny", "7", "--for", "15m"}, "--for does not go with 'deny'"},
      {{"list", "extra"}, "unexpected 'extra' (usage: stayctl list)"},
      {{"approve"}, "something is missing (usage: stayctl approve ID)"},
      {{"assign", "/a"}, "something is missing (usage: stayctl assign WORKLOAD POLICY)"},
      {{"approve", "7", "--reason"}, "--reason needs a value: --reason TEXT"},
      {{"approve", "7", "--for", "15"}, "--for: '15' is not a duration such as 90s"},
      {{"approve", "7", "--for=1m", "--for=2m"}, "--for is given twice"},
      {{"list", "--all=yes"}, "--all takes no value"},
      {{"list", "--socket="}, "--socket: a path is empty"},
      {{"ap\x1b[2J"}, "unknown command 'ap\\x1b[2J'"},
  };
  for (const BadLine& bad : bad_lines) {
    Result<Arguments> arguments = parse_arguments(bad.words);
    ASSERT_FALSE(arguments) << bad.complaint;
    EXPECT_THAT(arguments.error().message, HasSubstr(bad.complaint));
  }
}

TEST(Commands, HelpNamesEveryCommandAndFitsATerminal) {
  const std::string text = help();
  for (const Command& command : commands()) EXPECT_THAT(text, HasSubstr(command.name));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100u) << line;
}

TEST(Commands, AMistakeIsExitCode2AndOneLine) {
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(run_stayctl(Words{"aprove", "7"}, {out, err}), kExitUsage);
  EXPECT_EQ(out.str(), "");
  EXPECT_THAT(err.str(), testing::MatchesRegex("stayctl: [^\n]*\n"));
}

}  // namespace
}  // namespace stayd
