// SPDX-License-Identifier: Apache-2.0
#include "base/whole_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "base/fd.h"

namespace stayd {

Result<> write_whole_file(const std::string& path, const std::string& text, mode_t mode) {
  const std::string half = path + ".new";
  ::unlink(half.c_str());
  const Fd file(::open(half.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!file || ::fchmod(file.get(), mode) != 0) return errno_error(half);
  const ssize_t written = ::write(file.get(), text.data(), text.size());
  if (written < 0) return errno_error(half);
  if (static_cast<std::size_t>(written) != text.size())
    return Error{half + ": not all of it could be written; is the disk full?"};
  if (::fsync(file.get()) != 0) return errno_error(half);
  if (::rename(half.c_str(), path.c_str()) != 0) return errno_error(path);
  const std::string directory = std::filesystem::path(path).parent_path();
  const Fd parent(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!parent || ::fsync(parent.get()) != 0) return errno_error(directory);
  return {};
}

}  // namespace stayd
