// SPDX-License-Identifier: Apache-2.0
#include "unit/store/earlier_version.h"

#include <gmock/gmock.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "store/body_rewrite.h"
#include "store/body_versions.h"
#include "store/sealed.h"
#include "store/ticket_codec.h"

namespace stayd {
namespace {

using namespace test;
using ::testing::HasSubstr;

template <class T>
std::vector<std::string> encoded(const std::vector<T>& values) {
  std::vector<std::string> texts;
  for (const T& value : values) texts.push_back(encode(value));
  return texts;
}

class EarlierVersion : public ::testing::Test {
 protected:
  EarlierVersion() {
    std::ifstream file(STAYD_SOURCE_DIR "/tests/unit/store/earlier_version.sql");
    run(std::string(std::istreambuf_iterator<char>(file), {}));
    ::chmod(path_.c_str(), 0600);
  }

  // Past stayd.
  void run(const std::string& sql) {
    sqlite3* connection = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &connection), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(connection);
    sqlite3_close(connection);
  }

  Snapshot loaded() {
    const std::unique_ptr<Database> database = open_database(path_);
    Result<Snapshot> snapshot = DeskStore(*database).load(kBoot);
    EXPECT_TRUE(snapshot) << (snapshot ? "" : snapshot.error().message);
    return snapshot ? std::move(*snapshot) : Snapshot{};
  }

  TempDir directory_;
  std::string path_ = directory_ / "desk.db";
};

TEST_F(EarlierVersion, EveryTicketGrantAndDecisionIsReadAsItWasWritten) {
  const std::vector<Ticket> tickets = earlier_tickets();
  const Snapshot snapshot = loaded();
  EXPECT_FALSE(snapshot.is_other_boot);
  EXPECT_EQ(encoded(snapshot.open), encoded(std::vector{tickets[0], tickets[4]}));
  EXPECT_EQ(encoded(snapshot.closed), encoded(std::vector{tickets[1], tickets[2], tickets[3]}));
  EXPECT_EQ(snapshot.unrecorded, std::set<TicketId>{5});
  EXPECT_EQ(encoded(snapshot.grants), encoded(std::vector{earlier_grants()[0]}));
  ASSERT_EQ(snapshot.decisions.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i)
    EXPECT_EQ(encode(snapshot.decisions[i].decision), encode(earlier_decisions()[i]));
  EXPECT_TRUE(snapshot.decisions[0].recorded);
  EXPECT_FALSE(snapshot.decisions[1].recorded);
  EXPECT_EQ(snapshot.last_ticket, 5U);
  EXPECT_EQ(snapshot.last_grant, 2U);
}

TEST_F(EarlierVersion, EveryBodyIsJsonThatSqliteReads) {
  const std::unique_ptr<Database> database = open_database(path_);
  EXPECT_EQ(number(*database, "PRAGMA user_version"), 8);
  for (const char* bodies :
       {"SELECT min(json_valid(CAST(substr(body, 17) AS TEXT))) FROM tickets",
        "SELECT min(json_valid(CAST(substr(body, 17) AS TEXT))) FROM grants",
        "SELECT min(json_valid(CAST(substr(body, 17) AS TEXT))) FROM decisions"})
    EXPECT_EQ(number(*database, bodies), 1) << bodies;
  EXPECT_EQ(number(*database,
                   "SELECT count(*) FROM tickets WHERE json_extract(CAST(substr(body, 17) AS TEXT),"
                   " '$.ticket.operation.path') = '/srv/customers/list.csv'"),
            4);
}

TEST_F(EarlierVersion, ADamagedRowStaysAsItIsAndIsRefused) {
  run("UPDATE tickets SET body = CAST(substr(body, 1, 40) || x'00' || substr(body, 42) AS BLOB)"
      " WHERE id = 5; CREATE TABLE kept AS SELECT body FROM tickets WHERE id = 5");
  const std::unique_ptr<Database> database = open_database(path_);
  const Result<Snapshot> snapshot = DeskStore(*database).load(kBoot);
  ASSERT_FALSE(snapshot);
  EXPECT_THAT(snapshot.error().message, HasSubstr("ticket 5: its bytes are not those"));
  EXPECT_EQ(number(*database, "SELECT count(*) FROM tickets WHERE body = (SELECT body FROM kept)"),
            1);
}

}  // namespace
}  // namespace stayd
