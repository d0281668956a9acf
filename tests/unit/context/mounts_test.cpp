// SPDX-License-Identifier: Apache-2.0
#include "context/mounts.h"

#include <gtest/gtest.h>

namespace stayd {
namespace {

constexpr std::uint32_t device(std::uint32_t major, std::uint32_t minor) {
  return major << 20 | minor;
}

const std::string kMounts =
    "22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw\n"
    "23 22 0:21 / /proc rw,nosuid - proc proc rw\n"
    "30 22 0:34 /@home /home rw shared:2 master:7 - btrfs /dev/vdb rw\n"
    "31 22 0:34 /@srv/customers /srv/my\\040data rw - btrfs /dev/vdb rw\n"
    "32 22 254:17 / /boot rw - ext4 /dev/vda17 rw\n"
    "33 22 0:50 / /mnt/\\134odd\\012name rw - tmpfs tmpfs rw\n";

TEST(HostPath, TheRootFileSystemKeepsItsPaths) {
  EXPECT_EQ(Mounts(kMounts).host_path(device(254, 1), "/etc/passwd"), "/etc/passwd");
  EXPECT_EQ(Mounts(kMounts).host_path(device(254, 1), "/"), "/");
}

TEST(Mounts, SayOfWhichTypeTheirFileSystemsAre) {
  const Mounts mounts(kMounts + "40 1 0:60 / /x rw\n");
  ASSERT_NE(mounts.find(22), nullptr);
  EXPECT_EQ(mounts.find(22)->type, "ext4") << "after optional fields";
  EXPECT_EQ(mounts.find(23)->type, "proc");
  EXPECT_EQ(mounts.find(40)->type, "") << "it is not said";
}

TEST(Mounts, SayWhereAProgramAnswers) {
  const Mounts mounts(kMounts + "40 1 0:60 / /home/alice/net rw - fuse.sshfs alice@x rw\n");
  EXPECT_TRUE(mounts.is_served("/home/alice/net/a/b"));
  EXPECT_TRUE(mounts.is_served("/home/alice/net"));
  EXPECT_FALSE(mounts.is_served("/home/alice/network"));
  EXPECT_FALSE(mounts.is_served("/home/alice"));
}

TEST(HostPath, AMountedFileSystemGetsItsMountPoint) {
  EXPECT_EQ(Mounts(kMounts).host_path(device(254, 17), "/grub/grub.cfg"), "/boot/grub/grub.cfg");
  EXPECT_EQ(Mounts(kMounts).host_path(device(254, 17), "/"), "/boot");
}

TEST(HostPath, PartOfAFileSystemIsRecognisedByWholeNames) {
  EXPECT_EQ(Mounts(kMounts).host_path(device(0, 34), "/@home/alice/.env"), "/home/alice/.env");
  EXPECT_EQ(Mounts(kMounts).host_path(device(0, 34), "/@home"), "/home");
  EXPECT_EQ(Mounts(kMounts).host_path(device(0, 34), "/@homework/x"), "/@homework/x");
}

TEST(HostPath, MangledNamesAreDecoded) {
  EXPECT_EQ(Mounts(kMounts).host_path(device(0, 34), "/@srv/customers/list.csv"),
            "/srv/my data/list.csv");
  EXPECT_EQ(Mounts(kMounts).host_path(device(0, 50), "/f"), "/mnt/\\odd\nname/f");
}

TEST(HostPath, TheMountThatShowsMostWinsThenTheFirst) {
  const std::string mounts =
      "2 1 8:1 /srv/customers /mnt/bound rw - ext4 a rw\n"
      "3 1 8:1 /srv /mnt/srv rw - ext4 a rw\n"
      "4 1 8:1 /srv /mnt/again rw - ext4 a rw\n";
  EXPECT_EQ(Mounts(mounts).host_path(device(8, 1), "/srv/customers/a"), "/mnt/srv/customers/a");
  EXPECT_EQ(Mounts(mounts).host_path(device(8, 1), "/etc/a"), "/etc/a");
  EXPECT_EQ(
      Mounts(mounts + "5 0 8:1 / / rw - ext4 a rw\n").host_path(device(8, 1), "/srv/customers/a"),
      "/srv/customers/a");
}

TEST(BoundFrom, IsTheDirectoryThatABindMountShowsByTheMountThatShowsMostAroundIt) {
  const Mounts mounts(
      "1 0 8:1 / / rw - ext4 a rw\n"
      "2 1 8:2 /vol /data rw - ext4 b rw\n"
      "3 1 8:1 /srv/customers /home/x/list rw - ext4 a rw\n"
      "4 1 8:1 /srv /mnt/srv rw - ext4 a rw\n"
      "5 1 8:2 /vol/a /home/x/a rw - ext4 b rw\n"
      "6 1 0:9 / /tmp rw - tmpfs t rw\n"
      "7 1 8:3 / /over rw - ext4 c rw\n"
      "8 1 8:1 /etc /over rw - ext4 a rw\n");
  EXPECT_EQ(mounts.bound_from("/home/x/list"), "/srv/customers");
  EXPECT_EQ(mounts.bound_from("/home/x/a"), "/data/a") << "its own root is mounted nowhere";
  EXPECT_EQ(mounts.bound_from("/over"), "/etc") << "the later mount hides the earlier";
  EXPECT_EQ(mounts.bound_from("/tmp"), std::nullopt);
  EXPECT_EQ(mounts.bound_from("/"), std::nullopt);
  EXPECT_EQ(mounts.bound_from("/data"), std::nullopt) << "nothing shows what it is in";
  EXPECT_EQ(mounts.bound_from("/nowhere"), std::nullopt);
}

TEST(MountPoints, AreListedInOrderAndDecoded) {
  EXPECT_EQ(Mounts(kMounts).points(),
            (std::vector<std::string>{"/", "/proc", "/home", "/srv/my data", "/boot",
                                      "/mnt/\\odd\nname"}));
  EXPECT_TRUE(Mounts("garbage\n").points().empty());
}

TEST(HostPath, UnknownDevicesAndBrokenTextLeaveThePath) {
  EXPECT_EQ(Mounts(kMounts).host_path(device(9, 9), "/a"), "/a");
  for (const char* text : {"", "\n\n", "1 2 8:1", "1 2 8:1 / \n", "1 2 8:1 /", "garbage \\04"}) {
    EXPECT_EQ(Mounts(text).host_path(device(8, 1), "/a"), "/a") << text;
  }
}

}  // namespace
}  // namespace stayd
