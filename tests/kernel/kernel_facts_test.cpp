// SPDX-License-Identifier: Apache-2.0
// What the programs find out about the kernel that they run on.
#include <gtest/gtest.h>
#include <sys/utsname.h>

#include <cstdio>
#include <tuple>

#include "kernel/programs.h"

namespace stayd {
namespace {

TEST(KernelFacts, TheBitOfAPendingSignalIsFound) {
  const Result<Programs> programs = Programs::load({});
  ASSERT_TRUE(programs) << programs.error().message;
  utsname names{};
  ::uname(&names);
  int major = 0, minor = 0;
  ASSERT_EQ(std::sscanf(names.release, "%d.%d", &major, &minor), 2);
  // TIF_SIGPENDING of arch/x86/include/asm/thread_info.h and asm-generic/thread_info_tif.h.
  const bool renumbered = std::tuple(major, minor) >= std::tuple(6, 18);
  EXPECT_EQ(programs->sigpending_mask(), renumbered ? 1u << 1 : 1u << 2);
}

}  // namespace
}  // namespace stayd
