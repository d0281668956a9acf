// SPDX-License-Identifier: Apache-2.0
// Where packs are found, and whose they must be.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "policy/pack.h"
#include "support/temp_dir.h"

namespace stayd {
namespace {

using testing::HasSubstr;

class PackFiles : public testing::Test {
 protected:
  void SetUp() override {
    for (const std::string& each : {site_, shipped_}) std::filesystem::create_directory(each);
  }
  void write(const std::string& file, const std::string& text) {
    std::ofstream(file) << text;
    std::filesystem::permissions(file, std::filesystem::perms(0644));
  }
  PackSource packs(Trust trust) const {
    return packs_in(split_directories(site_ + ":" + shipped_ + ":"), trust);
  }
  std::string text_of(const std::string& name, Trust trust = Trust::unwritable) const {
    const Result<PackText> pack = packs(trust)(name);
    return pack ? pack->text : pack.error().message;
  }

  test::TempDir directory_;
  const std::string site_ = directory_ / "site", shipped_ = directory_ / "shipped";
};

TEST_F(PackFiles, TheFirstDirectoryThatHasItCounts) {
  write(site_ + "/git.yaml", "ours");
  write(shipped_ + "/git.yaml", "theirs");
  write(shipped_ + "/secrets.yaml", "secrets");
  write(shipped_ + "/secrets.test.yaml", "cases");
  EXPECT_EQ(text_of("git"), "ours");
  EXPECT_EQ(packs(Trust::any)("git")->file, site_ + "/git.yaml");
  EXPECT_EQ(text_of("secrets"), "secrets");
  EXPECT_EQ(text_of("secret"), "there is no pack 'secret' in " + site_ + " or " + shipped_ +
                                   "; did you mean 'secrets'?");
  write(site_ + "/git.yaml", "changed");
  EXPECT_EQ(text_of("git"), "changed") << "they are read each time";
  EXPECT_EQ(packs_in({"/nonexistent"}, Trust::any)("git").error().message,
            "there is no pack 'git' in /nonexistent; install it there, or give its directory with "
            "--packs");
}

TEST_F(PackFiles, ANameLeadsToNoOtherDirectory) {
  write(directory_ / "outside.yaml", "outside");
  ASSERT_TRUE(std::filesystem::exists(site_ + "/../outside.yaml"));
  std::filesystem::create_directory(site_ + "/below");
  write(site_ + "/below/git.yaml", "below");
  for (const std::string& name :
       {std::string("../outside"), site_ + "/../outside", std::string("below/git"), std::string(""),
        std::string("."), std::string(".."), std::string("a\0b", 3)})
    EXPECT_THAT(text_of(name, Trust::any), HasSubstr("there is no pack")) << name;
}

TEST_F(PackFiles, APackThatAnybodyCanWriteIsNotTrusted) {
  write(site_ + "/git.yaml", "ours");
  ASSERT_EQ(::chmod((site_ + "/git.yaml").c_str(), 0666), 0);
  EXPECT_EQ(text_of("git", Trust::any), "ours");
  EXPECT_THAT(text_of("git"), HasSubstr("others than its owner can write it; try: chmod go-w"));
  ASSERT_EQ(::chmod((site_ + "/git.yaml").c_str(), 0664), 0);
  EXPECT_THAT(text_of("git"), HasSubstr("others than its owner can write it"));
}

TEST_F(PackFiles, APackInADirectoryThatAnybodyCanWriteIsNotTrusted) {
  write(site_ + "/git.yaml", "ours");
  write(shipped_ + "/secrets.yaml", "theirs");
  ASSERT_EQ(::chmod(site_.c_str(), 01777), 0);
  EXPECT_EQ(text_of("git", Trust::any), "ours");
  EXPECT_THAT(text_of("git"), HasSubstr(site_ + ": others than its owner can write it"));
  EXPECT_THAT(text_of("secrets"), HasSubstr(site_ + ": others than its owner can write it"))
      << "it may be somebody's who has removed the one that hid it";
}

TEST_F(PackFiles, APackOfAnotherUserIsNotTrusted) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root gives files away";
  write(site_ + "/git.yaml", "ours");
  ASSERT_EQ(::chown((site_ + "/git.yaml").c_str(), 12345, 0), 0);
  EXPECT_EQ(text_of("git", Trust::any), "ours");
  EXPECT_THAT(text_of("git"), HasSubstr("git.yaml: belongs to uid 12345"));
  ASSERT_EQ(::chown((site_ + "/git.yaml").c_str(), 0, 0), 0);
  EXPECT_EQ(text_of("git"), "ours");
  ASSERT_EQ(::chown(site_.c_str(), 12345, 0), 0);
  EXPECT_THAT(text_of("git"), HasSubstr(site_ + ": belongs to uid 12345"));
}

TEST_F(PackFiles, AFirstPackThatCannotBeReadIsNotPassedOver) {
  write(shipped_ + "/git.yaml", "theirs");
  EXPECT_EQ(text_of("git"), "theirs");
  std::filesystem::create_symlink("nowhere.yaml", site_ + "/git.yaml");
  EXPECT_THAT(text_of("git", Trust::any), HasSubstr(site_ + "/git.yaml: No such file"));
  std::filesystem::remove(site_ + "/git.yaml");
  std::filesystem::create_directory(site_ + "/git.yaml");
  EXPECT_THAT(text_of("git", Trust::any), HasSubstr(site_ + "/git.yaml"));
}

}  // namespace
}  // namespace stayd
