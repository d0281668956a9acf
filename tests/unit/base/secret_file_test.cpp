// SPDX-License-Identifier: Apache-2.0
#include "base/secret_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "support/temp_dir.h"

namespace stayd {
namespace {

using test::TempDir;
using testing::HasSubstr;

class SecretFileTest : public testing::Test {
 protected:
  void write(std::string_view contents, mode_t mode = 0600) {
    std::ofstream(path_, std::ios::binary) << contents;
    ASSERT_EQ(::chmod(path_.c_str(), mode), 0);
  }
  std::string error() {
    const Result<std::string> secret = SecretFile(path_).read();
    return secret ? "none" : secret.error().message;
  }

  TempDir directory_;
  const std::string path_ = directory_ / "secret";
};

TEST_F(SecretFileTest, LosesOneNewlineAtItsEndAndNothingElse) {
  for (const auto& [contents, secret] : {std::pair{"s3cret", "s3cret"},
                                         {"s3cret\n", "s3cret"},
                                         {"s3cret\r\n", "s3cret"},
                                         {"s3cret\n\n", "s3cret\n"},
                                         {" s3 \n", " s3 "},
                                         {"s3cret\r", "s3cret\r"}}) {
    write(contents);
    EXPECT_EQ(*SecretFile(path_).read(), secret);
  }
}

TEST_F(SecretFileTest, CountsAsItIsAtEachReading) {
  write("old");
  const SecretFile file(path_);
  EXPECT_EQ(*file.read(), "old");
  write("new");
  EXPECT_EQ(*file.read(), "new");
}

TEST_F(SecretFileTest, MayBeALinkAsMountedSecretsAre) {
  write("s3cret");
  std::filesystem::create_symlink("secret", directory_ / "link");
  EXPECT_EQ(*SecretFile(directory_ / "link").read(), "s3cret");
}

TEST_F(SecretFileTest, ThatOthersMayUseIsRefusedWithWhatToDo) {
  for (const mode_t mode : {0640, 0604, 0620, 0602, 0660, 0644}) {
    write("s3cret", mode);
    EXPECT_THAT(error(),
                HasSubstr("others than its owner can read or write it; try: chmod 600 " + path_));
  }
  write("s3cret", 0400);
  EXPECT_EQ(error(), "none");
}

TEST_F(SecretFileTest, OfSomebodyElseIsRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  write("s3cret");
  ASSERT_EQ(::chown(path_.c_str(), 12345, 0), 0);
  EXPECT_THAT(error(), HasSubstr("belongs to uid 12345"));
}

TEST_F(SecretFileTest, ThatIsEmptyMissingOversizedOrNoFileIsRefused) {
  EXPECT_THAT(error(), HasSubstr("No such file"));
  write("");
  EXPECT_THAT(error(), HasSubstr("empty"));
  write("\n");
  EXPECT_THAT(error(), HasSubstr("empty"));
  write(std::string(SecretFile::kMax, 'x'));
  EXPECT_EQ(error(), "none");
  write(std::string(SecretFile::kMax + 1, 'x'));
  EXPECT_THAT(error(), HasSubstr("larger than"));
  std::filesystem::remove(path_);
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_THAT(error(), HasSubstr("not a regular file"));
}

}  // namespace
}  // namespace stayd
