// SPDX-License-Identifier: Apache-2.0
#include "store/database.h"

#include <sqlite3.h>

#include <cerrno>
#include <cstring>

#include "store/transaction.h"

namespace stayd {
namespace {

// "STAY": what `file` says of a database of ours.
constexpr std::int64_t kApplicationId = 0x53544159;
// The time for which the desk's thread waits for an operator's sqlite3 to let go of the database.
constexpr int kBusyMs = 1000;
constexpr int kMaxBytes = 8 << 20;  // of one value

std::string what_to_do(int code, int error_number) {
  if (error_number == ENOSPC || error_number == EDQUOT || code == SQLITE_FULL)
    return "the disk is full: free some space; nothing was changed";
  if (error_number == EROFS || error_number == EACCES || code == SQLITE_READONLY)
    return "stayd must be able to write the file and its directory";
  switch (code) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return "it is damaged: restore a copy, or set it aside to begin anew (docs/operate/store.md)";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "another process keeps it locked: end that process";
    case SQLITE_IOERR:
      return "look for errors of the disk in the kernel's log";
    default:
      return "";
  }
}

Error database_error(const std::string& path, const std::string& what, int code, int error_number) {
  Error error{path + ": " + what};
  if (error_number != 0) error.message += std::string(" (") + std::strerror(error_number) + ")";
  const std::string advice = what_to_do(code & 0xff, error_number);
  if (!advice.empty()) error.message += "; " + advice;
  return error;
}

}  // namespace

void Database::Close::operator()(sqlite3* connection) const { sqlite3_close(connection); }

Database::~Database() = default;

Error Database::last_error() const {
  sqlite3* const connection = connection_.get();
  const int code = sqlite3_extended_errcode(connection);
  // Of other failures it is whatever an earlier one left behind.
  const bool is_of_system = (code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN;
  return database_error(path(), sqlite3_errmsg(connection), code,
                        is_of_system ? sqlite3_system_errno(connection) : 0);
}

Result<std::unique_ptr<Database>> Database::open(const std::string& path, Migrations migrations) {
  Result<DatabaseFile> file = claim_database_file(path);
  if (!file) return file.error();
  std::unique_ptr<Database> database(new Database(std::move(*file)));
  if (Result<> done = database->connect(); !done) return done.error();
  // Before anything is written: a database that is not for us stays as it is.
  const Result<std::int64_t> version = database->number("PRAGMA user_version");
  if (!version) return version.error();
  if (Result<> fit = database->check_origin(*version, migrations); !fit) return fit.error();
  if (Result<> done = database->configure(*version == 0); !done) return done.error();
  if (Result<> sound = database->check("PRAGMA quick_check(3)"); !sound) return sound.error();
  if (Result<> done = database->migrate(migrations); !done) return done.error();
  return {boost::system::in_place_value, std::move(database)};
}

Result<> Database::connect() {
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(
      path().c_str(), &opened,
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
      nullptr);
  connection_.reset(opened);
  if (code != SQLITE_OK)
    return opened != nullptr ? last_error() : Error{path() + ": " + sqlite3_errstr(code)};
  if (sqlite3_db_readonly(opened, "main") != 0)
    return database_error(path(), "is read-only", SQLITE_READONLY, 0);
  // As the manual advises for files that may have been tampered with
  // (sqlite.org/security.html).
  for (const auto& [option, value] : {std::pair{SQLITE_DBCONFIG_DEFENSIVE, 1},
                                      {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
                                      {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
                                      {SQLITE_DBCONFIG_DQS_DML, 0},
                                      {SQLITE_DBCONFIG_DQS_DDL, 0}}) {
    int now = 0;
    if (sqlite3_db_config(opened, option, value, &now) != SQLITE_OK || now != value)
      return Error{path() + ": this SQLite cannot be configured safely (option " +
                   std::to_string(option) + ")"};
  }
  sqlite3_limit(opened, SQLITE_LIMIT_LENGTH, kMaxBytes);
  sqlite3_limit(opened, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_busy_timeout(opened, kBusyMs);
  return {};
}

Result<> Database::configure(bool is_new) {
  // Has to be chosen before the first page is written; later it would only write it anew.
  if (is_new) {
    if (Result<> done = execute("PRAGMA auto_vacuum = INCREMENTAL"); !done) return done;
  }
  // A mapped file that shrinks would end the process (SIGBUS).
  const Result<> done = execute(
      "PRAGMA mmap_size = 0;"
      "PRAGMA cell_size_check = ON;"
      "PRAGMA foreign_keys = ON;"
      "PRAGMA synchronous = NORMAL;"
      "PRAGMA journal_size_limit = 8388608;");
  if (!done) return done;
  Result<Statement> mode = query("PRAGMA journal_mode = WAL");
  if (!mode) return mode.error();
  const Result<bool> answered = mode->next();
  if (!answered) return answered.error();
  if (!*answered || mode->text(0) != "wal")
    return Error{path() + ": the file system cannot do write-ahead logging (it needs mmap)"};
  return {};
}

Result<> Database::check(std::string_view pragma) {
  Result<Statement> answer = query(pragma);
  if (!answer) return answer.error();
  std::string found;
  while (true) {
    const Result<bool> more = answer->next();
    if (!more) return more.error();
    if (!*more) break;
    if (answer->text(0) != "ok")
      found += (found.empty() ? "" : "; ") + std::string(answer->text(0));
  }
  if (found.empty()) return {};
  return database_error(path(), found, SQLITE_CORRUPT, 0);
}

Result<> Database::check_integrity() { return check("PRAGMA integrity_check(10)"); }

Result<> Database::check_origin(std::int64_t version, Migrations migrations) {
  const Result<std::int64_t> application = number("PRAGMA application_id");
  if (!application) return application.error();
  const Result<std::int64_t> tables = number("SELECT count(*) FROM sqlite_schema");
  if (!tables) return tables.error();
  if (*application != kApplicationId && (*application != 0 || version != 0 || *tables != 0))
    return Error{path() + " is a database, but not one of stayd's; name another file"};
  const auto known = static_cast<std::int64_t>(migrations.size());
  if (version < 0 || version > known)
    return Error{path() + " was written by a newer stayd (schema version " +
                 std::to_string(version) + ", this one knows " + std::to_string(known) +
                 "): install that one again, or set the database aside (docs/operate/store.md)"};
  return {};
}

Result<> Database::migrate(Migrations migrations) {
  const Result<std::int64_t> version = number("PRAGMA user_version");
  if (!version) return version.error();
  for (auto next = static_cast<std::size_t>(*version); next < migrations.size(); ++next) {
    Result<Transaction> transaction = Transaction::begin(*this, Durability::full);
    if (!transaction) return transaction.error();
    const Migration& step = migrations[next];
    Result<> done = execute(std::string(step.script) +
                            ";PRAGMA application_id = " + std::to_string(kApplicationId) +
                            ";PRAGMA user_version = " + std::to_string(next + 1));
    if (done && step.convert != nullptr) done = step.convert(*this);
    if (done) done = transaction->commit();
    if (!done) return in_context("migrate to version " + std::to_string(next + 1), done.error());
  }
  return {};
}

Result<Statement> Database::query(std::string_view sql, std::initializer_list<Value> values) {
  StatementHandle handle;
  if (auto idle = idle_.extract(sql)) {
    handle = std::move(idle.mapped());
  } else {
    sqlite3_stmt* prepared = nullptr;
    const int code = sqlite3_prepare_v3(connection_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
    handle.reset(prepared);
    if (code != SQLITE_OK) return last_error();
  }
  Statement statement(*this, sql, std::move(handle));
  if (Result<> bound = statement.bind(values); !bound) return bound.error();
  return {boost::system::in_place_value, std::move(statement)};
}

Result<> Database::run(std::string_view sql, std::initializer_list<Value> values) {
  Result<Statement> statement = query(sql, values);
  if (!statement) return statement.error();
  return statement->finish();
}

Result<std::int64_t> Database::number(std::string_view sql) {
  Result<Statement> statement = query(sql);
  if (!statement) return statement.error();
  const Result<bool> row = statement->next();
  if (!row) return row.error();
  return *row ? statement->integer(0) : 0;
}

Result<> Database::execute(const std::string& script) {
  if (sqlite3_exec(connection_.get(), script.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    return last_error();
  return {};
}

// If the same statement ran twice at a time, one of the two is enough.
void Database::give_back(std::string_view sql, StatementHandle handle) {
  idle_.try_emplace(sql, std::move(handle));
}

std::int64_t Database::last_insert_id() const {
  return sqlite3_last_insert_rowid(connection_.get());
}

std::int64_t Database::changes() const { return sqlite3_changes64(connection_.get()); }

}  // namespace stayd
