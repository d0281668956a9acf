// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>

#include "store/outbox.h"
#include "unit/store/store_fixture.h"

namespace stayd {
namespace {

using namespace test;
using ::testing::AllOf;
using ::testing::HasSubstr;

// A file system of its own at a directory, as small as wanted.
class SmallDisk {
 public:
  explicit SmallDisk(const char* options) : options_(options) {
    mounted_ = ::mount("none", directory_.path().c_str(), "tmpfs", 0, options) == 0;
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (mounted_) ::umount2(directory_.path().c_str(), MNT_DETACH);
  }
  bool is_there() const { return mounted_; }
  std::string operator/(const std::string& name) const { return directory_ / name; }

  bool make_read_only() {
    return ::mount(nullptr, directory_.path().c_str(), nullptr, MS_REMOUNT | MS_RDONLY, options_) ==
           0;
  }
  // Until nothing more fits.
  void fill(const std::string& name) {
    std::ofstream file(directory_ / name, std::ios::binary);
    const std::string block(512, 'x');
    while (file.write(block.data(), 512).flush()) {
    }
  }

 private:
  TempDir directory_;
  const char* options_;
  bool mounted_ = false;
};

#define NEEDS(disk) \
  if (!(disk).is_there()) GTEST_SKIP() << "cannot mount a tmpfs here (needs root)"

TEST(Disk, FullIsAnErrorThatSaysSoAndPassesOnceThereIsRoom) {
  SmallDisk disk("size=2m,mode=0700");
  NEEDS(disk);
  const std::string path = disk / "state/desk.db";
  std::unique_ptr<Database> database = open_database(path);
  DeskStore store(*database);
  const Ticket first = an_open_ticket(1);
  ASSERT_TRUE(store.save({.tickets = {&first}}, kNoon));
  disk.fill("ballast");

  // Room that is left within the log is used up first.
  TicketId id = 1;
  Result<> saved;
  std::vector<Ticket> tickets;
  while (saved && id < 10'000) {
    tickets.push_back(an_open_ticket(++id));
    saved = store.save({.tickets = {&tickets.back()}}, kNoon);
  }
  ASSERT_FALSE(saved);
  EXPECT_THAT(saved.error().message,
              AllOf(HasSubstr("save tickets: "), HasSubstr("desk.db: "),
                    HasSubstr("the disk is full: free some space; nothing was changed")));
  EXPECT_THAT(store.add_decision(approval(first), kNoon).error().message,
              HasSubstr("the disk is full"));
  Outbox outbox(*database);
  EXPECT_FALSE(outbox.put("teams", "card", std::string(10'000, 'x'), kNoon));
  Result<Snapshot> snapshot = store.load(kBoot);
  ASSERT_TRUE(snapshot) << snapshot.error().message;
  EXPECT_EQ(snapshot->open.size(), id - 1);
  EXPECT_TRUE(snapshot->decisions.empty());

  ASSERT_EQ(::unlink((disk / "ballast").c_str()), 0);
  saved = store.save({.tickets = {&tickets.back()}}, kNoon);
  ASSERT_TRUE(saved) << saved.error().message;
  EXPECT_TRUE(store.add_decision(approval(first), kNoon));
  database.reset();
  database = open_database(path);
  snapshot = DeskStore(*database).load(kBoot);
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->open.size(), id);
  EXPECT_EQ(snapshot->decisions.size(), 1U);
  EXPECT_TRUE(database->check_integrity());
}

TEST(Disk, FullAtTheStartIsAnErrorAndNotAnEmptyDatabase) {
  SmallDisk disk("size=256k,mode=0700");
  NEEDS(disk);
  disk.fill("ballast");
  const std::string path = disk / "desk.db";
  EXPECT_THAT(message_of(Database::open(path, schema())), HasSubstr("disk is full"));
  ASSERT_EQ(::unlink((disk / "ballast").c_str()), 0);
  const auto database = Database::open(path, schema());
  EXPECT_TRUE(database) << message_of(database);
}

TEST(Disk, AReadOnlyFileSystemIsNamed) {
  SmallDisk disk("size=2m,mode=0700");
  NEEDS(disk);
  open_database(disk / "desk.db").reset();
  ASSERT_TRUE(disk.make_read_only());
  EXPECT_THAT(message_of(Database::open(disk / "desk.db", schema())),
              HasSubstr("Read-only file system"));
  EXPECT_THAT(message_of(Database::open(disk / "new.db", schema())),
              HasSubstr("Read-only file system"));
}

// Without root's right to write everything.
std::string as_nobody(const std::function<std::string()>& act) {
  int ends[2];
  if (::pipe(ends) != 0) return "no pipe";
  const pid_t child = ::fork();
  if (child == 0) {
    std::string said = "cannot become nobody";
    if (::setgid(65534) == 0 && ::setuid(65534) == 0) said = act();
    ::_exit(::write(ends[1], said.data(), said.size()) > 0 ? 0 : 1);
  }
  ::close(ends[1]);
  char text[4096];
  const ssize_t size = ::read(ends[0], text, sizeof text);
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return {text, static_cast<std::size_t>(size > 0 ? size : 0)};
}

TEST(Disk, AFileOrDirectoryThatMayNotBeWrittenIsNamed) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to become another user";
  TempDir directory;
  const std::string home = directory / "state";
  const std::string path = home + "/desk.db";
  open_database(path).reset();
  ::chmod(directory.path().c_str(), 0711);
  for (const std::string& each : {home, path, path + ".lock"})
    ASSERT_EQ(::chown(each.c_str(), 65534, 65534), 0);
  const auto open = [&path] { return message_of(Database::open(path, schema())); };
  EXPECT_EQ(as_nobody(open), "(it opened)");
  ::chmod(path.c_str(), 0400);
  EXPECT_THAT(as_nobody(open), HasSubstr("open " + path + ": Permission denied"));
  ::chmod(path.c_str(), 0600);
  ::chmod(home.c_str(), 0500);
  EXPECT_THAT(as_nobody(open), HasSubstr("stayd must be able to write the file and its directory"));
}

}  // namespace
}  // namespace stayd
