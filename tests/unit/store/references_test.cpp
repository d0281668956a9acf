// SPDX-License-Identifier: Apache-2.0
#include "store/references.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "unit/store/store_fixture.h"

namespace stayd {
namespace {

using namespace test;
using nlohmann::json;

class ReferencesTest : public StoreTest {
 protected:
  References references_{*database_};
};

TEST_F(ReferencesTest, OutliveTheProcessAndAreEachChannelsOwn) {
  const json value = {{"conversation", "19:abc@thread"}, {"activity", 7}};
  ASSERT_TRUE(references_.put("teams", "ticket-1", value));
  ASSERT_TRUE(references_.put("teams", "home", "x"));
  ASSERT_TRUE(references_.put("slack", "ticket-1", "C012"));
  ASSERT_TRUE(references_.put("teams", "home", "y"));
  database_.reset();
  database_ = open_database(path_);
  References next(*database_);
  EXPECT_EQ(*next.find("teams", "ticket-1"), value);
  const std::map<std::string, json> all{{"home", "y"}, {"ticket-1", value}};
  EXPECT_EQ(*next.all("teams"), all);
  EXPECT_EQ(*next.find("slack", "ticket-1"), json("C012"));
  EXPECT_EQ(*next.find("web", "ticket-1"), std::nullopt);
}

TEST_F(ReferencesTest, GoWhenRemovedOrWhenTheirTicketIsPruned) {
  const Ticket ticket = closed(an_open_ticket(1), Outcome::expired, kNoon);
  ASSERT_TRUE(save(ticket));
  ASSERT_TRUE(references_.put("teams", "ticket-1", 1, 1));
  ASSERT_TRUE(references_.put("teams", "home", 2));
  ASSERT_TRUE(references_.put("teams", "old home", 3));
  ASSERT_TRUE(references_.remove("teams", "old home"));
  EXPECT_EQ(references_.all("teams")->size(), 2U);
  ASSERT_TRUE(store_->prune(kNoon + std::chrono::hours(1)));
  EXPECT_EQ(*references_.find("teams", "ticket-1"), std::nullopt);
  EXPECT_EQ(*references_.find("teams", "home"), json(2));
  EXPECT_FALSE(references_.put("teams", "ticket-1", 1, 1));
}

}  // namespace
}  // namespace stayd
