// SPDX-License-Identifier: Apache-2.0
#include "ctl/parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <map>

#include "ctl/commands.h"

namespace stayd {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Words = std::vector<std::string>;

// A table of commands for the parser alone; what it reads goes into the members.
struct Table {
  std::string id, from, to;
  std::vector<std::string> files;
  std::chrono::seconds time{0};
  std::string reason;
  std::vector<std::string> groups;

  std::vector<Command> commands() {
    const auto nothing = [](const Console&) -> int { return kExitOk; };
    return {
        {.name = "approve",
         .summary = "",
         .operands = {operand("ID", id)},
         .options = {time_option("--for", "", time), text_option("--reason", "TEXT", "", reason)},
         .run = nothing},
        {.name = "move",
         .summary = "",
         .operands = {optional_operand("FROM", from), operand("TO", to)},
         .run = nothing},
        {.name = "read",
         .summary = "",
         .operands = {any_operands("FILE", files)},
         .options = {list_option("--groups", "GROUP,GROUP", "", groups)},
         .run = nothing},
        {.name = "policy check", .summary = "", .operands = {operand("FILE", id)}, .run = nothing}};
  }
  Result<CommandLine> parse(const Words& words) { return parse_command_line(words, commands()); }
};

TEST(Parser, ACommandTakesItsOperandsAndOptionsInAnyOrder) {
  for (const Words& words : {Words{"approve", "7", "--for", "15m", "--reason", "planned"},
                             Words{"--reason=planned", "--for=15m", "approve", "7"},
                             Words{"approve", "--for", "15m", "7", "--reason=planned"}}) {
    Table table;
    Result<CommandLine> line = table.parse(words);
    ASSERT_TRUE(line) << line.error().message;
    EXPECT_EQ(line->command->name, "approve");
    EXPECT_EQ(table.id, "7");
    EXPECT_EQ(table.time, 15min);
    EXPECT_EQ(table.reason, "planned");
  }
}

TEST(Parser, ACommandMayHaveTwoWords) {
  Table table;
  Result<CommandLine> line = table.parse({"policy", "check", "x.yaml", "--json"});
  ASSERT_TRUE(line) << line.error().message;
  EXPECT_EQ(line->command->name, "policy check");
  EXPECT_EQ(table.id, "x.yaml");
  EXPECT_TRUE(line->global.json);
}

TEST(Parser, AfterTwoDashesEveryWordIsAnOperand) {
  Table table;
  Result<CommandLine> line = table.parse({"approve", "--", "--for"});
  ASSERT_TRUE(line) << line.error().message;
  EXPECT_EQ(table.id, "--for");
  EXPECT_EQ(table.time, 0s);
}

TEST(Parser, AnOptionalOperandIsFilledOnlyByAWordThatIsToSpare) {
  Table one;
  ASSERT_TRUE(one.parse({"move", "there"}));
  EXPECT_EQ(one.from + ">" + one.to, ">there");
  Table two;
  ASSERT_TRUE(two.parse({"move", "here", "there"}));
  EXPECT_EQ(two.from + ">" + two.to, "here>there");
  EXPECT_FALSE(Table().parse({"move", "a", "b", "c"}));
}

TEST(Parser, AnyNumberOfOperandsMayBeNone) {
  Table none;
  ASSERT_TRUE(none.parse({"read"}));
  EXPECT_THAT(none.files, IsEmpty());
  Table some;
  ASSERT_TRUE(some.parse({"read", "a", "b", "c", "--groups=x,y"}));
  EXPECT_THAT(some.files, ElementsAre("a", "b", "c"));
  EXPECT_THAT(some.groups, ElementsAre("x", "y"));
}

TEST(Parser, HelpAndVersionNeedNothingElse) {
  EXPECT_TRUE(Table().parse({"--help"})->global.help);
  EXPECT_TRUE(Table().parse({"-h"})->global.help);
  EXPECT_TRUE(Table().parse({"approve", "--help"})->global.help);
  EXPECT_TRUE(Table().parse({"--version"})->global.version);
  EXPECT_EQ(Table().parse({"policy", "--help"})->group, "policy");
}

struct BadLine {
  Words words;
  const char* complaint;
};

TEST(Parser, EveryMistakeIsToldWithWhatToDo) {
  const BadLine bad_lines[] = {
      {{}, "no command given; see stayctl --help"},
      {{"aprove", "7"}, "unknown command 'aprove': did you mean 'approve'?"},
      {{"statsu"}, "did you mean 'status'?"},
      {{"frobnicate"}, "unknown command 'frobnicate'; commands: status, watch, list, "},
      {{"revoke", "7"}, "unknown command 'revoke': did you mean 'grants revoke'?"},
      {{"policy"}, "'policy' needs a subcommand: check, explain, test, diff, reload"},
      {{"grants"}, "'grants' needs a subcommand: list, revoke"},
      {{"policy", "chekc", "x"}, "unknown subcommand 'chekc': did you mean 'check'?"},
      {{"teams", "steup"}, "unknown subcommand 'steup': did you mean 'setup'?"},
      {{"list", "--al"}, "unknown option '--al': did you mean '--all'?"},
      {{"deny", "7", "--raeson", "x"}, "unknown option '--raeson': did you mean '--reason'?"},
      {{"list", "--frobnicate"}, "unknown option '--frobnicate'; options: --all, --json, "},
      {{"list", "--for", "15m"}, "--for does not go with 'list'"},
      {{"deny", "7", "--for", "15m"}, "--for does not go with 'deny'"},
      {{"list", "extra"}, "unexpected 'extra' (usage: stayctl list)"},
      {{"approve"}, "missing argument: ID (usage: stayctl approve ID)"},
      {{"assign", "/a"}, "missing argument: POLICY (usage: stayctl assign WORKLOAD POLICY)"},
      {{"assign"}, "missing arguments: WORKLOAD, POLICY (usage: "},
      {{"deny"}, "missing argument: ID (usage: stayctl deny ID --reason TEXT)"},
      {{"deny", "7"}, "missing option: --reason TEXT (usage: stayctl deny ID --reason TEXT)"},
      {{"break-glass", "--reason", "fire"}, "missing options: --workload WORKLOAD, --for TIME ("},
      {{"put-off", "7"}, "missing option: --for TIME (usage: stayctl put-off ID --for TIME)"},
      {{"approve", "7", "--reason"}, "--reason needs a value: --reason TEXT"},
      {{"approve", "7", "--for", "15"}, "--for: '15' is not a duration such as 90s"},
      {{"approve", "7", "--for=1m", "--for=2m"}, "--for is given twice"},
      {{"approve", "7", "--uses", "0"}, "--uses: '0' is not a number of uses"},
      {{"approve", "7", "--scope", "all"},
       "--scope: 'all' is not once, process, workload, directory, host or rule"},
      {{"approve", "seven"}, "'seven' is not the id of a ticket; see: stayctl list"},
      {{"list", "--all=yes"}, "--all takes no value"},
      {{"list", "--socket="}, "--socket: the value is empty"},
      {{"ap\x1b[2J"}, "unknown command 'ap\\x1b[2J'"},
  };
  const std::vector<Command> all = commands();
  for (const BadLine& bad : bad_lines) {
    Result<CommandLine> line = parse_command_line(bad.words, all);
    ASSERT_FALSE(line) << bad.complaint;
    EXPECT_THAT(line.error().message, HasSubstr(bad.complaint));
    EXPECT_FALSE(line.error().message.ends_with(' '));
  }
}

TEST(Parser, AnOptionTakesAValueInAllCommandsThatHaveItOrInNone) {
  std::map<std::string, bool> takes_value;
  for (const Command& command : commands())
    for (const Option& option : command.options) {
      const auto [known, is_new] = takes_value.emplace(option.name, !option.value.empty());
      EXPECT_EQ(known->second, !option.value.empty()) << command.name << " " << option.name;
    }
}

}  // namespace
}  // namespace stayd
