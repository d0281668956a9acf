// SPDX-License-Identifier: Apache-2.0
#include "channels/terminal/text.h"

#include <gtest/gtest.h>

namespace stayd::terminal {
namespace {

TEST(TerminalText, ControlsAndForeignBytesAreRefused) {
  EXPECT_EQ(printable("a\x1b[2Jb\n\xc3\xa9\x7f\x9b"), "a?[2Jb?????");
}

TEST(TerminalText, ClippingKeepsBothEnds) {
  EXPECT_EQ(clip("/srv/customers/list.csv", 14), "/srv..list.csv");
  EXPECT_EQ(clip("short", 5), "short");
  EXPECT_EQ(clip("longer", 3), "lon");
  EXPECT_EQ(fit("ab", 4), "ab  ");
  EXPECT_EQ(fit("abcdefgh", 6), "a..fgh");
  EXPECT_EQ(fit("abc", 0), "");
}

TEST(TerminalText, WrappingLosesNothing) {
  const std::string text = "run git push --force origin main and then wait for it";
  for (std::size_t width = 1; width < 60; ++width) {
    std::string joined;
    for (const std::string& line : wrap(text, width)) {
      EXPECT_LE(line.size(), width);
      joined += line;
    }
    EXPECT_EQ(joined, text);
  }
  EXPECT_EQ(wrap("", 10), std::vector<std::string>{""});
}

TEST(TerminalText, ColourIsOurOwnOrNone) {
  EXPECT_EQ(styled("x", Tone::bad, false), "x");
  EXPECT_EQ(styled("x", Tone::bad, true), "\x1b[31mx\x1b[0m");
}

}  // namespace
}  // namespace stayd::terminal
