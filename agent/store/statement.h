// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <utility>
#include <variant>

#include "base/result.h"

struct sqlite3_stmt;

namespace stayd {

class Database;

// Bytes that are not text.
struct Blob {
  std::string_view bytes;
};

// A value for a `?` in a statement; copied when bound.
using Value = std::variant<std::nullptr_t, std::int64_t, std::string_view, Blob>;

struct StatementEnd {
  void operator()(sqlite3_stmt* statement) const;
};
using StatementHandle = std::unique_ptr<sqlite3_stmt, StatementEnd>;

// A statement while it runs. Borrowed from its database, which must outlive it and to whose
// cache it goes back.
class Statement {
 public:
  Statement(Statement&& other) noexcept
      : database_(other.database_), sql_(other.sql_), handle_(std::move(other.handle_)) {}
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  // The next row, if there is one. A statement that changes something has done so once this
  // gave false.
  Result<bool> next();
  // Whatever rows there are.
  Result<> finish();

  // A value of the current row; columns count from 0. Views are valid until next().
  std::int64_t integer(int column) const;
  std::string_view text(int column) const;
  std::string_view blob(int column) const;
  bool is_null(int column) const;

 private:
  friend class Database;
  Statement(Database& database, std::string_view sql, StatementHandle handle)
      : database_(&database), sql_(sql), handle_(std::move(handle)) {}
  Result<> bind(std::initializer_list<Value> values);

  Database* database_;
  std::string_view sql_;  // a literal
  StatementHandle handle_;
};

}  // namespace stayd
