// SPDX-License-Identifier: Apache-2.0
#include "kernel/identity.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "context/mounts.h"
#include "stayd/wire.h"

namespace stayd {
namespace {

namespace fs = std::filesystem;

// Where stat(2) reports the inode number and device that the kernel uses: not where a file
// system lies over others, or has several devices.
bool is_plain(const Fd& file) {
  struct statfs status {};
  if (::fstatfs(file.get(), &status) != 0) return false;
  switch (static_cast<std::uint32_t>(status.f_type)) {
    case 0xef53:      // ext2, ext3, ext4
    case 0x58465342:  // XFS
    case 0xf2f52010:  // F2FS
    case 0x01021994:  // tmpfs
    case 0x858458f6:  // ramfs
    case 0x9fa0:      // proc
    case 0x62656572:  // sysfs
      return true;
  }
  return false;
}

// The longest part of the path that exists, without symbolic links, and what is missing.
struct Split {
  fs::path real;
  std::vector<std::string> missing;
};

Result<Split> split(const std::string& path) {
  Split parts;
  fs::path existing = path;
  for (;;) {
    std::error_code error;
    parts.real = fs::canonical(existing, error);
    if (!error) break;
    if (error != std::errc::no_such_file_or_directory && error != std::errc::not_a_directory)
      return Error{error.message()};
    if (!existing.has_relative_path()) return Error{error.message()};
    parts.missing.insert(parts.missing.begin(), existing.filename().string());
    existing = existing.parent_path();
  }
  return parts;
}

}  // namespace

const std::vector<std::string>& Locator::mounts() {
  if (!mounts_) {
    std::ifstream file("/proc/self/mountinfo");
    std::stringstream text;
    text << file.rdbuf();
    mounts_ = mount_points(text.str());
  }
  return *mounts_;
}

Result<Identity> identify(const Programs& programs, const Fd& file) {
  struct stat status {};
  if (is_plain(file) && ::fstat(file.get(), &status) == 0)
    return Identity{status.st_ino, static_cast<std::uint32_t>(::major(status.st_dev) << 20 |
                                                              ::minor(status.st_dev))};
  Result<std::string> output = programs.run_iterator("identify_files", true);
  if (!output) return output.error();
  for (std::size_t at = 0; at + sizeof(stayd_identity) <= output->size();
       at += sizeof(stayd_identity)) {
    stayd_identity identity{};
    std::memcpy(&identity, output->data() + at, sizeof(identity));
    if (identity.fd == static_cast<std::uint32_t>(file.get()))
      return Identity{identity.inode, identity.device};
  }
  return Error{"the kernel did not report its identity"};
}

Result<Locator::Place> Locator::look_at(const std::string& real_path) {
  if (auto known = known_.find(real_path); known != known_.end()) return known->second;
  Fd file(::open(real_path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!file) return errno_error(real_path);
  struct statx status {};
  if (::statx(file.get(), "", AT_EMPTY_PATH, STATX_MNT_ID, &status) != 0)
    return errno_error(real_path);
  Result<Identity> identity = identify(programs_, file);
  if (!identity) return in_context(real_path, identity.error());
  pins_.push_back(std::move(file));
  return known_[real_path] = {*identity, status.stx_mnt_id};
}

Result<Located> Locator::locate(const std::string& path) {
  Result<Split> parts = split(path);
  if (!parts) return parts.error();
  Located located;
  Result<Place> above = look_at("/");
  if (!above) return above.error();
  fs::path so_far = "/";
  for (const fs::path& name : parts->real.relative_path()) {
    so_far /= name;
    Result<Place> here = look_at(so_far.string());
    if (!here) return here.error();
    if (here->mount == above->mount)
      located.components.push_back({{above->identity, name.string()}, here->identity});
    else
      located.components.clear();
    above = here;
  }
  if (!parts->missing.empty()) {
    located.components.push_back({{above->identity, parts->missing.front()}, {}});
    located.complete = parts->missing.size() == 1;
    return located;
  }
  // A mount's root has no name that the walk comes by.
  located.complete =
      !located.components.empty() && located.components.back().identity == above->identity;
  located.identities.push_back(above->identity);
  const std::string real = parts->real.string();
  for (const std::string& mount : mounts()) {
    if (!mount.starts_with(real == "/" ? "/" : real + "/") || mount == real) continue;
    Result<Place> root = look_at(mount);
    if (!root) return in_context("mount below it", root.error());
    located.identities.push_back(root->identity);
  }
  return located;
}

}  // namespace stayd
