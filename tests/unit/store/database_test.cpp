// SPDX-License-Identifier: Apache-2.0
#include "store/database.h"

#include <gmock/gmock.h>
#include <sqlite3.h>

#include "store/transaction.h"
#include "unit/store/store_fixture.h"

namespace stayd {
namespace {

using namespace test;
using ::testing::AllOf;
using ::testing::HasSubstr;

// Another program at the same file, with no manners.
class Stranger {
 public:
  explicit Stranger(const std::string& path) { sqlite3_open(path.c_str(), &connection_); }
  Stranger(const Stranger&) = delete;
  Stranger& operator=(const Stranger&) = delete;
  ~Stranger() { sqlite3_close(connection_); }
  bool run(const char* sql) {
    return sqlite3_exec(connection_, sql, nullptr, nullptr, nullptr) == SQLITE_OK;
  }

 private:
  sqlite3* connection_ = nullptr;
};

class DatabaseTest : public ::testing::Test {
 protected:
  Result<std::unique_ptr<Database>> open(const std::vector<Migration>& migrations) {
    return Database::open(path_, migrations);
  }

  TempDir directory_;
  std::string path_ = directory_ / "x.db";
};

constexpr const char* kTable = "CREATE TABLE t (a)";

TEST_F(DatabaseTest, IsSetUpToLastAndToDistrust) {
  auto database = open({kTable});
  ASSERT_TRUE(database) << database.error().message;
  EXPECT_EQ(number(**database, "PRAGMA foreign_keys"), 1);
  EXPECT_EQ(number(**database, "PRAGMA cell_size_check"), 1);
  EXPECT_EQ(number(**database, "PRAGMA trusted_schema"), 0);
  EXPECT_EQ(number(**database, "PRAGMA auto_vacuum"), 2);
  EXPECT_EQ(number(**database, "PRAGMA synchronous"), 1);
  EXPECT_EQ(number(**database, "PRAGMA mmap_size"), 0);
  EXPECT_GT(number(**database, "PRAGMA busy_timeout"), 0);
  EXPECT_EQ(number(**database, "PRAGMA application_id"), 0x53544159);
  Result<Statement> mode = (*database)->query("PRAGMA journal_mode");
  ASSERT_TRUE(mode && mode->next());
  EXPECT_EQ(mode->text(0), "wal");
}

TEST_F(DatabaseTest, AStepThatFailsAfterItsScriptChangesNothing) {
  ASSERT_TRUE(open({kTable}));
  const auto fail = [](Database& database) -> Result<> {
    if (Result<> done = database.run("INSERT INTO u VALUES (1)"); !done) return done;
    return Error{"not today"};
  };
  EXPECT_THAT(message_of(open({kTable, {"CREATE TABLE u (c)", fail}})),
              HasSubstr("migrate to version 2: not today"));
  auto database = open({kTable});
  ASSERT_TRUE(database) << database.error().message;
  EXPECT_EQ(number(**database, "SELECT count(*) FROM sqlite_schema WHERE name = 'u'"), 0);
}

TEST_F(DatabaseTest, MigratesForwardAndKeepsWhatIsThere) {
  {
    auto database = open({kTable});
    ASSERT_TRUE(database && (*database)->run("INSERT INTO t VALUES (7)"));
  }
  auto database = open({kTable, "ALTER TABLE t ADD b DEFAULT 2; CREATE TABLE u (c)",
                        "INSERT INTO u SELECT a + b FROM t"});
  ASSERT_TRUE(database) << database.error().message;
  EXPECT_EQ(number(**database, "SELECT c FROM u"), 9);
  EXPECT_EQ(number(**database, "PRAGMA user_version"), 3);
}

TEST_F(DatabaseTest, AMigrationThatFailsLeavesNothingBehind) {
  EXPECT_THAT(message_of(open({kTable, "CREATE TABLE u (c); INSERT INTO nowhere VALUES (1)"})),
              AllOf(HasSubstr("migrate to version 2: "), HasSubstr("no such table: nowhere")));
  auto database = open({kTable});
  ASSERT_TRUE(database) << database.error().message;
  EXPECT_EQ(number(**database, "PRAGMA user_version"), 1);
  EXPECT_EQ(number(**database, "SELECT count(*) FROM sqlite_schema"), 1);
}

TEST_F(DatabaseTest, OneFromTheFutureIsRefusedAndLeftAlone) {
  ASSERT_TRUE(open({kTable, "CREATE TABLE u (c)"}));
  EXPECT_THAT(message_of(open({kTable})),
              HasSubstr("x.db was written by a newer stayd (schema version 2, this one knows 1)"));
  auto database = open({kTable, "-- not again"});
  ASSERT_TRUE(database);
  EXPECT_EQ(number(**database, "SELECT count(*) FROM sqlite_schema"), 2);
}

TEST_F(DatabaseTest, ADatabaseOfSomethingElseIsRefused) {
  ASSERT_TRUE(Stranger(path_).run("CREATE TABLE bookmarks (url)"));
  std::filesystem::permissions(path_, std::filesystem::perms(0600));
  EXPECT_THAT(message_of(open({kTable})), HasSubstr("not one of stayd's"));
  EXPECT_TRUE(Stranger(path_).run("SELECT url FROM bookmarks"));
}

TEST_F(DatabaseTest, WhatIsNotADatabaseIsRefused) {
  FILE* file = ::fopen(path_.c_str(), "w");
  ::fputs(std::string(8192, 'x').c_str(), file);
  ::fclose(file);
  std::filesystem::permissions(path_, std::filesystem::perms(0600));
  EXPECT_THAT(message_of(open({kTable})),
              AllOf(HasSubstr("x.db: file is not a database"), HasSubstr("set it aside")));
}

TEST_F(DatabaseTest, ValuesComeBackAsTheyWereBound) {
  auto database = open({kTable});
  ASSERT_TRUE(database);
  const std::string bytes("\0\xff\0x", 4);
  ASSERT_TRUE((*database)->run(
      "INSERT INTO t VALUES (?), (?), (?), (?), (?)",
      {std::numeric_limits<std::int64_t>::min(), "text", Blob{bytes}, nullptr, Blob{""}}));
  Result<Statement> row = (*database)->query("SELECT a, typeof(a) FROM t ORDER BY rowid");
  ASSERT_TRUE(row && *row->next());
  EXPECT_EQ(row->integer(0), std::numeric_limits<std::int64_t>::min());
  ASSERT_TRUE(*row->next());
  EXPECT_EQ(row->text(0), "text");
  ASSERT_TRUE(*row->next());
  EXPECT_EQ(row->blob(0), bytes);
  ASSERT_TRUE(*row->next());
  EXPECT_TRUE(row->is_null(0));
  ASSERT_TRUE(*row->next());
  EXPECT_EQ(row->text(1), "blob");
  EXPECT_FALSE(*row->next());
  EXPECT_THAT((*database)->run("INSERT INTO t VALUES (?)").error().message,
              HasSubstr("takes 1 values, not 0"));
}

TEST_F(DatabaseTest, OneStatementMayRunWithinItself) {
  auto database = open({kTable});
  ASSERT_TRUE(database && (*database)->run("INSERT INTO t VALUES (1), (2), (3)"));
  constexpr const char* kAll = "SELECT a FROM t ORDER BY a";
  int pairs = 0;
  Result<Statement> outer = (*database)->query(kAll);
  while (*outer->next()) {
    Result<Statement> inner = (*database)->query(kAll);
    while (*inner->next()) ++pairs;
  }
  EXPECT_EQ(pairs, 9);
}

TEST_F(DatabaseTest, ATransactionIsAllOrNothing) {
  auto database = open({kTable});
  ASSERT_TRUE(database);
  {
    Result<Transaction> transaction = Transaction::begin(**database, Durability::full);
    ASSERT_TRUE(transaction);
    ASSERT_TRUE((*database)->run("INSERT INTO t VALUES (1)"));
    EXPECT_EQ(number(**database, "PRAGMA synchronous"), 2);
    EXPECT_THAT(Transaction::begin(**database, Durability::normal).error().message,
                HasSubstr("a transaction is open already"));
  }
  EXPECT_EQ(number(**database, "SELECT count(*) FROM t"), 0);
  EXPECT_EQ(number(**database, "PRAGMA synchronous"), 1);
  {
    Result<Transaction> transaction = Transaction::begin(**database, Durability::normal);
    ASSERT_TRUE(transaction && (*database)->run("INSERT INTO t VALUES (1)"));
    ASSERT_TRUE(transaction->commit());
  }
  EXPECT_EQ(number(**database, "SELECT count(*) FROM t"), 1);
}

TEST_F(DatabaseTest, AnotherProgramsLockIsAnErrorThatPasses) {
  auto database = open({kTable});
  ASSERT_TRUE(database);
  Stranger operators_shell(path_);
  ASSERT_TRUE(operators_shell.run("BEGIN IMMEDIATE"));
  EXPECT_THAT(Transaction::begin(**database, Durability::normal).error().message,
              AllOf(HasSubstr("locked"), HasSubstr("end that process")));
  ASSERT_TRUE(operators_shell.run("ROLLBACK"));
  EXPECT_TRUE((*database)->run("INSERT INTO t VALUES (1)"));
}

}  // namespace
}  // namespace stayd
