// SPDX-License-Identifier: Apache-2.0
#include "ctl/help.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "base/json.h"
#include "ctl/commands.h"

namespace stayd {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using Words = std::vector<std::string>;

struct Said {
  int code;
  std::string out, err;
};

Said run(const Words& words) {
  std::ostringstream out;
  std::ostringstream err;
  const int code = run_stayctl(words, {out, err});
  return {code, out.str(), err.str()};
}

void expect_fits_a_terminal(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 100u) << line;
    EXPECT_FALSE(line.ends_with(' ')) << line;
  }
}

TEST(Commands, HelpNamesEveryCommandAndFitsATerminal) {
  const std::string text = help(commands());
  for (const Command& command : commands()) EXPECT_THAT(text, HasSubstr("\n  " + command.name));
  expect_fits_a_terminal(text);
}

TEST(Commands, TheHelpOfACommandNamesEachOfItsOptionsAndFitsATerminal) {
  for (const Command& command : commands()) {
    const std::string text = help(command);
    for (const Option& option : command.options) EXPECT_THAT(text, HasSubstr("  " + option.name));
    expect_fits_a_terminal(text);
  }
}

TEST(Commands, HelpShowsWhatIsRequired) {
  const Said deny = run({"deny", "--help"});
  EXPECT_EQ(deny.code, kExitOk);
  EXPECT_THAT(deny.out, HasSubstr("Usage: stayctl deny ID --reason TEXT\n"));
  EXPECT_THAT(deny.out, MatchesRegex(".*--reason TEXT  +why;[^\n]*\\(required\\)\n.*"));
  const Said all = run({"--help"});
  EXPECT_THAT(all.out, HasSubstr("\n  deny ID --reason TEXT "));
  EXPECT_THAT(all.out, HasSubstr("\n  list [--all] "));
  EXPECT_THAT(all.out, HasSubstr("Exit status: 0 success, 1 failure, 2 usage error.\n"));
}

TEST(Commands, HelpForAWordShowsTheCommandsThatBeginWithIt) {
  const Said grants = run({"grants", "--help"});
  EXPECT_EQ(grants.code, kExitOk);
  EXPECT_THAT(grants.out, HasSubstr("Usage: stayctl grants SUBCOMMAND\n"));
  EXPECT_THAT(grants.out, HasSubstr("\n  grants revoke ID "));
  EXPECT_THAT(grants.out, Not(HasSubstr("\n  list")));
}

TEST(Commands, AMistakeIsExitCode2AndOneLine) {
  const Said said = run({"aprove", "7"});
  EXPECT_EQ(said.code, kExitUsage);
  EXPECT_EQ(said.out, "");
  EXPECT_THAT(said.err, MatchesRegex("stayctl: [^\n]*\n"));
}

TEST(Commands, WithJsonAMistakeIsOneJsonObjectOnStandardError) {
  for (const Words& words : {Words{"aprove", "7", "--json"}, Words{"--json", "deny", "7"},
                             Words{"--json"}, Words{"list", "--frob", "--json"}}) {
    const Said said = run(words);
    EXPECT_EQ(said.code, kExitUsage);
    EXPECT_EQ(said.out, "");
    const auto error = parse_json(said.err);
    ASSERT_TRUE(error) << said.err;
    EXPECT_NE(error->value("error", ""), "");
  }
  EXPECT_THAT(run({"release", "a", "b", "--", "--json"}).err, HasSubstr("stayctl: unexpected"))
      << "an operand is no option";
}

TEST(Commands, WithJsonAFailureIsOneJsonObjectOnStandardError) {
  const Said said = run({"--socket=/nonexistent", "--json", "list"});
  EXPECT_EQ(said.code, kExitFailure);
  EXPECT_EQ(said.out, "");
  const auto error = parse_json(said.err);
  ASSERT_TRUE(error) << said.err;
  EXPECT_THAT(error->value("error", ""), HasSubstr("cannot reach stayd at /nonexistent"));
}

TEST(Commands, TheSocketComesFromTheOptionElseTheEnvironmentElseTheDefault) {
  ::unsetenv("STAYD_SOCKET");
  EXPECT_THAT(run({"list"}).err, HasSubstr(" at /run/stayd/stayd.sock: "));
  ::setenv("STAYD_SOCKET", "/a", 1);
  EXPECT_THAT(run({"list"}).err, HasSubstr(" at /a: "));
  EXPECT_THAT(run({"list", "--socket", "/b"}).err, HasSubstr(" at /b: "));
  ::unsetenv("STAYD_SOCKET");
}

}  // namespace
}  // namespace stayd
