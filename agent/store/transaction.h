// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>

#include "base/result.h"

namespace stayd {

class Database;

enum class Durability : std::uint8_t {
  normal,  // outlives the process, and is consistent after a loss of power, if perhaps older
  full,    // outlives a loss of power, and with it everything that was committed before
};

// Everything in it, or nothing. There is one at a time; not committed, it never was.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database, Durability durability);
  Transaction(Transaction&& other) noexcept
      : database_(std::exchange(other.database_, nullptr)), durability_(other.durability_) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  Result<> commit();

 private:
  Transaction(Database& database, Durability durability)
      : database_(&database), durability_(durability) {}

  Database* database_;  // nullptr: over
  Durability durability_;
};

}  // namespace stayd
