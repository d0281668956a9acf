// SPDX-License-Identifier: Apache-2.0
#include "kernel/argument_pieces.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace stayd {
namespace {

using std::string_view_literals::operator""sv;

stayd_arguments facts(std::uint32_t count, std::uint32_t size) {
  return {.first = 0, .rest = 0, .id = 1, .count = count, .size = size};
}

TEST(ArgumentPieces, EndAnArgumentWithEachNul) {
  const JudgedArguments read = read_arguments("git\0\0push\0\0"sv, facts(4, 11));
  EXPECT_EQ(read.words, (std::vector<std::string>{"git", "", "push", ""}));
  EXPECT_TRUE(read.whole);
}

TEST(ArgumentPieces, ThatAreFewerThanWereHashedAreAHead) {
  const JudgedArguments read = read_arguments("git\0pu"sv, facts(2, 9));
  EXPECT_EQ(read.words, (std::vector<std::string>{"git", "pu"}));
  EXPECT_FALSE(read.whole);
  EXPECT_FALSE(read_arguments("git\0"sv, facts(2, 9)).whole);
  EXPECT_FALSE(read_arguments({}, facts(2, 9)).whole);
}

TEST(ArgumentPieces, OfNoArgumentsAreWhole) {
  EXPECT_TRUE(read_arguments({}, facts(0, 0)).whole);
}

}  // namespace
}  // namespace stayd
