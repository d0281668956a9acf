// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "base/fd.h"
#include "base/yaml.h"
#include "policy/parser.h"

namespace stayd {

Result<std::string> read_policy_file(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return errno_error("open policy " + path);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return errno_error("stat policy " + path);
  if (!S_ISREG(status.st_mode)) {
    return Error{"open policy " + path + ": not a regular file; name a YAML file"};
  }
  // One byte beyond the limit, so that a file that is too large is seen to be.
  std::string text(kMaxYamlSize + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    ssize_t got = ::read(fd.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error("read policy " + path);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  return {boost::system::in_place_value, std::move(text)};
}

Result<Policy> load_policy(const std::string& path) {
  Result<std::string> text = read_policy_file(path);
  if (!text) return text.error();
  return parse_policy(*text, path);
}

}  // namespace stayd
