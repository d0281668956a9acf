// SPDX-License-Identifier: Apache-2.0
// The record under what happens to machines: writers that are killed, disks that are full.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <set>

#include "base/fd.h"
#include "unit/audit/record_fixture.h"

namespace stayd {
namespace {

using namespace test;
using nlohmann::json;

class Crash : public RecordFile {
 protected:
  // Events of all files that say `i`.
  std::multiset<int> recorded() const {
    std::multiset<int> found;
    auto files = *audit::rotated_files(options_.path);
    files.push_back({options_.path, 0, 0, {}});
    for (const audit::RotatedFile& file : files) {
      std::ifstream stream(file.path);
      for (std::string line; std::getline(stream, line);)
        if (const Result<json> value = parse_json(line); value && value->contains("i"))
          found.insert((*value)["i"].get<int>());
    }
    return found;
  }

  // Lines of some pages.
  json large_event(int i, int parts) const {
    json line = event(i);
    for (int part = 0; part < parts; ++part) line["parts"].push_back(std::string(1500, 'x'));
    return line;
  }

  // Has the kernel kill this process once it has used so much time of a processor, which, unlike
  // the time of a clock, is not used up by others on a busy machine.
  static void be_killed_after(long ns) {
    sigevent how{};
    how.sigev_notify = SIGEV_SIGNAL;
    how.sigev_signo = SIGKILL;
    timer_t timer{};
    const itimerspec when{{0, 0}, {0, ns}};
    if (::timer_create(CLOCK_PROCESS_CPUTIME_ID, &how, &timer) != 0 ||
        ::timer_settime(timer, 0, &when, nullptr) != 0)
      ::_exit(1);
  }

  // Writes from `i` on until it is killed, in each fourth round already while it starts, and says
  // what was recorded durably.
  [[noreturn]] void write_until_killed(int round, int i, long ns, int said) const {
    if (round % 4 == 0) be_killed_after(ns);
    Result<Record> record = Record::open(options_);
    if (!record) ::_exit(2);
    if (round % 4 != 0) be_killed_after(ns);
    for (;; ++i) {
      if (!record->append(large_event(i, i % 13), Durable::yes)) ::_exit(3);
      if (::write(said, &i, sizeof i) != sizeof i) ::_exit(4);
    }
  }
};

TEST_F(Crash, AWriterThatIsKilledAtAnyMomentLeavesAChainWithAllThatItConfirmed) {
  options_.rotate_bytes = 40'000;
  options_.sign_lines = 5;
  std::mt19937 random(11);
  std::set<int> confirmed;
  int next = 0;
  // On a slow machine more rounds, with more time, until enough was written to tell anything.
  for (int round = 0; round < 24 || (round < 240 && confirmed.size() <= 20); ++round) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const Fd heard(ends[0]);
    Fd said(ends[1]);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const long ns = (1'000'000 + static_cast<long>(random() % 20'000'000)) * (1 + round / 24);
      write_until_killed(round, next, ns, said.get());
    }
    (void)random();
    said.reset();
    for (int i = 0; ::read(heard.get(), &i, sizeof i) == sizeof i; next = i + 1)
      confirmed.insert(i);
    ++next;  // the last one may be there as well, unconfirmed
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
    // As it was left, and as the next start leaves it.
    if (std::filesystem::exists(options_.key_directory + "/record.pub") &&
        std::filesystem::exists(options_.path)) {
      const audit::Verification left = verify_files();
      ASSERT_TRUE(left.problems.empty() || left.proven.empty()) << findings(left);
    }
    Record record = open();
    ASSERT_TRUE(record.close());
    const audit::Verification found = verify_files();
    ASSERT_TRUE(found.intact()) << "round " << round << "\n" << findings(found);
    ASSERT_EQ(found.proven.size(), 1u) << findings(found);
  }
  const std::multiset<int> found = recorded();
  for (const int i : confirmed) EXPECT_EQ(found.count(i), 1u) << i;
  EXPECT_GT(confirmed.size(), 20u) << "the writers were killed too early to tell anything";
}

// A file system of its own, so small that it gets full.
class FullDisk : public Crash {
 protected:
  void SetUp() override {
    const std::string disk = dir_ + "/disk";
    std::filesystem::create_directory(disk);
    if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=64k") != 0)
      GTEST_SKIP() << "cannot mount a small file system: " << errno_error("tmpfs").message;
    mounted_ = disk;
    options_.path = disk + "/record.jsonl";
    options_.sign_lines = 5;
  }
  void TearDown() override {
    if (!mounted_.empty()) ::umount2(mounted_.c_str(), MNT_DETACH);
  }
  // Takes what is left of the disk.
  void fill() const {
    std::ofstream filler(mounted_ + "/filler");
    while (filler) filler << std::string(1024, 'x') << std::flush;
  }
  void make_room() const { std::filesystem::remove(mounted_ + "/filler"); }

  std::string mounted_;
};

TEST_F(FullDisk, FailsWhileItIsFullAndGoesOnOnceThereIsRoom) {
  Record record = open();
  std::set<int> confirmed;
  std::set<int> failed;
  int i = 1;
  for (int round = 0; round < 3; ++round) {
    for (const int end = i + 3; i < end; ++i)
      (record.append(large_event(i, i % 13), Durable::yes) ? confirmed : failed).insert(i);
    fill();
    for (const int end = i + 10; i < end; ++i)
      (record.append(large_event(i, i % 13), Durable::yes) ? confirmed : failed).insert(i);
    make_room();
  }
  EXPECT_TRUE(record.close());
  EXPECT_GE(confirmed.size(), 9u);
  EXPECT_GT(failed.size(), 9u);
  const std::multiset<int> found = recorded();
  for (const int each : confirmed) EXPECT_EQ(found.count(each), 1u) << each;
  for (const int each : failed) EXPECT_EQ(found.count(each), 0u) << each;
  EXPECT_TRUE(verify_files().intact()) << findings(verify_files());
}

TEST_F(FullDisk, AStartOnAFullDiskFailsAndTheNextOneWorks) {
  {
    Record record = open();
    EXPECT_TRUE(record.append(large_event(5, 5)));
  }
  fill();
  // Room within the last page is used up first, a line at a time.
  bool failed = false;
  for (int tries = 0; tries < 40 && !failed; ++tries) failed = !Record::open(options_);
  EXPECT_TRUE(failed);
  make_room();
  Record record = open();
  EXPECT_TRUE(record.append(event(6)));
  EXPECT_TRUE(record.close());
  EXPECT_TRUE(verify_files().intact()) << findings(verify_files());
}

}  // namespace
}  // namespace stayd
