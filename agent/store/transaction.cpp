// SPDX-License-Identifier: Apache-2.0
#include "store/transaction.h"

#include <sqlite3.h>

#include "store/database.h"

namespace stayd {
namespace {

// Only outside of a transaction (sqlite.org/pragma.html#pragma_synchronous). In WAL mode it is
// whether a commit waits for the log to be on the disk.
constexpr std::string_view kSync = "PRAGMA synchronous = FULL";
constexpr std::string_view kNoSync = "PRAGMA synchronous = NORMAL";

}  // namespace

Result<Transaction> Transaction::begin(Database& database, Durability durability) {
  if (sqlite3_get_autocommit(database.connection_.get()) == 0)
    return Error{database.path() + ": a transaction is open already"};
  Transaction transaction(database, durability);
  if (durability == Durability::full) {
    if (Result<> set = database.run(kSync); !set) return set.error();
  }
  // A lock that is got now cannot be missing later, half way through.
  if (Result<> begun = database.run("BEGIN IMMEDIATE"); !begun) return begun.error();
  return {boost::system::in_place_value, std::move(transaction)};
}

Result<> Transaction::commit() { return database_->run("COMMIT"); }

Transaction::~Transaction() {
  if (database_ == nullptr) return;
  // Some failures, such as a full disk, have rolled it back by themselves. Where the rollback
  // fails, the connection refuses the next BEGIN.
  if (sqlite3_get_autocommit(database_->connection_.get()) == 0) (void)database_->run("ROLLBACK");
  // Failing, it stays slower than it need be.
  if (durability_ == Durability::full) (void)database_->run(kNoSync);
}

}  // namespace stayd
