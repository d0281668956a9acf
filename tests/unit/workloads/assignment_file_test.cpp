// SPDX-License-Identifier: Apache-2.0
#include "workloads/assignment_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "support/temp_dir.h"

namespace {

std::vector<std::string> synced;  // the names of what has been, when it was

}  // namespace

// In place of the C library's, for this program: notes what is made durable, and does it.
extern "C" int fsync(int file) {
  std::error_code error;
  synced.push_back(
      std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(file), error).filename());
  return static_cast<int>(::syscall(SYS_fsync, file));
}

namespace stayd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class AssignmentFiles : public ::testing::Test {
 protected:
  AssignmentFiles() { synced.clear(); }

  test::TempDir directory_;
  const std::string path_ = directory_ / "assignments.json";
  AssignmentFile file_{path_};
};

TEST_F(AssignmentFiles, WhatIsWrittenIsReadAgain) {
  const PolicyFileByCgroup assigned{{"/ai.slice/a", "/etc/stayd/a.yaml"},
                                    {"/ai.slice/b \"c\"\n", "/etc/stayd/b.yaml"}};
  ASSERT_TRUE(file_.write(assigned));
  EXPECT_EQ(*file_.read(), assigned);
  ASSERT_TRUE(file_.write({}));
  EXPECT_EQ(*file_.read(), PolicyFileByCgroup{});
}

TEST_F(AssignmentFiles, AFileThatIsNotThereHoldsNoAssignments) {
  const Result<PolicyFileByCgroup> read = file_.read();
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(read->empty());
}

TEST_F(AssignmentFiles, AFileThatIsBrokenIsAnErrorThatSaysWhatToDo) {
  for (const char* text : {"", "{", "[]", R"({"/a": 1})"}) {
    std::ofstream(path_, std::ios::trunc) << text;
    const Result<PolicyFileByCgroup> read = file_.read();
    ASSERT_FALSE(read) << text;
    EXPECT_THAT(read.error().message, HasSubstr("assign the workloads again"));
  }
}

TEST_F(AssignmentFiles, TheNewContentsAreOnTheDiskBeforeTheyTakeTheNameAndThenTheName) {
  ASSERT_TRUE(file_.write({{"/a", "/p"}}));
  EXPECT_THAT(synced, ElementsAre("assignments.json.new",
                                  std::filesystem::path(directory_.path()).filename().string()));
}

TEST_F(AssignmentFiles, WhatCannotBeWrittenLeavesTheOldFile) {
  ASSERT_TRUE(file_.write({{"/a", "/p"}}));
  std::filesystem::create_directory(path_ + ".new");  // in the way, and not empty
  std::ofstream(path_ + ".new/x") << "x";
  EXPECT_FALSE(file_.write({{"/b", "/q"}}));
  EXPECT_EQ(*file_.read(), (PolicyFileByCgroup{{"/a", "/p"}}));
}

}  // namespace
}  // namespace stayd
