// SPDX-License-Identifier: Apache-2.0
#include "workloads/workloads.h"

#include <gtest/gtest.h>

namespace stayd {
namespace {

TEST(NormalCgroup, TakesEveryWayOfWritingTheSameCgroup) {
  for (const char* written :
       {"/ai.slice/x", "ai.slice/x", "/ai.slice/x/", "/sys/fs/cgroup/ai.slice/x", "/ai.slice//x",
        "/ai.slice/./x", "/ai.slice/y/../x"})
    EXPECT_EQ(normal_cgroup(written), "/ai.slice/x") << written;
}

TEST(NormalCgroup, KnowsTheRootAndDoesNotClimbAboveIt) {
  for (const char* written : {"/", "", "/sys/fs/cgroup", "/sys/fs/cgroup/", "..", "/../.."})
    EXPECT_EQ(normal_cgroup(written), "/") << written;
}

TEST(NormalCgroup, IsNotFooledByANameThatBeginsLikeTheMountPoint) {
  EXPECT_EQ(normal_cgroup("/sys/fs/cgroupish"), "/sys/fs/cgroupish");
}

}  // namespace
}  // namespace stayd
