// SPDX-License-Identifier: Apache-2.0
#include "commands/shell.h"

#include <gtest/gtest.h>

#include <string>

namespace stayd {
namespace {

std::string shown(const Word& word) {
  std::string text;
  for (const char c : word.text) text += c == kHole ? std::string("<?>") : std::string(1, c);
  return "[" + text + (word.splits ? "..." : "") + "]";
}

std::string shown(const CommandSpan& span) {
  return std::to_string(span.first) + "-" + std::to_string(span.last);
}

// Each command in brackets, word by word, then the pipes, then what is wrong with it.
std::string split(std::string_view text, AfterTrouble after = AfterTrouble::stop) {
  const Script script = split_script(text, after);
  std::string all;
  for (const ScriptCommand& command : script.commands) {
    if (!all.empty()) all += " ; ";
    for (const Word& word : command.words) all += shown(word);
    if (command.input) all += "<<" + shown(*command.input);
  }
  for (const ScriptPipe& pipe : script.pipes) all += " " + shown(pipe.from) + "|" + shown(pipe.to);
  if (script.trouble) all += " ! " + *script.trouble;
  return all;
}

TEST(Shell, CommandsAreSeparatedByEveryOperatorAndNewline) {
  EXPECT_EQ(split("a b;c && d||e & f\ng"), "[a][b] ; [c] ; [d] ; [e] ; [f] ; [g]");
  EXPECT_EQ(split("a |\n b"), "[a] ; [b] 0-1|1-2");
  EXPECT_EQ(split("a \\\n b # c; d\ne#f"), "[a][b] ; [e#f]");
}

TEST(Shell, QuotesKeepAWordTogether) {
  EXPECT_EQ(split("git commit -m \"fix push handler\""), "[git][commit][-m][fix push handler]");
  EXPECT_EQ(split("a 'b | c' d\\ e \"f\\\"g\" h'i'\"j\"k"), "[a][b | c][d e][f\"g][hijk]");
  EXPECT_EQ(split("a $'b\\'\\n\\x41\\101' $\"c\""), "[a][b'\nAA][c]");
  EXPECT_EQ(split("a '' \"\""), "[a][][]");
}

TEST(Shell, WhatTheShellPutsInIsNotKnown) {
  EXPECT_EQ(split("a $x \"$x\" ${x:-y} $((1+2)) b$1c"),
            "[a][<?>...][<?>][<?>...][<?>...][b<?>c...]");
  EXPECT_EQ(split("a *.c [ab]x ~/b {c,d} {} [ {e}"),
            "[a][<?>.c...][<?>x...][<?>/b][<?>...][{}][[][{e}]");
  EXPECT_EQ(split("\"$HOME/bin/git\" push"), "[<?>/bin/git][push]");
  EXPECT_EQ(split("a \"$@\" '$x' \\$x"), "[a][<?>...][$x][$x]");
}

TEST(Shell, APipelineIsReadByEveryCommandAfter) {
  EXPECT_EQ(split("a | b | c"), "[a] ; [b] ; [c] 0-1|1-2 0-2|2-3");
  EXPECT_EQ(split("a; b |& c"), "[a] ; [b] ; [c] 1-2|2-3");
  EXPECT_EQ(split("(a; b) | { c; d; }"), "[a] ; [b] ; [c] ; [d] 0-2|2-4");
  EXPECT_EQ(split("a | while read x; do b; done"), "[a] ; [read][x] ; [b] 0-1|1-3");
}

TEST(Shell, SubstitutionsAreCommandsOfTheirOwn) {
  const Script script = split_script("a \"$(b c)\" `d`");
  ASSERT_EQ(script.commands.size(), 3u);
  EXPECT_EQ(script.commands[0].words[1].output_of, (std::vector<CommandSpan>{{1, 2}}));
  EXPECT_EQ(script.commands[0].words[2].output_of, (std::vector<CommandSpan>{{2, 3}}));
  EXPECT_EQ(split("a \"$(b c)\" `d`"), "[a][<?>][<?>...] ; [b][c] ; [d]");
  EXPECT_EQ(split("x=$(a) b"), "[b] ; [a]");
  EXPECT_EQ(split("a ${x:-$(b)} \"`c \\`d\\``\""), "[a][<?>...][<?>] ; [b] ; [c][<?>...] ; [d]");
}

TEST(Shell, ProcessSubstitutionsArePipes) {
  EXPECT_EQ(split("a < <(b)"), "[a] ; [b] 1-2|0-1");
  EXPECT_EQ(split("a | tee >(b)"), "[a] ; [tee][<?>] ; [b] 1-2|2-3 0-1|1-3");
  EXPECT_EQ(split_script("a <(b)").commands[0].words[1].output_of,
            (std::vector<CommandSpan>{{1, 2}}));
  EXPECT_EQ(split("while a; do b; done < <(c)"), "[a] ; [b] ; [c] 2-3|0-2");
}

TEST(Shell, RedirectionsAndAssignmentsAreNoWords) {
  EXPECT_EQ(split("A=b C+='d e' f >g 2>&1 <h 3<>i &>j k >|l"), "[f][k]");
  EXPECT_EQ(split("a=(b c) d[1]=e f=g"), "");
  EXPECT_EQ(split("a 2 >b"), "[a][2]");
  EXPECT_EQ(split("a b=c"), "[a][b=c]");
}

TEST(Shell, HereDocumentsAreInputAndNotCommands) {
  EXPECT_EQ(split("cat <<'EOF' >f\ncurl x | sh\nEOF\nb"), "[cat]<<[curl x | sh\n] ; [b]");
  EXPECT_EQ(split("a <<-E; b\n\tc $x\n\tE\nd"), "[a]<<[c <?>\n] ; [b] ; [d]");
  EXPECT_EQ(split("a <<< \"b $c\""), "[a]<<[b <?>]");
  EXPECT_EQ(split("git commit -m \"$(cat <<'EOF'\nfix ) | sh\nEOF\n)\" x"),
            "[git][commit][-m][<?>][x] ; [cat]<<[fix ) | sh\n]");
}

TEST(Shell, CompoundCommandsAreLookedInto) {
  EXPECT_EQ(split("if a; then b; elif c; then d; else e; fi; f"),
            "[a] ; [b] ; [c] ; [d] ; [e] ; [f]");
  EXPECT_EQ(split("for x in 1 $(a); do b; done"), "[a] ; [b]");
  EXPECT_EQ(split("for ((i=0; i<3; i++)); do b; done"), "[b]");
  EXPECT_EQ(split("case $x in a|b) c;; (*) d ;; esac | e"), "[c] ; [d] ; [e] 0-2|2-3");
  EXPECT_EQ(split("! a && time -p b"), "[a] ; [b]");
  EXPECT_EQ(split("f() { a; }; function g { b; }; f"), "[a] ; [b] ; [f]");
  EXPECT_EQ(split("[[ -f a && $x == (b|c)* ]] && d"), "[d]");
  EXPECT_EQ(split("((a(b))); ((c); (d)) | e"), "[c] ; [d] ; [e] 0-2|2-3");
}

TEST(Shell, AReservedWordIsOneOnlyWhereACommandBegins) {
  EXPECT_EQ(split("echo if then } done"), "[echo][if][then][}][done]");
  EXPECT_EQ(split("'if' a"), "[if][a]");
}

TEST(Shell, WhatCannotBeTakenApartIsSaidWithItsPlace) {
  EXPECT_EQ(split("a 'b"), "[a] ! a quote is not closed, at byte 3");
  EXPECT_EQ(split("a; (b"), "[a] ; [b] ! the script ends too early, at byte 6");
  EXPECT_EQ(split("a )"), "[a] ! an unexpected ')', at byte 3");
  EXPECT_EQ(split("if a; then b; done"), "[a] ; [b] ! 'fi' is missing, at byte 15");
  EXPECT_EQ(split("a ${b"), "[a] ! '}' is missing, at byte 3");
  EXPECT_EQ(split("done"), " ! an unexpected 'done', at byte 1");
}

// Shows all commands that can be read, and then what could not be taken apart.
std::string split_all(std::string_view text) { return split(text, AfterTrouble::go_on); }

TEST(Shell, WhatIsNotClosedEndsWithTheTextIfItIsToGoOn) {
  EXPECT_EQ(split_all("a 'b c"), "[a][b c] ! a quote is not closed, at byte 3");
  EXPECT_EQ(split_all("a \"b c"), "[a][b c] ! a quote is not closed, at byte 3");
  EXPECT_EQ(split_all("a $'b c"), "[a][b c] ! a quote is not closed, at byte 3");
  EXPECT_EQ(split_all("a \"$(b 'c"), "[a][<?>] ; [b][c] ! a quote is not closed, at byte 8");
  EXPECT_EQ(split_all("a `b c"), "[a][<?>...] ; [b][c] ! a quote is not closed, at byte 3");
  EXPECT_EQ(split_all("a <<X\nb c"), "[a]<<[b c]");
  EXPECT_EQ(split_all("{ a; b"), "[a] ; [b] ! the script ends too early, at byte 7");
  EXPECT_EQ(split_all("a b("), "[a][b] ! an unexpected '(', at byte 4");
  EXPECT_EQ(split_all("a \\"), "[a][] ! a backslash at the end, at byte 4");
}

TEST(Shell, ReadsOnAfterTrouble) {
  EXPECT_EQ(split_all("a ) b; done; c"), "[a] ; [b] ; [c] ! an unexpected ')', at byte 3");
  EXPECT_EQ(split_all("a(b) c"), "[a] ; [b] ; [c] ! an unexpected 'b', at byte 3");
  EXPECT_EQ(split_all("for now, a b\nc"), "[now,][a][b] ; [c] ! 'do' is missing, at byte 14");
  EXPECT_EQ(split_all("a <<X; b\n$( ) | c\nX\nd"), "[a]<<[<?> | c\n] ; [b] ; [d]");
}

TEST(Shell, SaysWhereEachByteOfAWordWasWritten) {
  const auto written = [](std::string_view text, std::size_t command, std::size_t word) {
    const Script script = split_script(text);
    std::string all;
    for (const WrittenAt& each : script.commands[command].words[word].written)
      all += "<" + std::string(text.substr(each.begin, each.end - each.begin)) + ">";
    return all;
  };
  EXPECT_EQ(written("x \"a\\\"b\"'c'\\d $e", 0, 1), "<a><\\\"><b><c><\\d>");
  EXPECT_EQ(written("x a${b}c$(d)e*", 0, 1), "<a><${b}><c><$(d)><e><*>");
  EXPECT_EQ(written("x $'a\\x41\\n'{b,c}[d]{e}~", 0, 1), "<a><\\x41><\\n><{b,c}><[d]><{><e><}><~>");
  EXPECT_EQ(written("x `a \\`b \\\\c\\``", 2, 1), "<\\c>");
}

TEST(Shell, SaysWhereADocumentWasWritten) {
  const std::string text = "a <<-E; b\n\tc $(d)\n\t\te\n\tE\nf";
  const Script script = split_script(text);
  std::string all;
  for (const WrittenAt& each : script.commands[0].input->written)
    all += "<" + text.substr(each.begin, each.end - each.begin) + ">";
  EXPECT_EQ(all, "<c>< ><$(d)><\n><e><\n>");
  EXPECT_EQ(script.commands[2].words[0].written, (std::vector<WrittenAt>{{15, 16}}));
}

TEST(Shell, AssignmentsAreApartFromWords) {
  const Script script = split_script("A=b C+='d e' f G=h");
  ASSERT_EQ(script.commands[0].assignments.size(), 2u);
  EXPECT_EQ(script.commands[0].assignments[0].text, "A=b");
  EXPECT_EQ(script.commands[0].assignments[1].text, "C+=d e");
  EXPECT_EQ(script.commands[0].assignments[1].written.size(), 6u);
  EXPECT_EQ(script.commands[0].words.size(), 2u);
}

TEST(Shell, DepthAndNumberAreBounded) {
  const auto trouble = [](const std::string& text) {
    return split_script(text).trouble.value_or("");
  };
  EXPECT_NE(trouble(std::string(100, '(')).find("nested more than 32 deep"), std::string::npos);
  std::string nested;
  for (int i = 0; i < 100; ++i) nested += "$(";
  EXPECT_NE(trouble(nested).find("nested more than 32 deep"), std::string::npos);
  std::string many;
  for (int i = 0; i < 5000; ++i) many += "a;";
  EXPECT_NE(trouble(many).find("more than 4096 commands"), std::string::npos);
}

}  // namespace
}  // namespace stayd
