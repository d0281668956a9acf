// SPDX-License-Identifier: Apache-2.0
// A name that a file gets by a link is made in its directory like any other, and a file is what
// its names say, also when it loses some of them.
#include <fcntl.h>
#include <sys/stat.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "kernel_test.h"
#include "support/io_uring.h"

namespace stayd::test {
namespace {

namespace fs = std::filesystem;

std::string descriptor_path(int fd) { return "/proc/self/fd/" + std::to_string(fd); }

class HardLinks : public KernelTest {
 protected:
  HardLinks() { write("evil", "#!/bin/sh\n", 0755); }

  void put_under(const std::string& files) {
    std::ofstream(path("policy.yaml")) << "policy: kernel-test\nnetwork: {default: hold}\n"
                                          "exec: {default: allow}\nfiles: "
                                       << files << "\napproval: {timeout: 10m}\n";
    assign();
  }
  static Body links(const std::string& from, const std::string& to) {
    return [=](Report&) -> long { return ::link(from.c_str(), to.c_str()) == 0 ? 1 : -1; };
  }
  static Body links_descriptor(const std::string& from, const std::string& to) {
    return [=](Report&) -> long {
      const Fd file(::open(from.c_str(), O_PATH | O_CLOEXEC));
      return ::linkat(file.get(), "", AT_FDCWD, to.c_str(), AT_EMPTY_PATH) == 0 ? 1 : -1;
    };
  }
  static Body links_by_proc(const std::string& from, const std::string& to) {
    return [=](Report&) -> long {
      const Fd file(::open(from.c_str(), O_PATH | O_CLOEXEC));
      return ::linkat(AT_FDCWD, descriptor_path(file.get()).c_str(), AT_FDCWD, to.c_str(),
                      AT_SYMLINK_FOLLOW) == 0
                 ? 1
                 : -1;
    };
  }
  static Body makes_nameless(const std::string& directory, const std::string& to) {
    return [=](Report&) -> long {
      const Fd file(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
      if (!file) return -1;
      if (to.empty()) return 1;
      return ::linkat(AT_FDCWD, descriptor_path(file.get()).c_str(), AT_FDCWD, to.c_str(),
                      AT_SYMLINK_FOLLOW) == 0
                 ? 1
                 : -1;
    };
  }
  // Works unguarded; then, guarded, is refused at once and leaves no such name.
  void expect_denied(const Body& body, const std::string& made) {
    ASSERT_EQ(unguarded(body), 1) << "this way is blocked without stayd, too";
    if (!made.empty()) fs::remove(made);
    const auto actor = tagged(body);
    ASSERT_TRUE(actor->ends());
    EXPECT_EQ(actor->report().value, -1);
    EXPECT_EQ(actor->report().error, EPERM);
    EXPECT_TRUE(made.empty() || !fs::exists(made));
    EXPECT_EQ(questions(), 0u);
  }
  // Asks about the creation of `made` once, and goes on once.
  void expect_held(const Body& body, const std::string& made) {
    ASSERT_EQ(unguarded(body), 1) << "this way is blocked without stayd, too";
    if (!made.empty()) fs::remove(made);
    const auto actor = tagged(body);
    const Json ticket = question("create");
    if (!made.empty()) {
      EXPECT_EQ(ticket["operation"]["path"], made);
      EXPECT_TRUE(throughout(kWhile, [&] { return !fs::exists(made); }));
    }
    approve(ticket);
    ASSERT_TRUE(actor->ends());
    EXPECT_EQ(actor->report().value, 1);
    EXPECT_EQ(questions(), 1u);
    const auto refused = tagged(in_turn(
        {[made](Report&) -> long { return made.empty() || ::unlink(made.c_str()) == 0 ? 1 : -1; },
         body}));
    deny(question("create"));
    ASSERT_TRUE(refused->ends());
    EXPECT_EQ(refused->report().error, EPERM);
    EXPECT_TRUE(made.empty() || !fs::exists(made));
  }
};

TEST_F(HardLinks, IntoADirectoryWhereCreationIsHeldAreHeldAsCreation) {
  expect_held(links(path("evil"), path("new/hook")), path("new/hook"));
}

TEST_F(HardLinks, OfADescriptorAreHeldAsCreation) {
  expect_held(links_descriptor(path("evil"), path("new/hook")), path("new/hook"));
}

TEST_F(HardLinks, OfADescriptorByItsNameInProcAreHeldAsCreation) {
  expect_held(links_by_proc(path("evil"), path("new/hook")), path("new/hook"));
}

TEST_F(HardLinks, OfANamelessFileAreHeldAsCreation) {
  expect_held(makes_nameless(path(""), path("new/hook")), path("new/hook"));
}

TEST_F(HardLinks, ToANamelessFileInADirectoryWhereCreationIsHeldAreHeldAsCreation) {
  expect_held(makes_nameless(path("new"), ""), "");
}

TEST_F(HardLinks, IntoADirectoryWhereCreationIsDeniedAreRefused) {
  put_under("{default: allow, create: {deny: [" + path("new") + "]}}");
  for (const Body& body :
       {links(path("evil"), path("new/hook")), links_descriptor(path("evil"), path("new/hook")),
        links_by_proc(path("evil"), path("new/hook")), makes_nameless(path(""), path("new/hook"))})
    expect_denied(body, path("new/hook"));
  expect_denied(makes_nameless(path("new"), ""), "");
}

TEST_F(HardLinks, IntoADirectoryWhereWritingIsDeniedAreRefused) {
  put_under("{default: allow, write: {deny: [" + path("new") + "]}}");
  expect_denied(links(path("evil"), path("new/hook")), path("new/hook"));
  expect_denied(makes_nameless(path(""), path("new/hook")), path("new/hook"));
}

TEST_F(HardLinks, UnderAPatternThatHoldsAreHeld) {
  put_under("{default: allow, create: {hold: [\"**/new/h*k\"]}}");
  expect_held(links(path("evil"), path("new/hook")), path("new/hook"));
}

TEST_F(HardLinks, OfAFileThatAPatternHoldsAreRefusedWhereThePatternDoesNotReach) {
  write("evil.key", "secret");
  put_under("{default: allow, read: {hold: [\"" + path("") + "*.key\"]}}");
  expect_denied(links(path("evil.key"), path("innocent")), path("innocent"));
}

TEST_F(HardLinks, AnApprovalIsOfTheFileThatWasAskedAbout) {
  const auto actor = tagged(links(path("evil"), path("new/hook")));
  const Json ticket = question("create");
  fs::rename(path("evil"), path("asked"));
  write("evil", "another");
  approve(ticket);
  const Json second = question("create");
  EXPECT_NE(second["id"], ticket["id"]);
  deny(second);
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().error, EPERM);
  EXPECT_FALSE(fs::exists(path("new/hook")));
}

TEST_F(HardLinks, ByIoUringAreRefusedWithAQuestion) {
  const Body body = [from = path("evil"), to = path("new/hook")](Report&) -> long {
    IoUring ring;
    if (!ring.valid()) return 0;
    io_uring_sqe request{};
    request.opcode = IORING_OP_LINKAT;
    request.fd = AT_FDCWD;
    request.addr = reinterpret_cast<std::uint64_t>(from.c_str());
    request.len = static_cast<std::uint32_t>(AT_FDCWD);
    request.addr2 = reinterpret_cast<std::uint64_t>(to.c_str());
    const int result = ring.run(request).value_or(-ETIMEDOUT);
    errno = -result;
    return result == 0 ? 1 : -1;
  };
  const long free = unguarded(body);
  if (free == 0) GTEST_SKIP() << "no io_uring here";
  ASSERT_EQ(free, 1);
  fs::remove(path("new/hook"));
  const auto actor = tagged(body);
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().error, EPERM);
  EXPECT_FALSE(fs::exists(path("new/hook")));
  EXPECT_EQ(question("create")["operation"]["disposition"], "cannot_wait");
}

// Opened once under its first name, so that what was found is remembered; then it gets a name in
// the labelled directory, and loses the first.
TEST_F(HardLinks, AFileThatLostItsFirstNameIsWhatItsOtherNameSays) {
  for (const bool remembered : {true, false}) {
    write("first", kCustomers);
    const std::string labelled = path("data/linked");
    const auto before = tagged(reads(remembered ? path("first") : path("evil")));
    ASSERT_TRUE(before->ends());
    ASSERT_GT(before->report().value, 0);
    fs::create_hard_link(path("first"), labelled);
    fs::remove(path("first"));
    const auto actor = tagged(reads(labelled));
    const Json ticket = question("open");
    EXPECT_EQ(ticket["operation"]["path"], labelled);
    deny(ticket);
    ASSERT_TRUE(actor->ends());
    EXPECT_EQ(actor->report().error, EPERM);
    fs::remove(labelled);
  }
}

TEST_F(HardLinks, AFileThatLostItsLabelledNameIsWhatItsOtherNameSays) {
  write("data/first", kCustomers);
  const auto asked = tagged(reads(path("data/first")));
  deny(question("open"));
  ASSERT_TRUE(asked->ends());
  fs::create_hard_link(path("data/first"), path("free"));
  fs::remove(path("data/first"));
  const auto actor = tagged(reads(path("free")));
  ASSERT_TRUE(actor->ends());
  EXPECT_GT(actor->report().value, 0);
  EXPECT_EQ(questions(), 1u);
}

}  // namespace
}  // namespace stayd::test
