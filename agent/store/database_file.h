// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "context/operation.h"

namespace stayd {

// A database's file, fit to be opened, and locked against any other process that does the same
// for as long as this lives.
struct DatabaseFile {
  std::string path;  // without a symbolic link in it
  // Open on NAME.lock: closing any descriptor of the database itself would drop the POSIX
  // locks that SQLite has on it (fcntl_locking(2)).
  Fd lock;
};

// Creates the directory (0700; its parent must exist) and the file (0600). Refuses symbolic
// links, what belongs to somebody else or is open to others, a log (NAME-wal) whose database
// is gone, and a file that another process has claimed.
Result<DatabaseFile> claim_database_file(const std::string& path);

// For the operator who wants to begin anew: renames the database and its logs to
// NAME.corrupt-TIME, and gives that path. Nothing is deleted or replaced. Refused while a
// process has the database open.
Result<std::string> set_aside_database(const std::string& path, TimePoint now);

}  // namespace stayd
