// SPDX-License-Identifier: Apache-2.0
#include "redaction/secrets.h"

#include <gtest/gtest.h>

#include <ctime>
#include <string>
#include <vector>

namespace stayd::redaction {
namespace {

// tests/unit/audit/redaction_corpus.txt shows what is found in command lines. These are the cases
// that no line shows.

std::string found(const std::vector<std::string>& arguments) {
  std::string text;
  const auto secrets = secrets_in_arguments(arguments);
  for (std::size_t i = 0; i < arguments.size(); ++i)
    for (const Span& span : (*secrets)[i]) text += std::string(span.of(arguments[i])) + ";";
  return text;
}

TEST(Secrets, AKeyThatIsSeveralArgumentsIsFoundInAllOfThem) {
  EXPECT_EQ(
      found({"echo", "-----BEGIN", "PRIVATE", "KEY-----", "MIIE", "vgIB", "-----END", "PRIVATE"}),
      "MIIE;vgIB;");
}

TEST(Secrets, AProgramKeepsItsOptionsUntilAnotherOneIsRun) {
  EXPECT_EQ(found({"docker", "exec", "-it", "db", "redis-cli", "-a", "hunter2"}), "hunter2;");
  EXPECT_EQ(found({"grep", "-r", "redis-cli", "/var/lib/docker", "login", "-p", "x"}), "");
  EXPECT_EQ(found({"az", "mysql", "-p7"}), "");
  EXPECT_EQ(found({"vault", "exec", "--", "redis-cli", "-a", "hunter2"}), "hunter2;");
  EXPECT_EQ(found({"python3", "/usr/bin/az", "login", "-u", "bob", "-p", "hunter2"}), "hunter2;");
  EXPECT_EQ(found({"sudo", "-u", "redis", "/usr/bin/redis-cli", "auth", "hunter2"}), "hunter2;");
  EXPECT_EQ(found({"please", "pass", "insert", "it", "to", "the", "net", "user", "a", "b"}), "");
}

TEST(Secrets, QuotesAreReadSixDeep) {
  std::string text = "redis-cli -a hunter2";
  for (int i = 0; i < 4; ++i) {
    std::string quoted = "sh -c \"";
    for (const char c : text)
      quoted += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    text = quoted + "\"";
  }
  const auto secrets = secrets_in_text(text);
  ASSERT_TRUE(secrets);
  ASSERT_FALSE(secrets->empty());
  EXPECT_EQ(secrets->front().of(text), "hunter2");
}

TEST(Secrets, AllPlacesAreInTheText) {
  for (const std::string text : {"=",
                                 ":",
                                 "a=",
                                 "token=",
                                 "token=\"",
                                 "token:",
                                 "\"token\":",
                                 "\"token\":[",
                                 "<token>",
                                 "<token><",
                                 "://@",
                                 "a://:@",
                                 "https://a:b",
                                 "--password",
                                 "-",
                                 "--",
                                 "mysql -p",
                                 "curl -u",
                                 "token=\\\"",
                                 "echo | sudo -S",
                                 "chpasswd <<<",
                                 "chpasswd <<E\n",
                                 "$(token=",
                                 "token=$(",
                                 "password='\\"}) {
    const auto secrets = secrets_in_text(text);
    ASSERT_TRUE(secrets);
    for (const Span& span : *secrets) {
      EXPECT_LE(span.begin, span.end) << text;
      EXPECT_LE(span.end, text.size()) << text;
    }
    (void)secrets_in_arguments(std::vector<std::string>{text, text});
  }
}

// Each piece repeated makes one of the readers go as far ahead as it can. The processor's time
// counts, whoever else uses it.
TEST(Secrets, HostileTextsTakeTimeInProportion) {
  constexpr std::size_t kSize = 20'000;
  const std::clock_t begin = std::clock();
  for (const std::string piece : {"token=",
                                  "token=\"",
                                  "token: ",
                                  "\"token\":",
                                  "\"token\":[",
                                  "<token>",
                                  "a=,",
                                  "token=,",
                                  "token=;a ",
                                  "a://",
                                  "https://a:b/",
                                  "'",
                                  "\"",
                                  "\"$(",
                                  "$(",
                                  "`",
                                  "${",
                                  "\\",
                                  "\\\"",
                                  "(",
                                  "<<a\n",
                                  "<<a ",
                                  "<<<",
                                  "|",
                                  "echo a|",
                                  "sudo -S|",
                                  "curl -u a:b ",
                                  "- ",
                                  "-a ",
                                  "set token ",
                                  "net user ",
                                  "--password ",
                                  "-----BEGIN PRIVATE KEY-----",
                                  "{{",
                                  "((",
                                  "$((",
                                  "for ((\n",
                                  "for a\n",
                                  "[[\n",
                                  "case a in\n",
                                  "a(",
                                  "@(",
                                  "<(",
                                  ")",
                                  "\"`",
                                  "a.b-",
                                  "=",
                                  ":",
                                  "a ",
                                  "A"}) {
    std::string text;
    while (text.size() < kSize) text += piece;
    (void)secrets_in_text(text);
    (void)secrets_in_arguments(std::vector<std::string>(kSize / piece.size(), piece));
  }
  EXPECT_LT((std::clock() - begin) / CLOCKS_PER_SEC, 60);
}

}  // namespace
}  // namespace stayd::redaction
