// SPDX-License-Identifier: Apache-2.0
// A labelled place that comes, goes and is replaced, while somebody tries to open what is in it
// as fast as can be: not one time does it succeed.
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>

#include "kernel_test.h"

namespace stayd::test {
namespace {

namespace fs = std::filesystem;

constexpr int kTimes = 60;

class Gaps : public KernelTest {
 protected:
  void put_under(const std::string& place) {
    write("policy.yaml",
          "policy: gaps\nnetwork: {default: allow}\nexec: {default: allow}\n"
          "files: {default: allow, read: {deny: [" +
              path(place) + "]}}\n");
    assign();
  }
  void make(const std::string& directory) {
    fs::create_directories(path(directory));
    write(directory + "/x", kCustomers);
  }
  void exchange(const std::string& one, const std::string& other) {
    ASSERT_EQ(
        ::renameat2(AT_FDCWD, path(one).c_str(), AT_FDCWD, path(other).c_str(), RENAME_EXCHANGE),
        0);
  }
  // After each change somebody untagged has read the file, and the workload has tried to.
  void expect_no_gap(const std::string& file, const std::function<void(int)>& change);
};

// Counters: how often it was read, and how often not; and how often a change has begun or ended.
// An open that was under way during a change may be judged by where the file is after it.
Body opens_again_and_again(const std::string& file) {
  return [file](Report& report) -> long {
    while (report.stage == 0) {
      char bytes[64];
      const std::int64_t changes = report.counters[2];
      Fd opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
      const bool read = opened && ::read(opened.get(), bytes, sizeof(bytes)) > 0;
      if (read && changes % 2 == 0 && changes == report.counters[2])
        ++report.counters[0];
      else if (!read)
        ++report.counters[1];
    }
    return 0;
  };
}

void Gaps::expect_no_gap(const std::string& file, const std::function<void(int)>& change) {
  const auto free = untagged(opens_again_and_again(path(file)));
  const auto bound = tagged(opens_again_and_again(path(file)));
  for (int i = 0; i < kTimes; ++i) {
    ++bound->report().counters[2];
    change(i);
    ++bound->report().counters[2];
    if (HasFatalFailure()) return;
    const std::int64_t was_read = free->report().counters[0], tried = bound->report().counters[1];
    ASSERT_TRUE(eventually([&] {
      return free->report().counters[0] > was_read && bound->report().counters[1] > tried + 1;
    })) << "the file is not there";
  }
  free->report().stage = bound->report().stage = 1;
  ASSERT_TRUE(free->ends());
  ASSERT_TRUE(bound->ends());
  EXPECT_EQ(bound->report().counters[0], 0);
  std::cout << kTimes << " changes; read untagged " << free->report().counters[0]
            << " times, tried tagged " << bound->report().counters[1] << " times\n";
}

TEST_F(Gaps, ADirectoryThatIsMissingIsMadeAndDeletedAgain) {
  put_under("later");
  expect_no_gap("later/x", [&](int time) {
    fs::remove_all(path("later"));
    if (time % 2 == 0) return make("later");
    make("prepared");
    fs::rename(path("prepared"), path("later"));
  });
}

TEST_F(Gaps, AFileThatIsMissing) {
  put_under("new/secret");
  expect_no_gap("new/secret", [&](int time) {
    write("new/next", kCustomers);
    if (time % 3 == 0) fs::remove(path("new/secret"));
    fs::rename(path("new/next"), path("new/secret"));
  });
}

TEST_F(Gaps, ADirectoryThatAnotherTakesThePlaceOf) {
  make("live");
  make("next");
  put_under("live");
  expect_no_gap("live/x", [&](int) { exchange("live", "next"); });
}

TEST_F(Gaps, ADirectoryWhoseParentAnotherTakesThePlaceOf) {
  make("above/one/live");
  make("next/one/live");
  put_under("above/one/live");
  expect_no_gap("above/one/live/x", [&](int time) {
    if (time % 3 != 2) return exchange("above", "next");
    fs::rename(path("above"), path("away"));
    make("above/one/live");
    fs::remove_all(path("away"));
  });
}

// What the link points to is found when the policy is put into force.
TEST_F(Gaps, ADirectoryThatIsReachedByALink) {
  make("real/live");
  make("next");
  fs::create_directory_symlink(path("real"), path("link"));
  put_under("link/live");
  expect_no_gap("link/live/x", [&](int) { exchange("real/live", "next"); });
}

TEST_F(Gaps, StatusSaysWhatCouldNotBeLabelled) {
  put_under("later");
  const std::string command = "STAYD_SOCKET=" + stayd().socket_path() + " " +
                              built_program("agent/ctl/stayctl") + " status";
  FILE* output = ::popen(command.c_str(), "r");
  ASSERT_NE(output, nullptr);
  std::string text;
  for (int byte; (byte = std::fgetc(output)) != EOF;) text += static_cast<char>(byte);
  EXPECT_EQ(::pclose(output), 0);
  EXPECT_NE(text.find(path("later") + ": nothing is there yet"), text.npos) << text;
}

}  // namespace
}  // namespace stayd::test
