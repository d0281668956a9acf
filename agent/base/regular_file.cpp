// SPDX-License-Identifier: Apache-2.0
#include "base/regular_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/fd.h"

namespace stayd {
namespace {

Result<> check(const std::string& path, const struct stat& status, Trust trust) {
  if (trust == Trust::any) return {};
  if (status.st_uid != 0 && status.st_uid != ::geteuid())
    return Error{path + ": belongs to uid " + std::to_string(status.st_uid) +
                 ", who could change it; try: chown root " + path};
  const bool secret = trust == Trust::secret;
  if ((status.st_mode & (secret ? 077 : 022)) != 0)
    return Error{path + ": others than its owner can " + (secret ? "read or " : "") +
                 "write it; try: chmod " + (secret ? "600 " : "go-w ") + path};
  return {};
}

}  // namespace

Result<std::string> read_regular_file(const std::string& path, std::size_t most, Trust trust) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd) return errno_error("open " + path);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return errno_error("stat " + path);
  if (!S_ISREG(status.st_mode)) return Error{path + ": not a regular file"};
  if (Result<> checked = check(path, status, trust); !checked) return checked.error();
  // One byte beyond the limit, so that a file that is too large is seen to be.
  std::string text(most + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(fd.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error("read " + path);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > most) return Error{path + ": larger than " + std::to_string(most) + " bytes"};
  text.resize(size);
  return {boost::system::in_place_value, std::move(text)};
}

Result<> check_directory(const std::string& path, Trust trust) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return errno_error("stat " + path);
  if (!S_ISDIR(status.st_mode)) return Error{path + ": not a directory"};
  return check(path, status, trust);
}

}  // namespace stayd
