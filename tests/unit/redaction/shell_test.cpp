// SPDX-License-Identifier: Apache-2.0
#include "redaction/shell.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace stayd::redaction {
namespace {

using testing::ElementsAre;

using Lines = std::vector<std::vector<std::string>>;

Lines words_of(std::string_view text) {
  Lines result;
  for (const ShellCommand& command : split_shell(text)) {
    result.emplace_back();
    for (const ShellWord& word : command.words) result.back().push_back(word.text);
  }
  return result;
}

TEST(Shell, TakesQuotesAndBackslashesAway) {
  EXPECT_THAT(words_of(R"(a 'b c' "d \" e" f\ g h'i'"j" '' $'k\'l')"),
              ElementsAre(ElementsAre("a", "b c", "d \" e", "f g", "hij", "", "k\\'l")));
}

TEST(Shell, EndsCommandsAtOperators) {
  EXPECT_THAT(words_of("a; b && c || d | e & (f)\ng"),
              ElementsAre(ElementsAre("a"), ElementsAre("b"), ElementsAre("c"), ElementsAre("d"),
                          ElementsAre("e"), ElementsAre("f"), ElementsAre("g")));
}

TEST(Shell, ReadsSubstitutionsAsCommandsOfTheirOwn) {
  EXPECT_THAT(words_of("a $(b c) d"),
              ElementsAre(ElementsAre("a", "$()", "d"), ElementsAre("b", "c")));
  EXPECT_THAT(words_of("a `b c` d"),
              ElementsAre(ElementsAre("a", "``", "d"), ElementsAre("b", "c")));
  EXPECT_THAT(words_of("a x$(b $(c))y"),
              ElementsAre(ElementsAre("a", "x$()y"), ElementsAre("b", "$()"), ElementsAre("c")));
  EXPECT_THAT(words_of(R"re(a "$(b "c d")" e)re"), ElementsAre(ElementsAre("a", R"($(b "c d"))", "e")));
}

TEST(Shell, KnowsWhatACommandReads) {
  const std::vector<ShellCommand> commands = split_shell("echo x | a 2>&1 >f <<< here; b");
  ASSERT_EQ(commands.size(), 3U);
  EXPECT_EQ(commands[1].pipe, 0U);
  EXPECT_FALSE(commands[0].pipe);
  EXPECT_FALSE(commands[2].pipe);
  const auto& words = commands[1].words;
  ASSERT_EQ(words.size(), 4U);
  EXPECT_EQ(words[1].role, ShellWord::Role::target);
  EXPECT_EQ(words[2].text, "f");
  EXPECT_EQ(words[3].text, "here");
  EXPECT_EQ(words[3].role, ShellWord::Role::input);
}

TEST(Shell, KnowsDocuments) {
  const std::string text = "a <<EOF b; c <<-'X'\none\nEOF\n\ttwo\n\tX\nd";
  const std::vector<ShellCommand> commands = split_shell(text);
  ASSERT_EQ(commands.size(), 3U);
  EXPECT_EQ(commands[0].words.size(), 2U);
  ASSERT_EQ(commands[0].documents.size(), 1U);
  EXPECT_EQ(commands[0].documents[0].of(text), "one\n");
  ASSERT_EQ(commands[1].documents.size(), 1U);
  EXPECT_EQ(commands[1].documents[0].of(text), "\ttwo\n");
  EXPECT_EQ(commands[2].words[0].text, "d");
}

TEST(Shell, KnowsWhereEachByteCameFrom) {
  const std::string text = R"(x "a\"b"'c' y)";
  const std::vector<ShellCommand> commands = split_shell(text);
  const ShellWord& word = commands[0].words[1];
  EXPECT_EQ(word.text, "a\"bc");
  EXPECT_EQ(word.in_line({0, 4}).of(text), R"(a\"b"'c)");
  EXPECT_EQ(word.in_line({3, 4}).of(text), "c");
}

TEST(Shell, TakesWhatNobodyClosedToTheEnd) {
  for (const std::string text :
       {"a 'b c", "a \"b c", "a $(b c", "a `b c", "a ${b c", "a <<X\nb c", "a \\", "a <<", "a $'",
        "a \"$(b", "((", "))", "a <(b", "`", "$(", "|", "<<<"})
    (void)split_shell(text);
  EXPECT_THAT(words_of("a 'b c"), ElementsAre(ElementsAre("a", "b c")));
}

}  // namespace
}  // namespace stayd::redaction
