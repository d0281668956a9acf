// SPDX-License-Identifier: Apache-2.0
#include "redaction/values.h"

#include <gtest/gtest.h>

#include <string>

namespace stayd::redaction {
namespace {

TEST(Values, AreNoSecretsIfTheyStandForAnother) {
  for (const std::string value : {"",
                                  "true",
                                  "False",
                                  "null",
                                  "1",
                                  "-",
                                  "****",
                                  "xxxx",
                                  "...",
                                  "$TOKEN",
                                  "${token}",
                                  "$(cat f)",
                                  "$(a \"$(b)\")",
                                  "`cat f`",
                                  "$USER:$PASS",
                                  "{{ token }}",
                                  "%TOKEN%",
                                  "<password>",
                                  "env:NAME",
                                  "file:/etc/p",
                                  "op://vault/item",
                                  "[redacted 7 bytes sha256:01234567]",
                                  "prompt"})
    EXPECT_FALSE(can_be_secret(value)) << value;
  for (const std::string value : {"hunter2", "x", "12", "$ecret", "$(cat f)x", "a$TOKEN", "-x",
                                  "truely", "p@ss", "<x", "%TOKEN", "file", "$"})
    EXPECT_TRUE(can_be_secret(value)) << value;
}

TEST(Values, ArePathsIfTheyBeginOrEndLikeOne) {
  for (const std::string value : {"/etc/k", "./k", "../k", "~/k", "k.pem", "k.json"})
    EXPECT_TRUE(is_path(value)) << value;
  for (const std::string value : {"hunter2", "", "/ab+c=", "a/b"})
    EXPECT_FALSE(is_path(value)) << value;
}

TEST(Values, AreRandomIfTheyMixLettersAndDigits) {
  EXPECT_TRUE(is_random("abcdefGHIJ0123456789"));
  EXPECT_TRUE(is_random("0123456789abcdef0123456789abcdef"));
  EXPECT_TRUE(is_random("00000000-0000-4000-8000-0000000000ab"));
  EXPECT_FALSE(is_random("short1A"));
  EXPECT_FALSE(is_random("customer-report-final-version"));
  EXPECT_FALSE(is_random("backups/2026/Report-0123456789"));
}

TEST(Values, AreSecretsAsTheKindOfTheirNameSays) {
  EXPECT_TRUE(is_secret(NameKind::secret, "x", false));
  EXPECT_FALSE(is_secret(NameKind::ordinary, "x", false));
  EXPECT_FALSE(is_secret(NameKind::file, "/etc/key.pem", false));
  EXPECT_TRUE(is_secret(NameKind::file, "hunter2", false));
  EXPECT_FALSE(is_secret(NameKind::weak, "2", false));
  EXPECT_FALSE(is_secret(NameKind::weak, "0123456789abcdef", false));
  EXPECT_TRUE(is_secret(NameKind::weak, "0123456789abcdef", true));
  EXPECT_FALSE(is_secret(NameKind::signature, "f.sig", false));
  EXPECT_TRUE(is_secret(NameKind::signature, "abc", true));
}

}  // namespace
}  // namespace stayd::redaction
