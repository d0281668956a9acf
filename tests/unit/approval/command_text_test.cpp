// SPDX-License-Identifier: Apache-2.0
#include "approval/command_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stayd {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(CommandText, ArgumentsWithSpacesAreQuoted) {
  EXPECT_EQ(command_text({"git", "commit", "-m", "a b", ""}, false), R"(git commit -m "a b" "")");
  EXPECT_EQ(command_text({}, false), "");
}

TEST(CommandText, SecretsAreTakenOut) {
  EXPECT_EQ(command_text({"curl", "-u", "me:hunter2", "https://a/?token=sEcReT77"}, false),
            R"(curl -u me:[redacted] "https://a/?token=[redacted]")");
  EXPECT_EQ(command_text({"sh", "-c", "PGPASSWORD=hunter2 psql"}, false),
            R"(sh -c "PGPASSWORD=[redacted] psql")");
}

TEST(CommandText, TheEndOfALongCommandStays) {
  std::vector<std::string> arguments{"git"};
  for (int i = 0; i < 60; ++i) {
    arguments.emplace_back("-c");
    arguments.emplace_back("core.pager=cat" + std::to_string(i));
  }
  arguments.emplace_back("push");
  arguments.emplace_back("--force");
  const std::string text = command_text(arguments, false);
  EXPECT_THAT(text, StartsWith("git -c core.pager=cat0 "));
  EXPECT_THAT(text, EndsWith(" push --force"));
  EXPECT_THAT(text, HasSubstr(" arguments left out] "));
  EXPECT_LE(text.size(), kMaxCommandText);
}

TEST(CommandText, WhatCouldNotBeReadIsSaid) {
  EXPECT_EQ(command_text({"sh", "-c"}, true), "sh -c [the rest could not be read]");
}

TEST(CommandText, IsBoundedAndOneLineWhateverTheArgumentsAre) {
  for (const char* bytes : {"\"", "\n", "\xff", "\xe2\x80\xae", "a"}) {
    std::string argument;
    for (int i = 0; i < 2000; ++i) argument += bytes;
    const std::string text = command_text(std::vector<std::string>(64, argument), true);
    EXPECT_LE(text.size(), kMaxCommandText);
    EXPECT_THAT(text, Not(HasSubstr("\n")));
    EXPECT_THAT(text, HasSubstr("left out]"));
  }
}

}  // namespace
}  // namespace stayd
