// SPDX-License-Identifier: Apache-2.0
#include "ctl/new_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/fd.h"
#include "base/whole_file.h"

namespace stayd {
namespace {

// A file that could not be written whole is not left behind.
Result<> write_all(const std::string& path, const std::string& bytes) {
  const Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!file) return errno_error(path);
  for (std::size_t at = 0; at < bytes.size();) {
    const ssize_t count = ::write(file.get(), bytes.data() + at, bytes.size() - at);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      Error error = errno_error(path);
      ::unlink(path.c_str());
      return error;
    }
    at += static_cast<std::size_t>(count);
  }
  if (::fsync(file.get()) != 0) return errno_error(path);
  return {};
}

}  // namespace

Result<> write_new_file(const std::string& path, const std::string& bytes) {
  Result<> written = write_all(path, bytes);
  if (!written && errno == EEXIST)
    return Error{path + " already exists; move it away, or name another file"};
  return written;
}

Result<> replace_file(const std::string& path, const std::string& bytes) {
  struct stat before {};
  if (::stat(path.c_str(), &before) != 0) return errno_error(path);
  if (Result<> written = write_whole_file(path, bytes, before.st_mode & 07777); !written)
    return written;
  if (::chown(path.c_str(), before.st_uid, before.st_gid) != 0) return errno_error(path);
  return {};
}

}  // namespace stayd
