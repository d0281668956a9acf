// SPDX-License-Identifier: Apache-2.0
#include "store/outbox.h"

#include <gmock/gmock.h>

#include "unit/store/store_fixture.h"

namespace stayd {
namespace {

using namespace std::chrono_literals;
using namespace test;
using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class OutboxTest : public StoreTest {
 protected:
  std::vector<OutboxItem> take(TimePoint now, std::size_t most = 10) {
    Result<std::vector<OutboxItem>> items = outbox_.take_due("teams", now, now + 1min, most);
    EXPECT_TRUE(items) << items.error().message;
    return items ? std::move(*items) : std::vector<OutboxItem>{};
  }
  std::vector<std::string> keys(TimePoint now, std::size_t most = 10) {
    std::vector<std::string> names;
    for (const OutboxItem& item : take(now, most)) names.push_back(item.key);
    return names;
  }

  Outbox outbox_{*database_};
};

TEST_F(OutboxTest, GivesWhatIsDueFirstDueFirst) {
  ASSERT_TRUE(outbox_.put("teams", "late", {}, kNoon + 3s));
  ASSERT_TRUE(outbox_.put("teams", "first", {}, kNoon - 2s));
  ASSERT_TRUE(outbox_.put("teams", "second", {}, kNoon));
  ASSERT_TRUE(outbox_.put("slack", "another's", {}, kNoon));
  EXPECT_EQ(*outbox_.next_due("teams"), kNoon - 2s);
  EXPECT_THAT(keys(kNoon - 2s, 1), ElementsAre("first"));
  EXPECT_THAT(keys(kNoon), ElementsAre("second"));
  EXPECT_EQ(*outbox_.next_due("teams"), kNoon + 3s);
  EXPECT_EQ(*outbox_.next_due("web"), std::nullopt);
}

TEST_F(OutboxTest, AnAttemptThatNobodyFinishesIsRepeated) {
  ASSERT_TRUE(outbox_.put("teams", "card", {{"text", "hello"}}, kNoon));
  ASSERT_EQ(take(kNoon).size(), 1U);
  EXPECT_TRUE(take(kNoon + 59s).empty());
  const std::vector<OutboxItem> again = take(kNoon + 1min);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].attempts, 2);
  EXPECT_EQ(again[0].body, json({{"text", "hello"}}));
  ASSERT_TRUE(outbox_.snooze(again[0].id, kNoon + 1h));
  EXPECT_TRUE(take(kNoon + 59min).empty());
  ASSERT_TRUE(outbox_.remove(again[0].id));
  EXPECT_TRUE(take(kNoon + 2h).empty());
}

TEST_F(OutboxTest, UpdatesOfOneCardCoalesceIntoTheLatest) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(outbox_.put("teams", "card", i, kNoon));
  const std::vector<OutboxItem> items = take(kNoon);
  ASSERT_EQ(items.size(), 1U);
  EXPECT_EQ(items[0].body, 4);
}

TEST_F(OutboxTest, WhoSendsAnOlderUpdateDoesNotRemoveTheNewer) {
  ASSERT_TRUE(outbox_.put("teams", "card", "open", kNoon));
  const std::vector<OutboxItem> sending = take(kNoon);
  ASSERT_TRUE(outbox_.put("teams", "card", "approved", kNoon));
  ASSERT_TRUE(outbox_.remove(sending[0].id));
  ASSERT_TRUE(outbox_.snooze(sending[0].id, kNoon + 1h));
  const std::vector<OutboxItem> items = take(kNoon);
  ASSERT_EQ(items.size(), 1U);
  EXPECT_EQ(items[0].body, "approved");
  EXPECT_EQ(items[0].attempts, 1);
}

TEST_F(OutboxTest, AnItemIsSavedWithItsTicketOrNotAtAll) {
  const Ticket ticket = an_open_ticket(1);
  bool fails = true;
  const auto also = [&]() -> Result<> {
    if (const auto put = outbox_.put("teams", "card-1", "open", kNoon, 1); !put) return put.error();
    if (fails) return Error{"after the item"};
    return {};
  };
  ASSERT_FALSE(store_->save({.tickets = {&ticket}, .also = also}, kNoon));
  EXPECT_TRUE(take(kNoon).empty());
  fails = false;
  ASSERT_TRUE(store_->save({.tickets = {&ticket}, .also = also}, kNoon));
  database_.reset();
  const std::unique_ptr<Database> next = open_database(path_);
  const auto items = Outbox(*next).take_due("teams", kNoon, kNoon, 9);
  ASSERT_TRUE(items);
  ASSERT_EQ(items->size(), 1U);
  EXPECT_EQ((*items)[0].ticket, 1U);
}

TEST_F(OutboxTest, WhatCouldNotBeReadAgainIsNotTaken) {
  json deep;
  for (int i = 0; i < 100; ++i) deep = json::array({deep});
  EXPECT_THAT(outbox_.put("teams", "card", deep, kNoon).error().message,
              HasSubstr("store message card: JSON is nested deeper"));
  EXPECT_FALSE(outbox_.put("teams", "card", std::string(2 << 20, 'x'), kNoon));
  EXPECT_THAT(outbox_.put("teams", "card", {}, kNoon, 77).error().message,
              HasSubstr("FOREIGN KEY"));
  EXPECT_TRUE(take(kNoon).empty());
}

}  // namespace
}  // namespace stayd
