// SPDX-License-Identifier: Apache-2.0
#include "channels/terminal/keys.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace stayd::terminal {
namespace {

std::string read(std::string_view bytes) {
  std::string text;
  for (const Key& key : keys_of(bytes)) {
    switch (key.kind) {
      case Key::Kind::character:
        text += key.character;
        break;
      case Key::Kind::up:
        text += "<up>";
        break;
      case Key::Kind::down:
        text += "<down>";
        break;
      case Key::Kind::enter:
        text += "<enter>";
        break;
      case Key::Kind::escape:
        text += "<escape>";
        break;
      case Key::Kind::backspace:
        text += "<backspace>";
        break;
    }
  }
  return text;
}

TEST(Keys, ArrowsInBothModesOfTheTerminal) {
  EXPECT_EQ(read("\x1b[A\x1b[B\x1bOA\x1bOB"), "<up><down><up><down>");
}

TEST(Keys, ALoneEscapeIsTheEscapeKey) {
  EXPECT_EQ(read("\x1b"), "<escape>");
  EXPECT_EQ(read("\x1bq"), "<escape>q");
}

TEST(Keys, OtherSequencesAndControlsAreSkippedWhole) {
  EXPECT_EQ(read("\x1b[1;5A\x1b[5~x\x1b[200~\x03\x01"), "x");
  EXPECT_EQ(read("\x1b["), "");
}

TEST(Keys, TypingIsUnderstood) {
  EXPECT_EQ(read("no\x7f\b\r\n"), "no<backspace><backspace><enter><enter>");
  EXPECT_EQ(read("\xc3\xbc"), "\xc3\xbc");
}

TEST(Keys, AnyBytesAreRead) {
  std::mt19937 random(1);
  for (int round = 0; round < 20000; ++round) {
    std::string bytes;
    for (std::size_t i = random() % 12; i > 0; --i) {
      bytes += random() % 3 == 0 ? "\x1b[O;~"[random() % 5] : static_cast<char>(random());
    }
    EXPECT_LE(keys_of(bytes).size(), bytes.size());
  }
}

}  // namespace
}  // namespace stayd::terminal
