// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string>

#include "support/trials.h"
#include "unit/store/store_fixture.h"

namespace fs = std::filesystem;

namespace {

// Where a copy goes of each file that is synced: what a loss of power would leave.
std::string durable_directory;
std::string watched_directory;
int syncs = 0;

int sync_and_copy(int number, int fd) {
  const int result = static_cast<int>(::syscall(number, fd));
  std::error_code failed;
  const fs::path file = fs::read_symlink("/proc/self/fd/" + std::to_string(fd), failed);
  if (watched_directory.empty() || file.parent_path() != watched_directory) return result;
  ++syncs;
  fs::copy_file(file, fs::path(durable_directory) / file.filename(),
                fs::copy_options::overwrite_existing, failed);
  return result;
}

}  // namespace

// These come before the C library's for SQLite as well.
extern "C" int fdatasync(int fd) { return sync_and_copy(SYS_fdatasync, fd); }
extern "C" int fsync(int fd) { return sync_and_copy(SYS_fsync, fd); }

namespace stayd {
namespace {

using namespace test;

class PowerLoss : public ::testing::Test {
 protected:
  PowerLoss() {
    durable_directory = durable_.path();
    watched_directory = fs::canonical(directory_.path());
    database_ = open_database(directory_ / "desk.db");
    store_.emplace(*database_);
  }
  ~PowerLoss() override { watched_directory.clear(); }

  // Every write that was not waited for is lost.
  Snapshot after_power_loss() {
    watched_directory.clear();
    TempDir copy;
    fs::copy(durable_.path(), copy.path());
    const std::unique_ptr<Database> database = open_database(copy / "desk.db");
    EXPECT_TRUE(database->check_integrity());
    Result<Snapshot> snapshot = DeskStore(*database).load("the next boot");
    EXPECT_TRUE(snapshot) << snapshot.error().message;
    watched_directory = fs::canonical(directory_.path());
    return snapshot ? std::move(*snapshot) : Snapshot{};
  }
  void save(TicketId id) {
    const Ticket ticket = an_open_ticket(id);
    ASSERT_TRUE(store_->save({.tickets = {&ticket}}, kNoon));
  }

  TempDir directory_;
  TempDir durable_;
  std::unique_ptr<Database> database_;
  std::optional<DeskStore> store_;
};

TEST_F(PowerLoss, ADecisionAndAllBeforeItIsKept) {
  save(1);
  save(2);
  ASSERT_TRUE(after_power_loss().open.empty()) << "the loss is not simulated";
  const int before = syncs;
  ASSERT_TRUE(store_->add_decision(approval(an_open_ticket(1)), kNoon));
  EXPECT_EQ(syncs - before, 1);
  const Snapshot snapshot = after_power_loss();
  EXPECT_EQ(snapshot.open.size(), 2U);
  ASSERT_EQ(snapshot.decisions.size(), 1U);
  EXPECT_EQ(snapshot.decisions[0].decision.ticket, 1U);
}

TEST_F(PowerLoss, ASaveDoesNotWaitForTheDisk) {
  save(1);
  const int before = syncs;
  for (TicketId id = 2; id < 60; ++id) save(id);
  EXPECT_EQ(syncs, before);
}

TEST_F(PowerLoss, ABootIsKeptFromThenOn) {
  ASSERT_TRUE(store_->keep_boot("this boot"));
  EXPECT_TRUE(after_power_loss().is_other_boot);
  ASSERT_TRUE(store_->keep_boot("the next boot"));
  EXPECT_FALSE(after_power_loss().is_other_boot);
}

TEST_F(PowerLoss, NoIdIsUsedTwice) {
  ASSERT_TRUE(store_->keep_boot("this boot"));
  // Ids are reserved 64 at a time: a few such blocks are begun.
  for (TicketId id = 1; id < trials(140, 200); id += trials(5, 1) + id % 3) {
    save(id);
    const Snapshot snapshot = after_power_loss();
    ASSERT_GE(snapshot.last_ticket, id);
    ASSERT_LT(snapshot.last_ticket, id + 64);
    const Grant grant = a_grant(id);
    ASSERT_TRUE(store_->save({.grants = {&grant}}, kNoon));
    ASSERT_GE(after_power_loss().last_grant, id);
  }
}

}  // namespace
}  // namespace stayd
