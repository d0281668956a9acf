// SPDX-License-Identifier: Apache-2.0
#include "context/mount_table.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "support/temp_dir.h"

namespace stayd {
namespace {

bool shows(MountTable& table, const std::string& point) {
  const std::vector<std::string> points = table.now()->points();
  return std::ranges::find(points, point) != points.end();
}

// Mounts things in a namespace of its own, so that nobody else sees them.
class HostMounts : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
      GTEST_SKIP() << "needs CAP_SYS_ADMIN";
    ::mkdir(point_.c_str(), 0755);
  }
  void TearDown() override { ::umount2(point_.c_str(), MNT_DETACH); }
  void mount() { ASSERT_EQ(::mount("stayd", point_.c_str(), "tmpfs", 0, nullptr), 0); }

  test::TempDir directory_;
  const std::string point_ = directory_ / "mounted";
  // The file of this thread: /proc/self is that of the process's first one.
  MountTable table_{"/proc/thread-self/mountinfo"};
};

TEST_F(HostMounts, AMountIsThereAssoonAsItIsMadeAndGoneAsSoonAsItIsTaken) {
  EXPECT_TRUE(shows(table_, "/"));
  EXPECT_FALSE(shows(table_, point_));
  for (int i = 0; i < 3; ++i) {
    mount();
    EXPECT_TRUE(shows(table_, point_)) << i;
    ASSERT_EQ(::umount2(point_.c_str(), 0), 0);
    EXPECT_FALSE(shows(table_, point_)) << i;
  }
}

TEST_F(HostMounts, TheTableIsNotReadAgainWhileNothingChanges) {
  const std::shared_ptr<const Mounts> first = table_.now();
  EXPECT_EQ(table_.now(), first);
  mount();
  EXPECT_NE(table_.now(), first);
  EXPECT_FALSE(first->points().empty()) << "who has the old one keeps it";
}

TEST_F(HostMounts, WhoeverWaitsForAChangeAndWhoeverAsksTakeNothingFromEachOther) {
  const Result<Fd> watch = table_.open_watch();
  ASSERT_TRUE(watch) << watch.error().message;
  pollfd changed{.fd = watch->get(), .events = POLLPRI, .revents = 0};
  table_.now();
  EXPECT_EQ(::poll(&changed, 1, 0), 0);
  mount();
  EXPECT_EQ(::poll(&changed, 1, 0), 1);
  EXPECT_TRUE(changed.revents & POLLPRI);
  EXPECT_TRUE(shows(table_, point_));
  ASSERT_EQ(::umount2(point_.c_str(), 0), 0);
  EXPECT_FALSE(shows(table_, point_));
  EXPECT_EQ(::poll(&changed, 1, 0), 1);
  EXPECT_EQ(::poll(&changed, 1, 0), 0) << "each change is reported once";
}

TEST_F(HostMounts, ThreadsMayAskAtTheSameTime) {
  std::atomic<bool> over = false;
  std::atomic<std::size_t> without_root = 0;
  std::thread other([&] {
    while (!over)
      if (!shows(table_, "/")) ++without_root;
  });
  for (int i = 0; i < 50; ++i) {
    mount();
    EXPECT_TRUE(shows(table_, point_));
    ASSERT_EQ(::umount2(point_.c_str(), 0), 0);
    EXPECT_FALSE(shows(table_, point_));
  }
  over = true;
  other.join();
  EXPECT_EQ(without_root, 0u);
}

TEST(MountTables, AFileThatCannotBeReadShowsNoMountsUntilItCan) {
  const test::TempDir directory;
  MountTable table(directory / "mountinfo");
  EXPECT_TRUE(table.now()->points().empty());
  EXPECT_EQ(table.now()->host_path(1, "/a"), "/a");
  EXPECT_FALSE(table.open_watch());
  std::filesystem::create_symlink("/proc/self/mountinfo", directory / "mountinfo");
  EXPECT_TRUE(shows(table, "/"));
}

}  // namespace
}  // namespace stayd
