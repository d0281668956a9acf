// SPDX-License-Identifier: Apache-2.0
#include "audit/key_file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"
#include "unit/audit/record_fixture.h"

namespace stayd {
namespace {

using namespace test;
using audit::load_public_keys;
using audit::load_signing_key;
using audit::SigningKey;
using testing::HasSubstr;

class KeyFile : public RecordFile {
 protected:
  std::string path(const char* name) const { return dir_ + "/key/" + name; }
  Result<SigningKey> load(const std::string& credentials = "") const {
    return load_signing_key(dir_ + "/key", credentials);
  }
  std::string error(const std::string& credentials = "") const {
    const Result<SigningKey> key = load(credentials);
    return key ? "none" : key.error().message;
  }
  static mode_t mode(const std::string& file) {
    struct stat status {};
    return ::stat(file.c_str(), &status) == 0 ? status.st_mode & 07777u : 0;
  }
};

TEST_F(KeyFile, IsMadeOnceAndReadableByItsOwnerOnly) {
  const Result<SigningKey> made = load();
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(mode(path("record.key")), 0600u);
  EXPECT_EQ(mode(path("record.pub")), 0644u);
  EXPECT_EQ(load()->public_key().id(), made->public_key().id());
  EXPECT_EQ((*load_public_keys(path("record.pub")))[0].id(), made->public_key().id());
}

TEST_F(KeyFile, ALaxFileOrDirectoryIsRefusedWithWhatToDo) {
  ASSERT_TRUE(load());
  ::chmod(path("record.key").c_str(), 0640);
  EXPECT_THAT(error(), HasSubstr("has mode 0640, so that others could read or change it: chmod "
                                 "0600 " +
                                 path("record.key")));
  ::chmod(path("record.key").c_str(), 0600);
  ::chmod((dir_ + "/key").c_str(), 0777);
  EXPECT_THAT(error(), HasSubstr("has mode 0777, so that others could change it: chmod go-w"));
  ::chmod((dir_ + "/key").c_str(), 0755);
  EXPECT_EQ(error(), "none");
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  ASSERT_EQ(::chown(path("record.key").c_str(), 65534, 0), 0);
  EXPECT_THAT(error(), HasSubstr("belongs to uid 65534"));
}

TEST_F(KeyFile, WhatIsNoKeyIsSaidToBeNone) {
  ASSERT_TRUE(load());
  const std::string whole = text(path("record.key"));
  std::ofstream(path("record.key"), std::ios::trunc) << whole.substr(0, 40);
  EXPECT_THAT(error(), HasSubstr("holds no private Ed25519 key"));
  std::filesystem::remove(path("record.key"));
  std::filesystem::create_symlink("/etc/passwd", path("record.key"));
  EXPECT_THAT(error(), HasSubstr("record.key"));
  std::filesystem::remove(path("record.key"));
  ASSERT_EQ(std::system(("openssl genpkey -algorithm X25519 -out " + path("record.key") +
                         " 2>/dev/null && chmod 600 " + path("record.key"))
                            .c_str()),
            0);
  EXPECT_THAT(error(), HasSubstr("holds no private Ed25519 key"));
}

TEST_F(KeyFile, ACredentialComesFirst) {
  const std::string own = load()->public_key().id();
  const std::string credentials = dir_ + "/credentials";
  std::filesystem::create_directory(credentials);
  EXPECT_EQ(load(credentials)->public_key().id(), own);
  const SigningKey given = *SigningKey::generate();
  std::ofstream(credentials + "/record.key") << given.pem();
  EXPECT_THAT(error(credentials), HasSubstr("others could read"));
  ::chmod((credentials + "/record.key").c_str(), 0400);
  EXPECT_EQ(load(credentials)->public_key().id(), given.public_key().id());
}

TEST_F(KeyFile, ANewKeyKeepsTheOldPublicOneForOlderLines) {
  {
    Record record = open();
    EXPECT_TRUE(record.append(event(1)));
    EXPECT_TRUE(record.close());
  }
  std::filesystem::remove(path("record.key"));
  {
    Record record = open();
    EXPECT_TRUE(record.append(event(2)));
    EXPECT_TRUE(record.close());
  }
  EXPECT_EQ(load_public_keys(path("record.pub"))->size(), 2u);
  EXPECT_TRUE(verify_files().intact()) << findings(verify_files());
}

// As docs/operate/record.md shows it: nothing of stayd is needed to check a signature.
TEST_F(KeyFile, ASignatureCanBeCheckedWithOpenssl) {
  {
    Record record = open();
    EXPECT_TRUE(record.close());
  }
  const std::string command =
      "cd " + dir_ +
      " && tail -n 1 record.jsonl | sed 's/,\"sig\":.*//' | "
      "{ printf 'stayd record signature 1\\n'; tr -d '\\n'; } > message"
      " && printf \"$(tail -n 1 record.jsonl | sed 's/.*\"sig\":\"//; s/\"}//; s/../\\\\x&/g')\" > "
      "signature"
      " && openssl pkeyutl -verify -rawin -pubin -inkey key/record.pub -in message -sigfile "
      "signature > said 2>&1";
  std::ofstream(dir_ + "/check") << command;
  EXPECT_EQ(std::system(("bash " + dir_ + "/check").c_str()), 0) << text(dir_ + "/said");
  std::ofstream(dir_ + "/message", std::ios::app) << "x";
  EXPECT_NE(std::system(("cd " + dir_ +
                         " && openssl pkeyutl -verify -rawin -pubin -inkey "
                         "key/record.pub -in message -sigfile signature >/dev/null 2>&1")
                            .c_str()),
            0);
}

TEST(Signing, ASignatureIsValidForItsMessageAndKeyOnly) {
  // RFC 8032, section 7.1, test 2.
  const std::string pem =
      "-----BEGIN PRIVATE KEY-----\n"
      "MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7\n"
      "-----END PRIVATE KEY-----\n";
  const Result<SigningKey> rfc = SigningKey::from_pem(pem);
  ASSERT_TRUE(rfc) << rfc.error().message;
  EXPECT_EQ(hex(*rfc->sign("\x72")),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
  const SigningKey key = *SigningKey::generate();
  const std::string signature = *key.sign("message");
  EXPECT_TRUE(key.public_key().verifies("message", signature));
  EXPECT_FALSE(key.public_key().verifies("messagf", signature));
  EXPECT_FALSE(SigningKey::generate()->public_key().verifies("message", signature));
  EXPECT_NE(key.derived("a"), key.derived("b"));
  EXPECT_EQ(SigningKey::from_pem(key.pem())->derived("a"), key.derived("a"));
}

}  // namespace
}  // namespace stayd
