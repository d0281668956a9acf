// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <random>

#include "store/fingerprint.h"
#include "support/trials.h"
#include "support/waiting.h"
#include "unit/store/store_fixture.h"

namespace stayd {
namespace {

using namespace std::chrono_literals;
using namespace test;
using ::testing::ElementsAre;

class Retention : public StoreTest {
 protected:
  std::size_t bytes() const {
    std::size_t sum = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path()))
      if (entry.path().extension() != ".db-shm") sum += entry.file_size();
    return sum;
  }
  std::size_t prune_all(TimePoint before, std::size_t most = DeskStore::kMaxClosed) {
    std::size_t gone = 0;
    while (true) {
      const Result<Pruned> pruned = store_->prune(before, most);
      EXPECT_TRUE(pruned) << pruned.error().message;
      if (!pruned) return gone;
      EXPECT_LE(pruned->tickets, DeskStore::kPruneBatch);
      EXPECT_LE(pruned->grants, DeskStore::kPruneBatch);
      gone += pruned->tickets + pruned->grants;
      if (!pruned->more) return gone;
    }
  }
};

TEST_F(Retention, TakesWhatEndedBeforeAndLeavesWhatIsOpenOrLive) {
  ASSERT_TRUE(save(an_open_ticket(1, kNoon - 24h)));
  ASSERT_TRUE(save(closed(an_open_ticket(2), Outcome::denied, kNoon)));
  ASSERT_TRUE(save(closed(an_open_ticket(3), Outcome::denied, kNoon + 1s)));
  Grant ended = a_grant(2);
  ended.end = GrantEnd::expired;
  ASSERT_TRUE(save(a_grant(1)) && save(ended, kNoon));
  EXPECT_EQ(prune_all(kNoon + 1s), 2U);
  const Snapshot snapshot = loaded();
  EXPECT_EQ(snapshot.open.size(), 1U);
  EXPECT_EQ(snapshot.closed.size(), 1U);
  EXPECT_EQ(snapshot.grants.size(), 1U);
  EXPECT_EQ(number(*database_, "SELECT count(*) FROM grants"), 1);
  EXPECT_EQ(prune_all(kNoon + 1s), 0U);
}

TEST_F(Retention, KeepsOnlyTheLatestOfVeryMany) {
  for (TicketId id = 1; id <= 450; ++id)
    ASSERT_TRUE(save(closed(an_open_ticket(id), Outcome::cancelled, kNoon)));
  EXPECT_EQ(prune_all(kNoon - 1h, 30), 420U);
  const Snapshot snapshot = loaded();
  ASSERT_EQ(snapshot.closed.size(), 30U);
  EXPECT_EQ(snapshot.closed.front().id, 421U);
  // The ids of those that are gone are not given again.
  EXPECT_EQ(prune_all(kNoon + 1h), 30U);
  EXPECT_EQ(loaded().last_ticket, 450U);
}

TEST_F(Retention, ADecisionThatWasNeverAppliedIsNotInTheWay) {
  ASSERT_TRUE(save(an_open_ticket(1)));
  ASSERT_TRUE(store_->add_decision(approval(an_open_ticket(1)), kNoon));
  ASSERT_TRUE(save(closed(an_open_ticket(1), Outcome::expired, kNoon)));
  EXPECT_EQ(prune_all(kNoon + 1h), 1U);
  EXPECT_TRUE(loaded().decisions.empty());
}

TEST_F(Retention, PrecedentsOutliveTheirTickets) {
  const Ticket ticket = closed(an_open_ticket(1), Outcome::approved, kNoon);
  ASSERT_TRUE(save(ticket));
  EXPECT_EQ(prune_all(kNoon + 1h), 1U);
  EXPECT_EQ(store_->precedent(fingerprint_of(ticket))->approved, 1U);
}

// As a busy host has them: with ancestry, and files read.
Ticket a_large_ticket(TicketId id, TimePoint opened, std::mt19937& random) {
  Ticket ticket = an_open_ticket(id, opened);
  ticket.operation.path += std::to_string(id);
  ticket.operation.caller.ancestry.assign(4, {1, "/usr/bin/bash", {"bash", "-c", "run"}});
  ticket.operation.caller.ancestry[0].arguments.emplace_back(random() % 4000, 'x');
  ticket.evidence.files_read.assign(random() % Evidence::kMaxFiles,
                                    "/srv/customers/of/some/region.csv");
  return ticket;
}

TEST_F(Retention, TenThousandTicketsAnHourStayWithinBoundedSpace) {
  std::mt19937 random(3);
  const TicketId tickets = trials(4'000, 10'000);
  constexpr auto kKept = 10min;
  std::size_t most_bytes = 0;
  std::int64_t most_rows = 0;
  std::int64_t longest_prune = 0;
  const std::int64_t begun = now_ns();
  for (TicketId id = 1; id <= tickets; ++id) {
    const TimePoint now = kNoon + std::chrono::milliseconds(360 * id);
    Ticket ticket = a_large_ticket(id, now, random);
    ASSERT_TRUE(store_->save({.tickets = {&ticket}}, now));
    ticket = closed(ticket, Outcome::cancelled, now + 1s);
    ASSERT_TRUE(store_->save({.tickets = {&ticket}}, now));
    if (id % 100 != 0) continue;
    const std::int64_t before = now_ns();
    ASSERT_TRUE(store_->prune(now - kKept));
    longest_prune = std::max(longest_prune, now_ns() - before);
    most_rows = std::max(most_rows, number(*database_, "SELECT count(*) FROM tickets"));
    most_bytes = std::max(most_bytes, bytes());
  }
  const std::int64_t took_ms = since_ns(begun).count();
  const std::size_t busy = bytes();
  prune_all(kNoon + 2h);
  database_.reset();
  const std::size_t empty = bytes();
  RecordProperty("most_rows", std::to_string(most_rows));
  RecordProperty("most_bytes", std::to_string(most_bytes));
  std::printf(
      "%d tickets, 10 min kept: at most %lld rows, %.1f MB with the log; at the end %.1f MB, all "
      "pruned %.2f MB; %.2f ms a ticket (2 commits), prune at most %.1f ms\n",
      static_cast<int>(tickets), static_cast<long long>(most_rows),
      static_cast<double>(most_bytes) / 1e6, static_cast<double>(busy) / 1e6,
      static_cast<double>(empty) / 1e6, static_cast<double>(took_ms) / static_cast<double>(tickets),
      static_cast<double>(longest_prune) / 1e6);
  EXPECT_LE(most_rows, 1900);
  EXPECT_LT(most_bytes, 32U << 20);
  EXPECT_LT(empty, 512U << 10);
}

}  // namespace
}  // namespace stayd
