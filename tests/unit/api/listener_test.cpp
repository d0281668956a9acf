// SPDX-License-Identifier: Apache-2.0
#include "api/listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "running_server.h"

namespace stayd {
namespace {

using testing::HasSubstr;

TEST(Listener, OnlyOwnerAndGroupMayConnect) {
  test::TempDir directory;
  const std::string path = directory / "s";
  Result<Listener> listener = Listener::open(path, "no-such-group");
  ASSERT_TRUE(listener) << listener.error().message;
  struct stat found {};
  ASSERT_EQ(::lstat(path.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777, 0660u);
  EXPECT_EQ(found.st_uid, ::getuid());
}

TEST(Listener, ASocketThatNobodyAnswersOnIsReplaced) {
  test::TempDir directory;
  const std::string path = directory / "s";
  ASSERT_TRUE(Listener::open(path, ""));  // closed at once, its name stays
  ASSERT_TRUE(std::filesystem::exists(path));
  EXPECT_TRUE(Listener::open(path, ""));
}

TEST(Listener, ASocketThatSomebodyAnswersOnIsLeftAlone) {
  test::TempDir directory;
  const std::string path = directory / "s";
  Result<Listener> first = Listener::open(path, "");
  Result<Listener> second = Listener::open(path, "");
  ASSERT_TRUE(first);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr("another process already answers here"));
}

TEST(Listener, AnythingElseThanASocketIsLeftAlone) {
  test::TempDir directory;
  const std::string path = directory / "s";
  std::ofstream(path) << "precious";
  Result<Listener> listener = Listener::open(path, "");
  ASSERT_FALSE(listener);
  EXPECT_THAT(listener.error().message, HasSubstr("not a socket"));
  EXPECT_EQ(std::filesystem::file_size(path), 8u);
}

TEST(Listener, TakesItsOwnNameAwayOnly) {
  test::TempDir directory;
  const std::string path = directory / "s";
  Result<Listener> first = Listener::open(path, "");
  ASSERT_TRUE(first);
  std::filesystem::rename(path, directory / "elsewhere");
  Result<Listener> second = Listener::open(path, "");
  ASSERT_TRUE(second);
  first->remove_name();
  EXPECT_TRUE(std::filesystem::exists(path));
  second->remove_name();
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(Listener, PathsThatDoNotFitAnAddressAreRefused) {
  Result<Listener> listener = Listener::open("/tmp/" + std::string(200, 'x'), "");
  ASSERT_FALSE(listener);
  EXPECT_THAT(listener.error().message, HasSubstr("a socket path has 1 to 107 bytes"));
}

}  // namespace
}  // namespace stayd
