// SPDX-License-Identifier: Apache-2.0
#include "audit/record.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>

#include "base/json.h"

namespace stayd {

Result<Record> Record::open(const std::string& path) {
  // Readable, too, to see how the file ends. Non-blocking in case it is a FIFO.
  Fd fd(::open(path.c_str(),
               O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, 0600));
  if (!fd) return errno_error("open record " + path);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return errno_error("stat record " + path);
  if (!S_ISREG(status.st_mode)) return Error{"record " + path + " is not a regular file"};
  if (::fchmod(fd.get(), 0600) != 0) return errno_error("chmod record " + path);
  char last = '\n';
  if (status.st_size > 0 && ::pread(fd.get(), &last, 1, status.st_size - 1) != 1) {
    return errno_error("read record " + path);
  }
  return Record(path, std::move(fd), last != '\n');
}

Result<> Record::append(const nlohmann::json& event) {
  const std::string line = std::string(torn_ ? "\n" : "") + dump(event) + "\n";
  ssize_t written = 0;
  do {
    written = ::write(fd_.get(), line.data(), line.size());
  } while (written < 0 && errno == EINTR);
  if (written < 0) return errno_error("write record " + path_);
  if (static_cast<std::size_t>(written) < line.size()) {
    torn_ = torn_ || written > 0;
    return Error{"write record " + path_ + ": only " + std::to_string(written) + " of " +
                 std::to_string(line.size()) + " bytes were taken; is the disk full?"};
  }
  torn_ = false;
  return {};
}

}  // namespace stayd
