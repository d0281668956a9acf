// SPDX-License-Identifier: Apache-2.0
// Ten thousand tickets an hour, for seven minutes of simulated time or, under scripts/test --long,
// a quarter of an hour: what they take of
// memory, and of disk for the store, is bounded long before its end.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <random>
#include <set>

#include "approval/approval_service.h"
#include "store/schema.h"
#include "support/temp_dir.h"
#include "support/trials.h"
#include "unit/approval/recorded.h"
#include "unit/tickets/desk_fixture.h"

namespace stayd {
namespace {

using namespace std::chrono_literals;
using namespace test;

constexpr std::uint32_t kWorkloads = 50;
constexpr std::size_t kLongAsked = 400;  // nobody answers the rest in time

std::size_t bytes_in(const std::string& directory) {
  std::size_t bytes = 0;
  for (const auto& each : std::filesystem::directory_iterator(directory))
    if (each.is_regular_file()) bytes += each.file_size();
  return bytes;
}

class BusyHour : public ::testing::Test {
 protected:
  BusyHour() {
    for (const char* each : {"state", "key", "record"}) {
      std::filesystem::create_directory(directory_ / each);
      std::filesystem::permissions(directory_ / each, std::filesystem::perms::owner_all);
    }
    auto database = Database::open(directory_ / "state" + "/stayd.db", schema());
    EXPECT_TRUE(database) << database.error().message;
    database_ = std::move(*database);
    store_.emplace(*database_);
    RecordOptions options;
    options.path = directory_ / "record" + "/record.jsonl";
    options.key_directory = directory_ / "key";
    options.clock = [this] { return now_; };
    auto record = Record::open(std::move(options));
    EXPECT_TRUE(record) << record.error().message;
    record_.emplace(std::move(*record));
    approvals_.emplace(*store_, *record_, kernel_, People::without_file(),
                       ApprovalService::Callbacks{.changed = [] {}, .flush_soon = [] {}});
    EXPECT_TRUE(approvals_->load("epoch", kNoon));
  }

  void ask(TicketId id) {
    Operation operation = an_operation(
        id, id, {.slot = static_cast<std::uint32_t>(id % kWorkloads), .generation = 1});
    operation.path += std::to_string(id);
    operation.caller.ancestry.assign(4, {1, "/usr/bin/bash", {"bash", "-c", "run"}});
    approvals_->raise(std::move(operation), without_lingering(), now_);
    waiting_.push_back(id);
  }
  // Somebody answers, or the caller goes away, in any order.
  void end_one() {
    const std::size_t which = random_() % waiting_.size();
    const HoldId hold = waiting_[which];
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(which));
    const Ticket* ticket = approvals_->find(hold);
    if (ticket == nullptr || ticket->outcome != Outcome::open) return;
    if (random_() % 25 != 0) return approvals_->gone(hold, HoldEnd::caller_gone, now_);
    Decision decision = random_() % 2 == 0 ? approval(*ticket) : denial(*ticket);
    if (decision.choice == Choice::approve) decision.scope = Scope::workload;
    if (decision.choice == Choice::approve) decision.grant_for = 1min;
    EXPECT_TRUE(approvals_->answer({std::move(decision), UnixAccount{1000}}, now_));
  }

  TempDir directory_;
  TimePoint now_ = kNoon;
  std::mt19937 random_{4};
  std::unique_ptr<Database> database_;
  std::optional<DeskStore> store_;
  std::optional<Record> record_;
  Told kernel_;
  std::optional<ApprovalService> approvals_;
  std::vector<HoldId> waiting_;
};

TEST_F(BusyHour, ThousandsOfTicketsStayWithinBounds) {
  std::size_t most_open = 0, most_closed = 0, most_grants = 0, most_state = 0, most_record = 0;
  const TicketId tickets = trials(1'200, 2'500);
  for (TicketId id = 1; id <= tickets; ++id) {
    now_ = kNoon + std::chrono::milliseconds(360 * id);
    ask(id);
    if (waiting_.size() > kLongAsked) end_one();
    if (id % 3 == 0) approvals_->tick(now_);
    if (id % 10 == 0) approvals_->flush(now_);
    if (id % 80 != 0) continue;
    approvals_->look_after_grants(now_);
    ASSERT_TRUE(record_->tick());
    ASSERT_TRUE(store_->prune(now_ - 3min));
    most_open = std::max(most_open, approvals_->open_tickets().size());
    most_closed = std::max(most_closed, approvals_->closed_tickets().size());
    most_grants = std::max(most_grants, approvals_->live_grants());
    most_state = std::max(most_state, bytes_in(directory_ / "state"));
    most_record = std::max(most_record, bytes_in(directory_ / "record"));
  }
  EXPECT_EQ(approvals_->trouble(), "");
  EXPECT_LE(most_open, kLongAsked + 1);
  EXPECT_LE(most_closed, DeskLimits{}.closed_kept + 80);
  EXPECT_LE(most_grants, 100u) << "those of a minute, and a few";
  EXPECT_LT(most_state, std::size_t{16} << 20);
  // The record is evidence: it grows with what happens, and keeps it for a week at least.
  EXPECT_LT(most_record / tickets, 8192u);

  // Nothing that was asked is left behind.
  now_ += 31min;
  approvals_->tick(now_);
  approvals_->flush(now_);
  EXPECT_TRUE(approvals_->open_tickets().empty());
  std::set<HoldId> released;
  for (const Release& each : kernel_.releases) EXPECT_TRUE(released.insert(each.hold).second);
  std::printf("open %zu, closed %zu, grants %zu, state %.1f MB, record %.1f MB at most\n",
              most_open, most_closed, most_grants, static_cast<double>(most_state) / 1e6,
              static_cast<double>(most_record) / 1e6);
}

}  // namespace
}  // namespace stayd
