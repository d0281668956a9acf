// SPDX-License-Identifier: Apache-2.0
#include "context/found_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "context/process.h"
#include "support/temp_dir.h"

namespace stayd {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

std::uint64_t inode_of(const Fd& file) {
  struct stat status {};
  return ::fstatat(file.get(), "", &status, AT_EMPTY_PATH) == 0 ? status.st_ino : 0;
}
std::uint64_t inode_of(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

class FoundFiles : public ::testing::Test {
 protected:
  FoundFiles() {
    fs::create_directories(directory_ / "a/b");
    std::ofstream(directory_ / "a/b/file") << "x";
  }
  Result<FoundFile> find(const std::string& path, Leaf leaf = Leaf::file) {
    const Fd root(::open(directory_.path().c_str(), O_PATH | O_DIRECTORY));
    return find_file(root, path, leaf);
  }
  std::string error(const std::string& path, Leaf leaf = Leaf::file) {
    const Result<FoundFile> found = find(path, leaf);
    return found ? "found" : found.error().message;
  }
  // Which file of the directory it is.
  void expect(const std::string& path, const std::string& file, Leaf leaf = Leaf::file) {
    const Result<FoundFile> found = find(path, leaf);
    ASSERT_TRUE(found) << path << ": " << found.error().message;
    EXPECT_EQ(inode_of(found->steps.back().file), inode_of(directory_ / file)) << path;
  }

  TempDir directory_;
};

TEST_F(FoundFiles, AFileComesWithTheDirectoriesAboveIt) {
  const Result<FoundFile> found = find("/a/./b//file");
  ASSERT_TRUE(found) << found.error().message;
  std::vector<std::string> names;
  for (const FoundFile::Step& each : found->steps) names.push_back(each.name);
  EXPECT_THAT(names, ElementsAre("", "a", "b", "file"));
  EXPECT_EQ(inode_of(found->steps[1].file), inode_of(directory_ / "a"));
}

TEST_F(FoundFiles, LinksAreFollowedBelowTheRootThatThePathBeginsAt) {
  fs::create_symlink("/a/b", directory_ / "absolute");
  fs::create_symlink("../a/b", directory_ / "a/upwards");
  fs::create_symlink("absolute/file", directory_ / "last");
  expect("/absolute/file", "a/b/file");
  expect("/a/upwards/file", "a/b/file");
  expect("/last", "a/b/file");
  expect("/last", "last", Leaf::name);
  expect("/../../a/b/file", "a/b/file");
}

TEST_F(FoundFiles, LinksThatLeadInACircleEnd) {
  fs::create_symlink("two", directory_ / "one");
  fs::create_symlink("one", directory_ / "two");
  EXPECT_THAT(error("/one"), HasSubstr("Too many levels of symbolic links"));
}

TEST_F(FoundFiles, ANewNameIsOneThatNothingHas) {
  const Result<FoundFile> found = find("/a/b/new", Leaf::new_name);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->new_name, "new");
  EXPECT_EQ(inode_of(found->steps.back().file), inode_of(directory_ / "a/b"));
  EXPECT_THAT(error("/a/b/file", Leaf::new_name), HasSubstr("it exists already"));
  EXPECT_THAT(error("/a/b/..", Leaf::new_name), HasSubstr("it exists already"));
  EXPECT_THAT(error("/", Leaf::new_name), HasSubstr("it exists already"));
  fs::create_symlink("nowhere", directory_ / "dangling");
  EXPECT_THAT(error("/dangling", Leaf::new_name), HasSubstr("it exists already"));
}

TEST_F(FoundFiles, WhatIsNotThereOrNoPathIsAnError) {
  EXPECT_THAT(error("/a/c"), HasSubstr("No such file"));
  EXPECT_THAT(error("/a/b/file/x"), HasSubstr("Not a directory"));
  EXPECT_THAT(error("a"), HasSubstr("not an absolute path"));
  EXPECT_THAT(error("/" + std::string(4096, 'x')), HasSubstr("too long"));
  EXPECT_THAT(error(std::string("/a\0b", 4)), HasSubstr("too long"));
  std::string deep = directory_.path();
  for (int i = 0; i < 200; ++i) fs::create_directory(deep += "/d");
  EXPECT_THAT(error(deep.substr(directory_.path().size())), HasSubstr("too deep"));
}

// "/proc/self" would be the one who looks.
TEST_F(FoundFiles, NamesInProcAreNotLookedUp) {
  const Fd root(::open("/", O_PATH | O_DIRECTORY));
  const Result<FoundFile> found = find_file(root, "/proc/self/exe", Leaf::file);
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message, HasSubstr("in /proc"));
}

// On a thread of its own, which keeps the rights that it took.
class FoundForOthers : public FoundFiles {
 protected:
  static Onlooker myself(uid_t uid = ::geteuid()) {
    const std::optional<std::uint64_t> ticks = start_ticks(::getpid());
    const auto ns_per_tick = static_cast<std::uint64_t>(1'000'000'000 / ::sysconf(_SC_CLK_TCK));
    return {{.pid = ::getpid(), .start_ns = ticks.value_or(0) * ns_per_tick}, uid, ::getegid()};
  }
  template <class Find>
  static Result<FoundFor> on_a_thread(const Find& find) {
    std::optional<Result<FoundFor>> found;
    std::thread([&] { found.emplace(find()); }).join();
    return std::move(*found);
  }
};

TEST_F(FoundForOthers, ThePathIsThatFromTheRootOfItsFileSystem) {
  const Onlooker onlooker{myself().process, 0, 0};
  const Result<FoundFor> found =
      on_a_thread([&] { return find_for(onlooker, directory_ / "a/b/file", Leaf::file); });
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_TRUE(found->path_in_fs.ends_with("/a/b/file")) << found->path_in_fs;
  EXPECT_NE(found->device, 0u);
}

TEST_F(FoundForOthers, AProcessThatHasEndedFindsNothing) {
  Onlooker onlooker = myself();
  onlooker.process.start_ns += 1'000'000'000;
  const Result<FoundFor> found = on_a_thread([&] { return find_for(onlooker, "/", Leaf::file); });
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message, HasSubstr("has ended"));
}

TEST_F(FoundForOthers, LookWithTheirOwnRights) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can look with the rights of others";
  ::chmod((directory_.path()).c_str(), 0755);
  ::chmod((directory_ / "a").c_str(), 0700);
  const auto find_as = [&](uid_t uid) {
    return on_a_thread([&] { return find_for(myself(uid), directory_ / "a/b/file", Leaf::file); });
  };
  EXPECT_TRUE(find_as(0));
  const Result<FoundFor> refused = find_as(65534);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("Permission denied"));
  EXPECT_TRUE(find("/a/b/file")) << "this thread has its own";
}

TEST_F(FoundForOthers, AProgramIsLookedForInThePath) {
  const Onlooker onlooker{myself().process, 0, 0};
  const auto find = [&](const std::string& program) {
    return on_a_thread([&] { return find_program_for(onlooker, program); });
  };
  const Result<FoundFor> shell = find("sh");
  ASSERT_TRUE(shell) << shell.error().message;
  EXPECT_GT(shell->file.steps.size(), 1u);
  EXPECT_THAT(find("no-such-program-here").error().message, HasSubstr("no such program"));
  EXPECT_THAT(find(directory_ / "a/b/file").error().message, HasSubstr("not a program"));
}

}  // namespace
}  // namespace stayd
