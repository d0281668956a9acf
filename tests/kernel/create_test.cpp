// SPDX-License-Identifier: Apache-2.0
// Creation is decided before the file exists.
#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "kernel_test.h"

namespace stayd::test {
namespace {

namespace fs = std::filesystem;

using Create = KernelTest;

TEST_F(Create, TheFileComesIntoBeingWithTheApprovalAndOnce) {
  ASSERT_GT(unguarded(creates(path("new/unguarded"))), 0);
  const auto actor = tagged(creates(path("new/file")));
  const Json ticket = question("create");
  EXPECT_EQ(ticket["operation"]["path"], path("new/file"));
  EXPECT_TRUE(throughout(kWhile, [&] { return !fs::exists(path("new/file")); }));
  approve(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().value, 4) << "EEXIST would mean that it met its own file";
  EXPECT_EQ(fs::file_size(path("new/file")), 4u);
  EXPECT_EQ(questions(), 1u);
}

TEST_F(Create, ADenialLeavesNoFile) {
  const auto actor = tagged(creates(path("new/file")));
  deny(question("create"));
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().error, EPERM);
  EXPECT_FALSE(fs::exists(path("new/file")));
}

TEST_F(Create, WhereWritingIsHeldCreationAsksOnce) {
  const auto actor = tagged(creates(path("data/file")));
  approve(question("create"));
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().value, 4);
  EXPECT_EQ(questions(), 1u);
}

TEST_F(Create, AnotherNameIsAnotherQuestion) {
  const auto actor = tagged(in_turn({creates(path("new/one")), creates(path("new/two"))}));
  approve(question("create"));
  ASSERT_TRUE(actor->report().reaches(1));
  const Json second = question("create");
  EXPECT_EQ(second["operation"]["path"], path("new/two"));
  deny(second);
  ASSERT_TRUE(actor->ends());
  EXPECT_TRUE(fs::exists(path("new/one")));
  EXPECT_FALSE(fs::exists(path("new/two")));
}

Body opens_with_creat(const std::string& file) {
  return [file](Report&) -> long { return ::open(file.c_str(), O_CREAT | O_RDWR, 0600); };
}

TEST_F(Create, CreatOnAnExistingFileAsksNothing) {
  write("new/file", "old");
  const auto actor = tagged(opens_with_creat(path("new/file")));
  ASSERT_TRUE(actor->ends());
  EXPECT_GE(actor->report().value, 0);
  EXPECT_EQ(questions(), 0u);
}

// The kernel asks about creation before it has looked for the name, if it does not
// remember it. What is on a tmpfs it always remembers, so this is about the machine's root.
TEST_F(Create, CreatOnAFileThatTheKernelHasForgottenAsksNothing) {
  const std::string directory = "/var/tmp/stayd-kernel" + cgroup().name();
  fs::create_directories(directory);
  std::ofstream(directory + "/file") << "old";
  std::ofstream(path("policy.yaml"))
      << "policy: kernel-test\nnetwork: {default: hold}\nexec: {default: allow}\n"
         "files: {default: allow, create: {hold: [" +
             directory + "]}}\n";
  assign();
  const Fd kept(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  std::ofstream("/proc/sys/vm/drop_caches") << "2";
  const auto actor = tagged(opens_with_creat(directory + "/file"));
  ASSERT_TRUE(actor->ends());
  EXPECT_GE(actor->report().value, 0);
  EXPECT_EQ(questions(), 0u);

  std::ofstream("/proc/sys/vm/drop_caches") << "2";
  const auto creator = tagged(creates(directory + "/other"));
  const Json ticket = question("create");
  EXPECT_FALSE(fs::exists(directory + "/other"));
  approve(ticket);
  ASSERT_TRUE(creator->ends());
  EXPECT_EQ(creator->report().value, 4);
  EXPECT_EQ(questions(), 1u);
}

TEST_F(Create, MknodOfARegularFileIsHeldToo) {
  const Body makes = [file = path("new/node")](Report&) -> long {
    return ::mknod(file.c_str(), S_IFREG | 0600, 0);
  };
  const auto actor = tagged(makes);
  const Json ticket = question("create");
  EXPECT_FALSE(fs::exists(path("new/node")));
  deny(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().error, EPERM);
}

}  // namespace
}  // namespace stayd::test
