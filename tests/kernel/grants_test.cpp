// SPDX-License-Identifier: Apache-2.0
// What an approval for a directory lets through, and what it does not.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "kernel_test.h"

namespace stayd::test {
namespace {

class Grants : public KernelTest {
 protected:
  Grants() {
    for (const char* each : {"data/sub", "sibling", "secret"})
      std::filesystem::create_directories(path(each));
    std::ofstream(path("policy.yaml"))
        << "policy: kernel-test\nlabels:\n  data: [" << path("data") << ", " << path("sibling")
        << "]\n  secret: [" << path("secret") << "]\n"
        << "network: {default: allow}\nexec: {default: allow}\n"
        << "files: {default: allow, read: {hold: [data, secret]}}\n"
        << "approval: {timeout: 10m}\n";
    assign();
  }

  void approve_directory(const Json& ticket, int for_seconds = 600) {
    const Result<Json> decided =
        stayd().try_request("POST", "/v1/tickets/" + ticket["id"].dump() + "/decision",
                            {{"choice", "approve"},
                             {"digest", ticket["digest"]},
                             {"scope", "directory"},
                             {"for_seconds", for_seconds}});
    ASSERT_TRUE(decided) << decided.error().message;
  }
  // data/list.csv is read, and its directory approved.
  void read_and_approve(int for_seconds = 600) {
    const auto actor = tagged(reads(customers()));
    approve_directory(question("open"), for_seconds);
    ASSERT_TRUE(actor->ends());
    ASSERT_GT(actor->report().value, 0);
  }
  void expect_let_through(const Body& body) {
    const std::size_t before = questions();
    const auto actor = tagged(body);
    ASSERT_TRUE(actor->ends());
    EXPECT_GE(actor->report().value, 0) << "errno " << actor->report().error;
    EXPECT_EQ(questions(), before);
  }
  void expect_asked(const Body& body) {
    const auto actor = tagged(body);
    deny(question("open", actor->pid()));
    ASSERT_TRUE(actor->ends());
    EXPECT_EQ(actor->report().error, EPERM);
  }
  static Body moves(std::string from, std::string to) {
    return [from = std::move(from), to = std::move(to)](Report&) -> long {
      return std::rename(from.c_str(), to.c_str());
    };
  }
};

TEST_F(Grants, AGrepOverTwentyFilesAsksOnce) {
  for (int i = 0; i < 20; ++i)
    write((i % 2 == 0 ? "data/" : "data/sub/") + std::to_string(i), "a needle\n");
  const auto actor = tagged(executes("/usr/bin/grep", {"-r", "needle", path("data")}));
  approve_directory(question("open"));
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->exit_code(), 0);
  EXPECT_EQ(questions(), 1u);
}

TEST_F(Grants, ADirectoryIsNotItsSiblingNorWhatALinkInItLeadsTo) {
  write("sibling/x", "x");
  write("secret/x", "x");
  std::filesystem::create_symlink(path("sibling/x"), path("data/link"));
  read_and_approve();
  expect_asked(reads(path("sibling/x")));
  expect_asked(reads(path("data/link")));
  expect_asked(reads(path("secret/x")));
}

TEST_F(Grants, WhatIsMovedIntoADirectorySinceIsAskedAbout) {
  std::filesystem::create_directories(path("sibling/sub"));
  for (const char* each : {"data/there", "sibling/file", "sibling/sub/file"}) write(each, "x");
  read_and_approve();
  expect_let_through(moves(path("sibling/file"), path("data/moved")));
  expect_asked(reads(path("data/moved")));
  expect_let_through(moves(path("sibling/sub"), path("data/moved-sub")));
  expect_asked(reads(path("data/moved-sub/file")));
  expect_let_through(reads(path("data/there")));
}

// git writes config.lock and renames it.
TEST_F(Grants, AFileThatIsMadeInADirectoryAndTakesTheNameOfAnotherIsInIt) {
  read_and_approve();
  for (int round = 0; round < 3; ++round) {
    expect_let_through([from = path("data/list.lock"), to = customers()](Report&) -> long {
      const int file = ::open(from.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
      if (file < 0 || ::write(file, "new", 3) != 3 || ::close(file) != 0) return -1;
      return std::rename(from.c_str(), to.c_str());
    });
    expect_let_through(reads(customers()));
  }
}

TEST_F(Grants, ADirectoryIsAskedAboutAgainOnceItsTimeIsUp) {
  write("data/other", "x");
  read_and_approve(1);
  ASSERT_TRUE(eventually([&] { return stayd().request("GET", "/v1/grants")["grants"].empty(); }));
  expect_asked(reads(path("data/other")));
}

TEST_F(Grants, AnotherWorkloadIsAskedItself) {
  read_and_approve();
  release();
  assign();
  expect_asked(reads(customers()));
}

}  // namespace
}  // namespace stayd::test
