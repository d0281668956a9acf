// SPDX-License-Identifier: Apache-2.0
#include "context/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace stayd {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A /proc made of plain files and links.
class FakeProc : public ::testing::Test {
 protected:
  FakeProc() {
    std::string name = ::testing::TempDir() + "stayd-proc-XXXXXX";
    root_ = ::mkdtemp(name.data());
  }
  ~FakeProc() override { std::filesystem::remove_all(root_); }

  void write(std::int32_t pid, const std::string& file, const std::string& text) {
    std::filesystem::create_directories(dir(pid));
    std::ofstream(dir(pid) / file, std::ios::binary) << text;
  }
  void add_process(std::int32_t pid, std::int32_t parent, const std::string& program,
                   const std::string& cmdline) {
    write(pid, "stat", std::to_string(pid) + " (a) S 1 (b) S " + std::to_string(parent) + " 7 8");
    write(pid, "cmdline", cmdline);
    std::filesystem::create_symlink(program, dir(pid) / "exe");
  }
  std::filesystem::path dir(std::int32_t pid) const { return root_ / std::to_string(pid); }

  std::filesystem::path root_;
};

TEST_F(FakeProc, ACallerIsDescribedWithItsParents) {
  add_process(1, 0, "/sbin/init", std::string("init\0", 5));
  add_process(200, 1, "/usr/bin/bash", std::string("-bash\0", 6));
  add_process(300, 200, "/usr/bin/python3", std::string("python3\0run me.py\0\0", 19));
  add_process(400, 300, "/usr/bin/curl", "curl");
  write(400, "cgroup", "1:name=systemd:/old\n0::/ai.slice/agent.service\n");

  Caller caller;
  caller.pid = 400;
  caller.parent = 300;
  describe_caller(caller, root_);

  EXPECT_EQ(caller.program, "/usr/bin/curl");
  EXPECT_EQ(caller.cgroup, "/ai.slice/agent.service");
  ASSERT_EQ(caller.ancestry.size(), 2u);
  EXPECT_EQ(caller.ancestry[0].pid, 300);
  EXPECT_EQ(caller.ancestry[0].program, "/usr/bin/python3");
  EXPECT_THAT(caller.ancestry[0].arguments, ElementsAre("python3", "run me.py", ""));
  EXPECT_EQ(caller.ancestry[1].pid, 200);
  EXPECT_THAT(caller.ancestry[1].arguments, ElementsAre("-bash"));
}

TEST_F(FakeProc, AnUnknownParentIsLookedUp) {
  add_process(200, 1, "/usr/bin/bash", "bash");
  add_process(300, 200, "/usr/bin/cat", "cat");
  Caller caller;
  caller.pid = 300;
  describe_caller(caller, root_);
  ASSERT_EQ(caller.ancestry.size(), 1u);
  EXPECT_EQ(caller.ancestry[0].pid, 200);
}

TEST_F(FakeProc, AProcessThatIsGoneIsDescribedByNothing) {
  Caller caller;
  caller.pid = 12345;
  caller.parent = 12344;
  describe_caller(caller, root_);
  EXPECT_EQ(caller.program, "");
  EXPECT_EQ(caller.cgroup, "");
  ASSERT_EQ(caller.ancestry.size(), 1u);
  EXPECT_EQ(caller.ancestry[0].pid, 12344);
  EXPECT_EQ(caller.ancestry[0].program, "");
  EXPECT_THAT(caller.ancestry[0].arguments, IsEmpty());
}

TEST_F(FakeProc, AncestryAndArgumentsAreBounded) {
  for (std::int32_t pid = 100; pid < 140; ++pid) {
    add_process(pid, pid - 1, "/bin/sh", std::string(100000, 'a'));
  }
  Caller caller;
  caller.pid = 139;
  caller.parent = 138;
  describe_caller(caller, root_);
  ASSERT_EQ(caller.ancestry.size(), kMaxAncestors);
  EXPECT_EQ(caller.ancestry[0].arguments.at(0).size(), kMaxArgumentBytes);
}

TEST_F(FakeProc, ALoopOfParentsEnds) {
  add_process(100, 101, "/bin/a", "a");
  add_process(101, 100, "/bin/b", "b");
  Caller caller;
  caller.pid = 100;
  caller.parent = 101;
  describe_caller(caller, root_);
  EXPECT_EQ(caller.ancestry.size(), kMaxAncestors);
}

TEST_F(FakeProc, BrokenFilesLeaveFieldsEmpty) {
  write(300, "stat", "300 (no end");
  write(300, "cgroup", "0:/x\n0::/gone (deleted)");
  Caller caller;
  caller.pid = 300;
  describe_caller(caller, root_);
  EXPECT_EQ(caller.cgroup, "");
  EXPECT_THAT(caller.ancestry, IsEmpty());
  for (const char* stat : {"", ") ", ") S", ") S x", "1 (a) S 99999999999999999999"}) {
    write(300, "stat", stat);
    describe_caller(caller, root_);
    EXPECT_THAT(caller.ancestry, IsEmpty()) << stat;
  }
}

TEST_F(FakeProc, AProcessLivesWhileItsPidHasItsStart) {
  const auto ns_per_tick = static_cast<std::uint64_t>(1'000'000'000 / ::sysconf(_SC_CLK_TCK));
  std::string stat = "7 (a) S 1 (b) S";  // fields 1 to 3; the name holds the first letters
  for (int field = 4; field < 22; ++field) stat += " " + std::to_string(field);
  write(7, "stat", stat + " 4242 23 24");
  EXPECT_TRUE(lives({.pid = 7, .start_ns = 4242 * ns_per_tick + 5}, root_));
  EXPECT_FALSE(lives({.pid = 7, .start_ns = 4243 * ns_per_tick}, root_)) << "another has its pid";
  EXPECT_FALSE(lives({.pid = 8, .start_ns = 4242 * ns_per_tick}, root_)) << "it has ended";
}

TEST(DescribeCaller, DescribesThisVeryProcess) {
  Caller caller;
  caller.pid = ::getpid();
  caller.parent = ::getppid();
  describe_caller(caller);
  EXPECT_EQ(caller.program, std::filesystem::read_symlink("/proc/self/exe"));
}

}  // namespace
}  // namespace stayd
