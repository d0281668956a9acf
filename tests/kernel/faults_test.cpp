// SPDX-License-Identifier: Apache-2.0
// When the machine under stayd fails: nothing is approved that cannot be kept, denials still
// count, and what is broken says so. docs/operate/store.md and docs/operate/record.md list the
// same failures.
#include <fcntl.h>
#include <sys/mount.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "kernel_test.h"

namespace stayd::test {
namespace {

namespace fs = std::filesystem;

// An agent whose state and record are on a disk of their own.
class Faults : public KernelTest {
 protected:
  Faults() {
    fs::create_directories(disk_);
    if (::mount("none", disk_.c_str(), "tmpfs", 0, kDisk) != 0)
      throw std::runtime_error("cannot mount a tmpfs");
    stayd().stop();
    start();
  }
  ~Faults() override {
    if (stayd().running()) stayd().stop();
    ::umount2(disk_.c_str(), MNT_DETACH);
    stayd().start();
  }

  static constexpr const char* kDisk = "size=4m,mode=0700";
  void start() {
    stayd().start({"--state-dir", disk_ + "/state", "--record", record_, "--restart-limit", "1s"});
  }
  // Why it does not start; "" if it does.
  std::string refusal() {
    try {
      start();
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "";
  }
  void fill() {
    std::ofstream file(disk_ + "/filling", std::ios::binary);
    const std::string block(4096, 'x');
    while (file.write(block.data(), 4096).flush()) {
    }
  }
  bool make_read_only(bool wanted) {
    const unsigned long flags = MS_REMOUNT | (wanted ? MS_RDONLY : 0ul);
    return ::mount(nullptr, disk_.c_str(), nullptr, flags, kDisk) == 0;
  }
  void damage(const std::string& file, std::streamoff at) const {
    std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(at);
    bytes.write("\xff\xff\xff\xff\xff\xff\xff\xff", 8);
  }
  std::string said(const Result<Json>& reply) { return reply ? "" : reply.error().message; }

  // One reader goes on with an approval, and one is denied.
  void expect_that_it_works() {
    write("data/approved", "x");  // of its own, or it would join a question about the same file
    const auto reader = tagged(reads(path("data/approved")));
    approve(question("open", reader->pid()));
    ASSERT_TRUE(reader->ends());
    EXPECT_GT(reader->report().value, 0);
    expect_that_denials_work();
  }
  void expect_that_denials_work() {
    write("data/denied", "x");
    const auto reader = tagged(reads(path("data/denied")));
    deny(question("open", reader->pid()));
    ASSERT_TRUE(reader->ends());
    EXPECT_EQ(reader->report().error, EPERM);
  }
  // What is held without an agent.
  void expect_that_nothing_goes_on() {
    const auto reader = tagged(reads(customers()));
    ASSERT_TRUE(reader->ends());
    EXPECT_EQ(reader->report().error, EPERM);
  }

  std::string disk_ = path("disk");
  std::string record_ = disk_ + "/record.jsonl";
};

TEST_F(Faults, OnAFullDiskNothingIsApprovedAndDenialsCountUntilThereIsRoom) {
  expect_that_it_works();
  const auto reader = tagged(reads(customers()));
  const Json ticket = question("open", reader->pid());
  fill();
  EXPECT_NE(said(decide(ticket, "approve")).find("is not approved: it cannot be"),
            std::string::npos);
  EXPECT_TRUE(throughout(kWhile, [&] { return !reader->report().ended; }));
  expect_that_denials_work();
  EXPECT_NE(stayd().status()["record"]["error"], "") << stayd().status().dump(1);
  fs::remove(disk_ + "/filling");
  EXPECT_EQ(said(decide(ticket, "approve")), "");
  ASSERT_TRUE(reader->ends());
  EXPECT_GT(reader->report().value, 0);
  EXPECT_EQ(stayd().status()["record"]["error"], "");
}

TEST_F(Faults, OnAReadOnlyDiskNothingIsApprovedAndNoAgentStarts) {
  const auto reader = tagged(reads(customers()));
  const Json ticket = question("open", reader->pid());
  stayd().kill();  // a disk cannot be made read-only below an open file
  ASSERT_TRUE(make_read_only(true));
  EXPECT_NE(refusal().find("ead-only"), std::string::npos);
  ASSERT_TRUE(reader->ends());
  EXPECT_EQ(reader->report().error, EPERM);
  expect_that_nothing_goes_on();
  ASSERT_TRUE(make_read_only(false));
  start();
  expect_that_it_works();
}

TEST_F(Faults, WithADamagedDatabaseNoAgentStartsUntilItIsSetAside) {
  expect_that_it_works();
  stayd().stop();  // then all of it is in that file
  damage(disk_ + "/state/stayd.db", 4096 + 8);
  const std::string why = refusal();
  EXPECT_NE(why.find("stayd.db"), std::string::npos) << why;
  expect_that_nothing_goes_on();
  for (const char* file : {"stayd.db", "stayd.db-wal", "stayd.db-shm"})
    if (fs::exists(disk_ + "/state/" + file))
      fs::rename(disk_ + "/state/" + file, disk_ + "/state/aside-" + file);
  start();
  expect_that_it_works();
}

TEST_F(Faults, ADamagedRecordGoesOnAndIsFoundOut) {
  expect_that_it_works();
  stayd().stop();
  const auto verify = [this] {
    const std::string command = built_program("agent/ctl/stayctl") + " audit verify --record " +
                                record_ + " --key " + disk_ + "/state/record.pub >" + path("said");
    const int status = std::system(command.c_str());
    std::ifstream file(path("said"));
    return std::pair(status, std::string((std::istreambuf_iterator<char>(file)), {}));
  };
  EXPECT_EQ(verify().first, 0);
  damage(record_, 600);
  start();
  expect_that_it_works();
  stayd().stop();
  const auto [status, text] = verify();
  EXPECT_NE(status, 0);
  EXPECT_NE(text.find("record.jsonl:"), std::string::npos) << text;
  EXPECT_NE(text.find("NOT intact"), std::string::npos) << text;
  start();
}

// What people were asked before the clock was set forward has run out, and is denied; what they
// were asked before it was set back waits, at most, so much longer.
TEST_F(Faults, AClockThatJumpsLetsNothingThrough) {
  const auto set_forward = [](std::int64_t seconds) {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    now.tv_sec += seconds;
    return ::clock_settime(CLOCK_REALTIME, &now) == 0;
  };
  const auto late = tagged(reads(customers()));
  const Json before = question("open", late->pid());
  ASSERT_TRUE(set_forward(3600));
  EXPECT_NE(said(decide(before, "approve")).find("expired"), std::string::npos);
  ASSERT_TRUE(late->ends());
  EXPECT_EQ(late->report().error, EPERM);
  expect_that_it_works();

  const auto early = tagged(reads(customers()));
  const Json ticket = question("open", early->pid());
  ASSERT_TRUE(set_forward(-7200));
  expect_that_it_works();
  approve(ticket);
  ASSERT_TRUE(early->ends());
  EXPECT_GT(early->report().value, 0);

  // A grant is counted by a clock that does not jump.
  const auto first = tagged(creates(path("new/a")));
  approve(question("create", first->pid()), 600);
  ASSERT_TRUE(first->ends());
  ::unlink(path("new/a").c_str());
  ASSERT_TRUE(set_forward(-600));
  const auto second = tagged(creates(path("new/a")));
  ASSERT_TRUE(second->ends());
  EXPECT_GE(second->report().value, 0);
  ASSERT_TRUE(set_forward(4200));
}

}  // namespace
}  // namespace stayd::test
