// SPDX-License-Identifier: Apache-2.0
#include "support/cgroup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "base/fd.h"
#include "support/waiting.h"

namespace stayd::test {
namespace {

bool write_file(const std::string& path, const std::string& text) {
  Fd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  return file && ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

}  // namespace

Cgroup::Cgroup(std::string name) : name_(std::move(name)) {
  if (::mkdir(directory().c_str(), 0755) != 0)
    throw std::runtime_error("mkdir " + directory() + ": " + std::strerror(errno));
}

Cgroup::~Cgroup() {
  write_file(directory() + "/cgroup.kill", "1");
  // Busy until the last of its processes has been reaped.
  eventually([this] { return ::rmdir(directory().c_str()) == 0 || errno == ENOENT; }, seconds(5));
}

std::string Cgroup::directory() const { return "/sys/fs/cgroup" + name_; }

void Cgroup::take(pid_t process) const {
  if (!write_file(directory() + "/cgroup.procs", std::to_string(process)))
    throw std::runtime_error("move into " + directory() + ": " + std::strerror(errno));
}

bool enter_cgroup(const std::string& directory) {
  return write_file(directory + "/cgroup.procs", "0");
}

}  // namespace stayd::test
