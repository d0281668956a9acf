// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "store/database_file.h"
#include "store/statement.h"

struct sqlite3;

namespace stayd {

class Database;

// A step from one version of the schema to the next: a script of SQL, then what SQL cannot say.
// Both are one transaction, which an error undoes.
struct Migration {
  constexpr Migration(const char* sql, Result<> (*rest)(Database&) = nullptr)
      : script(sql), convert(rest) {}

  const char* script;
  Result<> (*convert)(Database& database);  // nullptr: nothing
};
// Only ever added to: what a database has been through stays what it was.
using Migrations = std::span<const Migration>;

// One SQLite database in WAL mode, open in this process alone. One thread at a time. Errors
// say which file, what SQLite said, and what to do about it.
class Database {
 public:
  // See claim_database_file(). Checks the whole file (`PRAGMA quick_check`), then brings it
  // to the newest version. Refused: what is damaged, not ours, read-only, or of a version
  // that is not known here. Nothing is ever replaced.
  static Result<std::unique_ptr<Database>> open(const std::string& path, Migrations migrations);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  // `sql` is one statement, a literal: it is kept prepared. Outside of a Transaction each is
  // one of its own, of Durability::normal.
  Result<Statement> query(std::string_view sql, std::initializer_list<Value> values = {});
  Result<> run(std::string_view sql, std::initializer_list<Value> values = {});

  std::int64_t last_insert_id() const;
  std::int64_t changes() const;  // rows, by the last statement

  // `PRAGMA integrity_check`: indexes and constraints as well; takes a second for some 100 MB.
  Result<> check_integrity();

  const std::string& path() const { return file_.path; }

 private:
  friend class Statement;
  friend class Transaction;

  struct Close {
    void operator()(sqlite3* connection) const;
  };

  explicit Database(DatabaseFile file) : file_(std::move(file)) {}

  Result<> connect();
  Result<> configure(bool is_new);
  Result<> check(std::string_view pragma);
  Result<> migrate(Migrations migrations);
  Result<> check_origin(std::int64_t version, Migrations migrations);
  Result<std::int64_t> number(std::string_view sql);  // the first column of its only row
  Result<> execute(const std::string& script);

  void give_back(std::string_view sql, StatementHandle handle);
  Error last_error() const;

  DatabaseFile file_;  // first, so that its lock goes last
  std::unique_ptr<sqlite3, Close> connection_;
  std::unordered_map<std::string_view, StatementHandle> idle_;  // as many as there are literals
};

}  // namespace stayd
