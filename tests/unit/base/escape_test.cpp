// SPDX-License-Identifier: Apache-2.0
#include "base/escape.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <random>
#include <string>

namespace stayd {
namespace {

std::string utf8(unsigned long value) {
  std::string out;
  const auto add = [&out](unsigned long byte) { out += static_cast<char>(byte); };
  if (value < 0x80) {
    add(value);
  } else if (value < 0x800) {
    add(0xc0 | value >> 6), add(0x80 | (value & 0x3f));
  } else if (value < 0x10000) {
    add(0xe0 | value >> 12), add(0x80 | (value >> 6 & 0x3f)), add(0x80 | (value & 0x3f));
  } else {
    add(0xf0 | value >> 18), add(0x80 | (value >> 12 & 0x3f));
    add(0x80 | (value >> 6 & 0x3f)), add(0x80 | (value & 0x3f));
  }
  return out;
}

struct Unescaped {
  std::string head;
  std::optional<std::size_t> left_out;
  std::string tail;
};

// The inverse of escape().
Unescaped unescape_parts(const std::string& text) {
  Unescaped result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string& out = result.left_out ? result.tail : result.head;
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    switch (text.at(++i)) {
      case '\\':
        out += '\\';
        break;
      case 'n':
        out += '\n';
        break;
      case 'r':
        out += '\r';
        break;
      case 't':
        out += '\t';
        break;
      case 'x':
        out += static_cast<char>(std::stoul(text.substr(i + 1, 2), nullptr, 16));
        i += 2;
        break;
      case 'u': {
        const std::size_t end = text.find('}', i);
        out += utf8(std::stoul(text.substr(i + 2, end - i - 2), nullptr, 16));
        i = end;
        break;
      }
      case '[':
        EXPECT_FALSE(result.left_out) << text;
        result.left_out = std::stoul(text.substr(i + 1));
        i = text.find(']', i);
        break;
      default:
        ADD_FAILURE() << "unknown escape in " << text;
    }
  }
  return result;
}

std::string inverse(const std::string& text) {
  const Unescaped result = unescape_parts(text);
  EXPECT_FALSE(result.left_out) << text;
  return result.head;
}

bool is_harmless(const std::string& text) {
  for (const char c : text) {
    if (c < 0x20 || c > 0x7e) return false;
  }
  return text.find("{{") == std::string::npos && text.find("  ") == std::string::npos;
}

// Favours bytes that matter: markup, controls, and pieces of UTF-8 in and out of place.
std::string hostile_bytes(std::mt19937& random, std::size_t longest) {
  static const std::string kPieces[] = {
      "\\",         "{",        "{{",       " ",     "  ",        "\n",
      "\x1b[2J",    "\x7f",     "\xc3\xa9", "x",     "\xff",      "\xc0",
      "\x80",       "\u202e",   "\u0430",   "\\x41", "\\u{202e}", "}",
      "\r",         "\t",       "\\n",      "\xed",  "\xa0\x80",  "\\[9 bytes left out]",
      "\U0001f600", "\xf4\x90",
  };
  std::string bytes;
  const std::size_t size = random() % (longest + 1);
  while (bytes.size() < size) {
    if (random() % 4 == 0) {
      bytes += static_cast<char>(random() & 0xff);
    } else {
      bytes += kPieces[random() % std::size(kPieces)];
    }
  }
  return bytes;
}

TEST(Escape, OrdinaryTextIsLeftAlone) {
  EXPECT_EQ(escape("/srv/customers/list 2.csv"), "/srv/customers/list 2.csv");
  EXPECT_EQ(escape(""), "");
}

TEST(Escape, WhatATerminalOrReaderCouldMistakeIsMadeVisible) {
  EXPECT_EQ(escape("a\nb\tc\rd"), "a\\nb\\tc\\rd");
  EXPECT_EQ(escape("\x1b[2J"), "\\x1b[2J");
  EXPECT_EQ(escape(std::string_view("\0\x7f", 2)), "\\x00\\x7f");
  EXPECT_EQ(escape("C:\\n"), "C:\\\\n");
  EXPECT_EQ(escape("\u202etxt.exe"), "\\u{202e}txt.exe");
  EXPECT_EQ(escape("p\u0430ypal"), "p\\u{0430}ypal");
  EXPECT_EQ(escape("\u009b31m"), "\\u{009b}31m");
  EXPECT_EQ(escape("\U0001f600 \U0010ffff"), "\\u{1f600} \\u{10ffff}");
}

TEST(Escape, BytesThatAreNotUtf8AreShownOneByOne) {
  EXPECT_EQ(escape("\xff\xc3"), "\\xff\\xc3");
  EXPECT_EQ(escape("\xc0\x80"), "\\xc0\\x80");                    // overlong NUL
  EXPECT_EQ(escape("\xed\xa0\x80"), "\\xed\\xa0\\x80");           // surrogate
  EXPECT_EQ(escape("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // beyond Unicode
}

TEST(Escape, TemplatesAndSwallowedSpacesAreBroken) {
  EXPECT_EQ(escape("{{{x}}"), "{\\x7b\\x7bx}}");
  EXPECT_EQ(escape(" a  b "), "\\x20a \\x20b\\x20");
}

TEST(Escape, EveryByteStringComesBack) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string bytes{static_cast<char>(first), static_cast<char>(second)};
      EXPECT_EQ(inverse(escape(bytes)), bytes);
      EXPECT_EQ(unescape(escape(bytes)), bytes);
    }
  }
  std::mt19937 random(1);
  std::map<std::string, std::string> seen;
  for (int round = 0; round < 20000; ++round) {
    const std::string bytes = hostile_bytes(random, 40);
    const std::string text = escape(bytes, kUnbounded);
    ASSERT_TRUE(is_harmless(text)) << text;
    ASSERT_EQ(inverse(text), bytes) << text;
    ASSERT_EQ(unescape(text), bytes) << text;
    const auto [known, fresh] = seen.emplace(text, bytes);
    ASSERT_EQ(known->second, bytes);
  }
}

TEST(Escape, ALongTextKeepsHeadCountAndTailWithinItsBound) {
  const std::string text = escape(std::string(10000, 'a') + "end", 100);
  EXPECT_LE(text.size(), 100u);
  EXPECT_EQ(text.substr(0, 3), "aaa");
  EXPECT_EQ(text.substr(text.size() - 3), "end");
  EXPECT_NE(text.find("\\[9941 bytes left out]"), std::string::npos) << text;

  std::mt19937 random(2);
  for (int round = 0; round < 3000; ++round) {
    const std::string bytes = hostile_bytes(random, 3000);
    const std::size_t max = random() % 600;
    const std::string cut = escape(bytes, max);
    ASSERT_TRUE(is_harmless(cut)) << cut;
    ASSERT_LE(cut.size(), std::max(max, kSmallestEscapeBound));
    const Unescaped parts = unescape_parts(cut);
    ASSERT_EQ(parts.head + bytes.substr(parts.head.size(), parts.left_out.value_or(0)) + parts.tail,
              bytes);
  }
}

TEST(Unescape, RefusesWhatEscapeDoesNotMake) {
  for (const char* wrong :
       {"\\", "a\\q", "\\x1", "\\x1g", "\\u{}", "\\u{110000}", "\\u{41", "\\[3 bytes left out]"})
    EXPECT_FALSE(unescape(wrong)) << wrong;
  EXPECT_EQ(unescape(""), "");
}

}  // namespace
}  // namespace stayd
