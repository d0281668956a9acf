// SPDX-License-Identifier: Apache-2.0
#include "store/statement.h"

#include <sqlite3.h>

#include <string>

#include "store/database.h"

namespace stayd {
namespace {

// Binds one value; the result is SQLite's.
struct Binder {
  sqlite3_stmt* statement;
  int index;

  int operator()(std::nullptr_t) const { return sqlite3_bind_null(statement, index); }
  int operator()(std::int64_t value) const { return sqlite3_bind_int64(statement, index, value); }
  // A null pointer would bind NULL, and an empty view may have one.
  int operator()(std::string_view text) const {
    return sqlite3_bind_text64(statement, index, text.empty() ? "" : text.data(), text.size(),
                               SQLITE_TRANSIENT, SQLITE_UTF8);
  }
  int operator()(Blob blob) const {
    return sqlite3_bind_blob64(statement, index, blob.bytes.empty() ? "" : blob.bytes.data(),
                               blob.bytes.size(), SQLITE_TRANSIENT);
  }
};

std::string_view view(const void* bytes, int size) {
  return {static_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

}  // namespace

void StatementEnd::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Statement::~Statement() {
  if (!handle_) return;
  sqlite3_reset(handle_.get());
  sqlite3_clear_bindings(handle_.get());
  database_->give_back(sql_, std::move(handle_));
}

Result<> Statement::bind(std::initializer_list<Value> values) {
  const int wanted = sqlite3_bind_parameter_count(handle_.get());
  if (static_cast<std::size_t>(wanted) != values.size())
    return Error{"'" + std::string(sql_) + "' takes " + std::to_string(wanted) + " values, not " +
                 std::to_string(values.size())};
  int index = 0;
  for (const Value& value : values) {
    if (std::visit(Binder{handle_.get(), ++index}, value) != SQLITE_OK)
      return database_->last_error();
  }
  return {};
}

Result<bool> Statement::next() {
  switch (sqlite3_step(handle_.get())) {
    case SQLITE_ROW:
      return true;
    case SQLITE_DONE:
      return false;
    default:
      return database_->last_error();
  }
}

Result<> Statement::finish() {
  while (true) {
    const Result<bool> more = next();
    if (!more) return more.error();
    if (!*more) return {};
  }
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(handle_.get(), column);
}

std::string_view Statement::text(int column) const {
  const unsigned char* bytes = sqlite3_column_text(handle_.get(), column);
  return view(bytes, sqlite3_column_bytes(handle_.get(), column));
}

std::string_view Statement::blob(int column) const {
  const void* bytes = sqlite3_column_blob(handle_.get(), column);
  return view(bytes, sqlite3_column_bytes(handle_.get(), column));
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
}

}  // namespace stayd
