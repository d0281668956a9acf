// SPDX-License-Identifier: Apache-2.0
#include "kernel/identity.h"

#include <fcntl.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "base/fd.h"
#include "context/mounts.h"
#include "stayd/wire.h"

namespace stayd {
namespace {

Result<Fd> open_path(const std::string& path) {
  Fd fd(::open(path.c_str(), O_PATH | O_CLOEXEC));
  if (!fd) return errno_error(path);
  return fd;
}

std::vector<std::string> mounts_below(const std::string& directory) {
  std::ifstream file("/proc/self/mountinfo");
  std::stringstream text;
  text << file.rdbuf();
  std::vector<std::string> below;
  for (std::string& point : mount_points(text.str()))
    if (point.starts_with(directory == "/" ? "/" : directory + "/") && point != directory)
      below.push_back(std::move(point));
  return below;
}

}  // namespace

Result<std::vector<Identity>> identify(const Programs& programs, const std::string& path,
                                       std::vector<Fd>& pins) {
  std::error_code error;
  std::string real = std::filesystem::canonical(path, error).string();
  if (error) return Error{path + ": " + error.message()};

  std::vector<Fd> files;
  Result<Fd> itself = open_path(real);
  if (!itself) return itself.error();
  files.push_back(std::move(*itself));
  for (const std::string& mount : mounts_below(real)) {
    Result<Fd> root = open_path(mount);
    if (!root) return in_context("mount below " + path, root.error());
    files.push_back(std::move(*root));
  }

  Result<std::string> output = programs.run_iterator("identify_files", true);
  if (!output) return output.error();
  std::vector<Identity> found;
  for (const Fd& file : files) {
    for (std::size_t at = 0; at + sizeof(stayd_identity) <= output->size();
         at += sizeof(stayd_identity)) {
      stayd_identity identity{};
      std::memcpy(&identity, output->data() + at, sizeof(identity));
      if (identity.fd != static_cast<std::uint32_t>(file.get())) continue;
      found.push_back({identity.inode, identity.device});
      break;
    }
  }
  if (found.size() != files.size()) return Error{path + ": the kernel did not report its identity"};
  std::move(files.begin(), files.end(), std::back_inserter(pins));
  return found;
}

}  // namespace stayd
