// SPDX-License-Identifier: Apache-2.0
#include "store/database_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "base/rfc3339.h"

namespace stayd {
namespace {

// The place of a database: everything about it happens relative to the open directory.
struct Place {
  Fd directory;
  std::string directory_path;
  std::string name;

  std::string path() const { return directory_path + "/" + name; }
};

Result<> check_owner_and_mode(const struct stat& status, const std::string& path,
                              const char* wanted_mode) {
  if (status.st_uid != ::geteuid())
    return Error{path + " belongs to uid " + std::to_string(status.st_uid) +
                 "; it must belong to the user that stayd runs as: chown it"};
  if ((status.st_mode & 077) != 0)
    return Error{path + " is open to others; chmod " + wanted_mode + " " + path};
  return {};
}

Result<Place> open_place(const std::string& path, bool create) {
  const std::filesystem::path whole(path);
  Place place;
  place.name = whole.filename();
  place.directory_path = whole.has_parent_path() ? whole.parent_path() : ".";
  const std::string& directory = place.directory_path;
  if (place.name.empty()) return Error{"'" + path + "' names no file"};
  if (create && ::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
    return errno_error("create directory " + directory);
  place.directory = Fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!place.directory)
    return errno_error("open directory " + directory + " (it must not be a symbolic link)");
  struct stat status {};
  if (::fstat(place.directory.get(), &status) != 0) return errno_error("stat " + directory);
  if (Result<> fit = check_owner_and_mode(status, directory, "700"); !fit) return fit.error();
  std::error_code failed;
  place.directory_path = std::filesystem::canonical(directory, failed);
  if (failed) return Error{"resolve " + directory + ": " + failed.message()};
  return {boost::system::in_place_value, std::move(place)};
}

Result<Fd> open_private(const Place& place, const std::string& name) {
  const std::string path = place.directory_path + "/" + name;
  // Non-blocking in case it is a FIFO.
  Fd fd(::openat(place.directory.get(), name.c_str(),
                 O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, 0600));
  if (!fd && errno == ELOOP) return Error{path + " is a symbolic link; put the file itself there"};
  if (!fd) return errno_error("open " + path);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return errno_error("stat " + path);
  if (!S_ISREG(status.st_mode)) return Error{path + " is not a regular file"};
  if (Result<> fit = check_owner_and_mode(status, path, "600"); !fit) return fit.error();
  return {boost::system::in_place_value, std::move(fd)};
}

Result<Fd> lock_place(const Place& place) {
  Result<Fd> lock = open_private(place, place.name + ".lock");
  if (!lock) return lock;
  if (::flock(lock->get(), LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno == EWOULDBLOCK)
    return Error{place.path() + " is in use by another process; is stayd running already?"};
  return errno_error("lock " + place.path() + ".lock");
}

bool has_bytes(const Place& place, const std::string& name) {
  struct stat status {};
  return ::fstatat(place.directory.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
         status.st_size > 0;
}

}  // namespace

Result<DatabaseFile> claim_database_file(const std::string& path) {
  Result<Place> place = open_place(path, true);
  if (!place) return place.error();
  Result<Fd> lock = lock_place(*place);
  if (!lock) return lock.error();
  // SQLite would delete the log, and with it what was committed last.
  if (!has_bytes(*place, place->name) && has_bytes(*place, place->name + "-wal"))
    return Error{place->path() + " is gone but its log is there (" + place->name +
                 "-wal): put the database back, or set the log aside"};
  if (Result<Fd> file = open_private(*place, place->name); !file) return file.error();
  if (::fsync(place->directory.get()) != 0) return errno_error("sync " + place->directory_path);
  DatabaseFile claimed{place->path(), std::move(*lock)};
  return {boost::system::in_place_value, std::move(claimed)};
}

Result<std::string> set_aside_database(const std::string& path, TimePoint now) {
  Result<Place> place = open_place(path, false);
  if (!place) return place.error();
  Result<Fd> lock = lock_place(*place);
  if (!lock) return lock.error();
  std::string time = rfc3339(now);
  std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
  const std::string aside = place->name + ".corrupt-" + time;
  bool found = false;
  // The database first: a log without its database is noticed, while a database without its
  // log is only older than it should be.
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
    if (::renameat2(place->directory.get(), (place->name + suffix).c_str(), place->directory.get(),
                    (aside + suffix).c_str(), RENAME_NOREPLACE) == 0)
      found = true;
    else if (errno != ENOENT)
      return errno_error("rename " + place->path() + suffix + " to " + aside + suffix);
  }
  if (!found) return Error{"there is no " + place->path()};
  if (::fsync(place->directory.get()) != 0) return errno_error("sync " + place->directory_path);
  return {boost::system::in_place_value, place->directory_path + "/" + aside};
}

}  // namespace stayd
