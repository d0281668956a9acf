// SPDX-License-Identifier: Apache-2.0
#include "http/server/unix_listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "support/temp_dir.h"

namespace stayd::http {
namespace {

using testing::HasSubstr;

TEST(UnixListener, OnlyOwnerAndGroupMayConnect) {
  test::TempDir directory;
  const std::string path = directory / "s";
  Result<UnixListener> listener = UnixListener::open(path, "no-such-group");
  ASSERT_TRUE(listener) << listener.error().message;
  struct stat found {};
  ASSERT_EQ(::lstat(path.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777, 0660u);
  EXPECT_EQ(found.st_uid, ::getuid());
}

TEST(UnixListener, ASocketThatNobodyAnswersOnIsReplaced) {
  test::TempDir directory;
  const std::string path = directory / "s";
  ASSERT_TRUE(UnixListener::open(path, ""));  // closed at once, its name stays
  ASSERT_TRUE(std::filesystem::exists(path));
  EXPECT_TRUE(UnixListener::open(path, ""));
}

TEST(UnixListener, ASocketThatSomebodyAnswersOnIsLeftAlone) {
  test::TempDir directory;
  const std::string path = directory / "s";
  Result<UnixListener> first = UnixListener::open(path, "");
  Result<UnixListener> second = UnixListener::open(path, "");
  ASSERT_TRUE(first);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr("another process already answers here"));
}

TEST(UnixListener, AnythingElseThanASocketIsLeftAlone) {
  test::TempDir directory;
  const std::string path = directory / "s";
  std::ofstream(path) << "precious";
  Result<UnixListener> listener = UnixListener::open(path, "");
  ASSERT_FALSE(listener);
  EXPECT_THAT(listener.error().message, HasSubstr("not a socket"));
  EXPECT_EQ(std::filesystem::file_size(path), 8u);
}

TEST(UnixListener, TakesItsOwnNameAwayOnly) {
  test::TempDir directory;
  const std::string path = directory / "s";
  Result<UnixListener> first = UnixListener::open(path, "");
  ASSERT_TRUE(first);
  std::filesystem::rename(path, directory / "elsewhere");
  Result<UnixListener> second = UnixListener::open(path, "");
  ASSERT_TRUE(second);
  first->remove_name();
  EXPECT_TRUE(std::filesystem::exists(path));
  second->remove_name();
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(UnixListener, PathsThatDoNotFitAnAddressAreRefused) {
  Result<UnixListener> listener = UnixListener::open("/tmp/" + std::string(200, 'x'), "");
  ASSERT_FALSE(listener);
  EXPECT_THAT(listener.error().message, HasSubstr("a socket path has 1 to 107 bytes"));
}

}  // namespace
}  // namespace stayd::http
