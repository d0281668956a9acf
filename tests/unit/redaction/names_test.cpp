// SPDX-License-Identifier: Apache-2.0
#include "redaction/names.h"

#include <gtest/gtest.h>

#include <string>

namespace stayd::redaction {
namespace {

TEST(NamesOfSecrets, EndInAWordForOne) {
  for (const std::string name :
       {"password",         "DB_PASS",         "db-pass",         "dbPass",
        "DBPass",           "PGPASSWORD",      "MYSQL_PWD",       "bindpw",
        "passphrase",       "client-secret",   "clientSecret",    "AWS_SECRET_ACCESS_KEY",
        "api_key",          "apiKey",          "APIKey",          "apikey",
        "X-Api-Key",        "SharedAccessKey", "token",           "authToken",
        "auth.token",       "requirepass",     "_auth",           "password2",
        "DB_PASSWORD_PROD", "secret-string",   "X-Amz-Signature", "Authorization",
        "Cookie",           "JSESSIONID",      "api_keys",        "storepass"})
    EXPECT_EQ(kind_of_name(name), NameKind::secret) << name;
}

TEST(NamesOfSecrets, MayHaveTheWordInside) {
  for (const std::string name : {"TOKEN_ACME", "PASSWORD_ORDERS", "API_KEY_ACME", "secret_santa"})
    EXPECT_EQ(kind_of_name(name), NameKind::inside) << name;
}

TEST(NamesOfSecrets, OnlySoundLikeThatInOtherNames) {
  for (const std::string name : {"",
                                 "-",
                                 "key-type",
                                 "keyboard",
                                 "KEYBOARD",
                                 "monkey",
                                 "tokenize",
                                 "tokenizer",
                                 "max_tokens",
                                 "maxTokens",
                                 "tokens",
                                 "eos_token",
                                 "public-key",
                                 "primary_key",
                                 "sort-key",
                                 "partitionKey",
                                 "token_url",
                                 "tokenType",
                                 "PASSWORD_FILE",
                                 "password-stdin",
                                 "secret_name",
                                 "SecretName",
                                 "bypass",
                                 "COMPASS",
                                 "GIT_ASKPASS",
                                 "first_pass",
                                 "passenger",
                                 "author",
                                 "authority",
                                 "Key-Pair-Id",
                                 "TOKENIZERS_PARALLELISM",
                                 "PASSWORD_STORE_DIR",
                                 "keys",
                                 "secrets"})
    EXPECT_EQ(kind_of_name(name), NameKind::ordinary) << name;
}

TEST(NamesOfSecrets, LeaveItToTheValueWhereTheyAreNotSure) {
  EXPECT_EQ(kind_of_name("key"), NameKind::weak);
  EXPECT_EQ(kind_of_name("secret_id"), NameKind::weak);
  EXPECT_EQ(kind_of_name("tls-key"), NameKind::file);
  EXPECT_EQ(kind_of_name("AccountKey"), NameKind::file);
  EXPECT_EQ(kind_of_name("PWD"), NameKind::file);
  EXPECT_EQ(kind_of_name("GOOGLE_APPLICATION_CREDENTIALS"), NameKind::file);
  EXPECT_EQ(kind_of_name("sig"), NameKind::signature);
}

TEST(NamesOfSecrets, AreReadFromTheirEnd) {
  EXPECT_EQ(kind_of_name(std::string(100'000, 'a') + "_password"), NameKind::secret);
  EXPECT_EQ(kind_of_name("password_" + std::string(100'000, 'a')), NameKind::ordinary);
}

TEST(NamesOfSecrets, OptionsThatAskForSomethingTakeNoSecret) {
  for (const std::string option : {"no-password", "with-token", "show-secrets", "generate-key"})
    EXPECT_TRUE(is_switch(option)) << option;
  for (const std::string option : {"password", "token", "db-password", "user-token"})
    EXPECT_FALSE(is_switch(option)) << option;
}

}  // namespace
}  // namespace stayd::redaction
