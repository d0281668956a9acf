// SPDX-License-Identifier: Apache-2.0
#include "context/file_steps.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "support/temp_dir.h"

namespace stayd {
namespace {

using namespace test;
namespace fs = std::filesystem;

struct statx status_of(const std::string& path) {
  struct statx status {};
  EXPECT_EQ(::statx(AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW,
                    STATX_INO | STATX_CTIME | STATX_MNT_ID, &status),
            0);
  return status;
}

class FileSteps : public ::testing::Test {
 protected:
  FileSteps() {
    fs::create_directories(directory_ / "a/b");
    std::ofstream(directory_ / "a/b/file") << "x";
  }
  // Every mount on the way is of this type: what is really there is whatever machine this is.
  Mounts mounts_of(const std::string& type) const {
    std::string text;
    for (fs::path at = fs::path(directory_ / "a/b/file");; at = at.parent_path()) {
      const struct statx status = status_of(at);
      text += std::to_string(status.stx_mnt_id) + " 1 " + std::to_string(status.stx_dev_major) +
              ":" + std::to_string(status.stx_dev_minor) + " / /somewhere rw shared:1 - " + type +
              " none rw\n";
      if (at == at.root_path()) return Mounts(text);
    }
  }
  std::uint32_t device() const {
    const struct statx status = status_of(directory_ / "a/b/file");
    return status.stx_dev_major << 20 | status.stx_dev_minor;
  }
  std::vector<FileStep> steps(const std::string& below, const std::string& type = "ext4") const {
    return file_steps(mounts_of(type), device(), directory_ / below);
  }

  TempDir directory_;
};

TEST_F(FileSteps, LeadThroughEachDirectoryToTheFile) {
  const std::vector<FileStep> found = steps("a/b/file");
  ASSERT_GE(found.size(), 3u);
  EXPECT_EQ(found.back().inode, status_of(directory_ / "a/b/file").stx_ino);
  EXPECT_EQ(found[found.size() - 2].inode, status_of(directory_ / "a/b").stx_ino);
  EXPECT_EQ(found[found.size() - 3].inode, status_of(directory_ / "a").stx_ino);
}

TEST_F(FileSteps, SayWhenAFileWasMoved) {
  const TimePoint before = steps("a/b/file").back().changed;
  // The clock of files may be behind by a tick.
  const auto moved = [&] {
    fs::rename(directory_ / "a/b/file", directory_ / "a/moved");
    fs::rename(directory_ / "a/moved", directory_ / "a/b/file");
    return steps("a/b/file").back().changed > before;
  };
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  bool seen = false;
  while (!seen && std::chrono::steady_clock::now() < deadline) seen = moved();
  EXPECT_TRUE(seen);
}

TEST_F(FileSteps, DoNotFollowLinks) {
  fs::create_symlink(directory_ / "a", directory_ / "link");
  EXPECT_TRUE(steps("link/b/file").empty());
  const std::vector<FileStep> link = steps("link");
  ASSERT_FALSE(link.empty());
  EXPECT_EQ(link.back().inode, status_of(directory_ / "link").stx_ino);
}

TEST_F(FileSteps, ThereAreNoneOfWhatIsNotThereOrOnAnotherDevice) {
  EXPECT_TRUE(steps("a/none").empty());
  EXPECT_TRUE(steps("a/b/file/none").empty());
  EXPECT_TRUE(
      file_steps(mounts_of("ext4"), device() + 1, std::string(directory_ / "a/b/file")).empty());
  EXPECT_TRUE(file_steps(Mounts(), device(), std::string(directory_ / "a/b/file")).empty())
      << "a mount that is not known";
}

TEST_F(FileSteps, ThereAreNoneWhereAWorkloadOrANetworkCouldAnswer) {
  for (const char* type : {"fuse.sshfs", "fuse", "nfs4", "9p", "overlay", "btrfs", ""})
    EXPECT_TRUE(steps("a/b/file", type).empty()) << type;
  for (const char* type : {"ext4", "xfs", "tmpfs"})
    EXPECT_FALSE(steps("a/b/file", type).empty()) << type;
}

TEST_F(FileSteps, ThereAreNoneOfWhatLiesTooDeep) {
  std::string path = "deep";
  for (int depth = 0; depth < 130; ++depth) path += "/d";
  fs::create_directories(directory_ / path);
  EXPECT_TRUE(steps(path).empty());
}

}  // namespace
}  // namespace stayd
