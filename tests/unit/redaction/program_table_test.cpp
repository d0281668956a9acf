// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "redaction/programs.h"

namespace stayd::redaction {
namespace {

std::string taken(Shape shape, const std::string& value) {
  std::string text;
  for (const Span& span : secret_in(shape, value, 0)) text += span.of(value);
  return text;
}

TEST(Programs, AreFoundByNameAndInDirectoriesOfPrograms) {
  const Program* mysql = find_program("mysql", true);
  ASSERT_NE(mysql, nullptr);
  EXPECT_EQ(find_program("/usr/bin/mysql", false), mysql);
  EXPECT_EQ(find_program("/opt/db/mysql", true), mysql);
  EXPECT_EQ(find_program("mysql.exe", false), mysql);
  EXPECT_EQ(find_program("/var/lib/mysql", false), nullptr);
  EXPECT_EQ(find_program("mysqld", true), nullptr);
  EXPECT_EQ(find_program("", true), nullptr);
}

TEST(Programs, EveryPlaceOfTheTableIsOneThatCanBeReached) {
  for (const SecretPlace& place : secret_places()) {
    EXPECT_FALSE(place.programs.empty());
    const std::string first(place.programs.substr(0, place.programs.find(' ')));
    EXPECT_NE(find_program(first, true), nullptr) << first;
    const bool is_input = place.shape == Shape::input || place.shape == Shape::input_pairs;
    EXPECT_TRUE(!is_input || place.options.empty()) << first;
    EXPECT_EQ(place.options.find("  "), std::string_view::npos) << first;
  }
}

TEST(Programs, ASecretIsThePartOfAValueThatItsShapeSays) {
  EXPECT_EQ(taken(Shape::whole, "hunter2"), "hunter2");
  EXPECT_EQ(taken(Shape::after_colon, "bob:hun:ter2"), "hun:ter2");
  EXPECT_EQ(taken(Shape::after_colon, "bob"), "");
  EXPECT_EQ(taken(Shape::after_colon, "0123456789abcdefX:"), "0123456789abcdefX");
  EXPECT_EQ(taken(Shape::after_percent, "bob%hunter2"), "hunter2");
  EXPECT_EQ(taken(Shape::after_slash, "scott/tiger@db"), "tiger");
  EXPECT_EQ(taken(Shape::after_slash, "/ as sysdba"), "");
  EXPECT_EQ(taken(Shape::after_equals, "a=b=c"), "b=c");
  EXPECT_EQ(taken(Shape::either, "hunter2"), "hunter2");
  EXPECT_EQ(taken(Shape::source, "pass:hunter2"), "hunter2");
  EXPECT_EQ(taken(Shape::source, "file:/etc/p"), "");
  EXPECT_EQ(taken(Shape::cookies, "a=b"), "a=b");
  EXPECT_EQ(taken(Shape::cookies, "cookies.txt"), "");
  EXPECT_EQ(taken(Shape::input_pairs, "bob:x\nalice:yz\n"), "xyz");
  EXPECT_EQ(taken(Shape::nothing, "x"), "");
}

}  // namespace
}  // namespace stayd::redaction
