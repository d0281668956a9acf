// SPDX-License-Identifier: Apache-2.0
#include "kernel/file_ids.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <unordered_map>

#include "stayd/wire.h"

namespace stayd {
namespace {

namespace fs = std::filesystem;

// True if stat(2) reports the inode number and device that the kernel uses, which it does not where
// a file system lies over others, or has several devices.
bool is_plain(const Fd& file) {
  struct statfs status {};
  if (::fstatfs(file.get(), &status) != 0) return false;
  switch (static_cast<std::uint32_t>(status.f_type)) {
#define STAYD_MAGIC_CASE(name, magic) case magic:
    STAYD_LOCAL_FILE_SYSTEMS(STAYD_MAGIC_CASE)
#undef STAYD_MAGIC_CASE
    case RAMFS_MAGIC:
    case PROC_SUPER_MAGIC:
    case SYSFS_MAGIC:
      return true;
  }
  return false;
}

// The kernel's s_dev, include/linux/kdev_t.h.
std::uint32_t device(const struct statx& status) {
  return status.stx_dev_major << 20 | status.stx_dev_minor;
}

using Identities = std::unordered_map<int, Identity>;

Result<Identities> ask_kernel(const Programs& programs) {
  const Result<std::vector<stayd_identity>> all = identify_all(programs);
  if (!all) return all.error();
  Identities identities;
  for (const stayd_identity& each : *all)
    identities[static_cast<int>(each.fd)] = {each.inode, each.device};
  return identities;
}

}  // namespace

Result<std::vector<stayd_identity>> identify_all(const Programs& programs) {
  const Result<std::string> output = programs.run_iterator(Iterator::identify_files);
  if (!output) return output.error();
  std::vector<stayd_identity> identities(output->size() / sizeof(stayd_identity));
  std::memcpy(identities.data(), output->data(), identities.size() * sizeof(stayd_identity));
  return identities;
}

Result<Identity> identify(const Programs& programs, const Fd& file) {
  struct statx status {};
  if (is_plain(file) && ::statx(file.get(), "", AT_EMPTY_PATH, STATX_INO, &status) == 0)
    return Identity{status.stx_ino, device(status)};
  const Result<Identities> identities = ask_kernel(programs);
  if (!identities) return identities.error();
  if (auto found = identities->find(file.get()); found != identities->end()) return found->second;
  return Error{"the kernel did not report its identity"};
}

Result<Locator::Split> Locator::split(const std::string& path) {
  // Most paths share their directory with others, and are no symbolic links.
  const fs::path as_path = path;
  const std::string directory = as_path.parent_path().string();
  std::error_code error;
  auto known = directories_.find(directory);
  if (known == directories_.end()) {
    const fs::path real = fs::canonical(directory, error);
    if (!error) known = directories_.emplace(directory, real).first;
  }
  if (known != directories_.end() && as_path.has_filename()) {
    const fs::path candidate = known->second / as_path.filename();
    const fs::file_status status = fs::symlink_status(candidate, error);
    if (fs::exists(status) && !fs::is_symlink(status)) return Split{candidate, {}};
    if (error == std::errc::no_such_file_or_directory)
      return Split{known->second, {as_path.filename().string()}};
  }

  Split parts;
  fs::path existing = path;
  for (;;) {
    parts.real = fs::canonical(existing, error);
    if (!error) return parts;
    if (error != std::errc::no_such_file_or_directory && error != std::errc::not_a_directory)
      return Error{error.message()};
    if (!existing.has_relative_path()) return Error{error.message()};
    parts.missing.insert(parts.missing.begin(), existing.filename().string());
    existing = existing.parent_path();
  }
}

Result<Locator::Opened> Locator::open(const std::string& real_path) {
  Fd file(::open(real_path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!file) return errno_error(real_path);
  struct statx status {};
  if (::statx(file.get(), "", AT_EMPTY_PATH, STATX_INO | STATX_MNT_ID, &status) != 0)
    return errno_error(real_path);
  Opened opened{file.get(), status.stx_mnt_id, {}};
  if (is_plain(file)) opened.identity = Identity{status.stx_ino, device(status)};
  pins_.push_back(std::move(file));
  return opened;
}

Result<Locator::Place> Locator::look_at(const std::string& real_path) {
  if (auto known = known_.find(real_path); known != known_.end()) return known->second;
  Result<Opened> opened = open(real_path);
  if (!opened) return opened.error();
  if (!opened->identity) {
    const Result<Identities> identities = ask_kernel(programs_);
    if (!identities) return in_context(real_path, identities.error());
    auto found = identities->find(opened->fd);
    if (found == identities->end())
      return Error{real_path + ": the kernel did not report its identity"};
    opened->identity = found->second;
  }
  return known_[real_path] = {*opened->identity, opened->mount};
}

void Locator::look_ahead(const std::vector<std::string>& paths) {
  std::map<std::string, Opened> unknown;
  const auto look = [&](const std::string& real_path) {
    if (known_.contains(real_path) || unknown.contains(real_path)) return;
    Result<Opened> opened = open(real_path);
    if (!opened) return;
    if (opened->identity)
      known_[real_path] = {*opened->identity, opened->mount};
    else
      unknown.emplace(real_path, *opened);
  };
  look("/");
  for (const std::string& path : paths) {
    const Result<Split> parts = split(path);
    if (!parts) continue;
    fs::path so_far = "/";
    for (const fs::path& name : parts->real.relative_path()) look((so_far /= name).string());
  }
  if (unknown.empty()) return;
  const Result<Identities> identities = ask_kernel(programs_);
  if (!identities) return;
  for (const auto& [real_path, opened] : unknown)
    if (auto found = identities->find(opened.fd); found != identities->end())
      known_[real_path] = {found->second, opened.mount};
}

// A directory that cannot be looked at is not known, although the walk may come by it.
void Locator::add_parents(const std::string& mount_point, Located& located) {
  const std::optional<std::string> elsewhere = mounts_.bound_from(mount_point);
  const Result<Place> root = look_at(mount_point);
  if (!elsewhere || !root) return;
  Result<Place> here = look_at(*elsewhere);
  if (!here || here->identity != root->identity) return;  // something is mounted over it
  for (fs::path at = *elsewhere; at.has_relative_path(); at = at.parent_path()) {
    const Result<Place> above = look_at(at.parent_path().string());
    if (!above || above->mount != here->mount) return;
    located.parents.emplace_back(here->identity, above->identity);
    here = above;
  }
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
    if (here->mount == above->mount) {
      located.components.push_back({{above->identity, name.string()}, here->identity});
    } else {
      located.components.clear();
      add_parents(so_far.string(), located);
    }
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
  for (const std::string& mount : mount_points_) {
    if (!mount.starts_with(real == "/" ? "/" : real + "/") || mount == real) continue;
    Result<Place> root = look_at(mount);
    if (!root) return in_context("mount below it", root.error());
    located.identities.push_back(root->identity);
    add_parents(mount, located);
  }
  return located;
}

}  // namespace stayd
