// SPDX-License-Identifier: Apache-2.0
#include "context/cgroup_user.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "support/temp_dir.h"

namespace stayd {
namespace {

TEST(CgroupUser, IsInThePathOfAUsersSlice) {
  EXPECT_EQ(uid_in_cgroup_path("/user.slice/user-1000.slice"), 1000u);
  EXPECT_EQ(uid_in_cgroup_path("/user.slice/user-1000.slice/session-3.scope"), 1000u);
  EXPECT_EQ(uid_in_cgroup_path("/user.slice/user-0.slice/user@0.service/app.slice/x.scope"), 0u);
}

TEST(CgroupUser, IsNotInANameThatAUserMayGive) {
  for (const char* cgroup :
       {"/", "/user.slice", "/user.slice/user-.slice", "/user.slice/user-1000.slices",
        "/user.slice/user-1000", "/user.slice/user-99999999999.slice", "/user.slice/user--1.slice",
        "/system.slice/user-1000.slice", "/system.slice/x.service/user.slice/user-0.slice"})
    EXPECT_EQ(uid_in_cgroup_path(cgroup), std::nullopt) << cgroup;
  EXPECT_EQ(uid_in_cgroup_path("/user.slice/user-1000.slice/user@1000.service/user-0.slice"),
            1000u);
}

TEST(CgroupUser, IsTheOwnerOfTheDirectoryUnlessThatIsRoot) {
  if (::getuid() != 0) GTEST_SKIP() << "needs root";
  test::TempDir root;
  std::filesystem::create_directory(root / "delegated");
  std::filesystem::create_directory(root / "plain");
  ASSERT_EQ(::chown((root / "delegated").c_str(), 12345, 0), 0);
  EXPECT_EQ(uid_of_cgroup(root.path(), "/delegated"), 12345u);
  EXPECT_EQ(uid_of_cgroup(root.path(), "/plain"), std::nullopt);
  EXPECT_EQ(uid_of_cgroup(root.path(), "/gone"), std::nullopt);
}

}  // namespace
}  // namespace stayd
