// SPDX-License-Identifier: Apache-2.0
#include "base/users.h"

#include <grp.h>
#include <pwd.h>

#include <cerrno>
#include <cstddef>
#include <vector>

namespace stayd {
namespace {

constexpr std::size_t kMaxEntry = 1 << 20;  // of a passwd or group line
constexpr int kMaxGroups = 1024;            // of a user; further ones are not known

// Runs a getpwuid_r-like `lookup(buffer, size)` with a buffer that grows until it fits.
template <class Lookup>
void with_growing_buffer(Lookup lookup) {
  std::vector<char> buffer(1024);
  while (lookup(buffer.data(), buffer.size()) == ERANGE && buffer.size() < kMaxEntry)
    buffer.resize(buffer.size() * 2);
}

}  // namespace

std::string login_of(uid_t uid) {
  std::string login;
  with_growing_buffer([&](char* buffer, std::size_t size) {
    passwd entry{};
    passwd* found = nullptr;
    const int error = ::getpwuid_r(uid, &entry, buffer, size, &found);
    if (found != nullptr) login = entry.pw_name;
    return error;
  });
  return login;
}

std::string home_of(uid_t uid) {
  std::string home;
  with_growing_buffer([&](char* buffer, std::size_t size) {
    passwd entry{};
    passwd* found = nullptr;
    const int error = ::getpwuid_r(uid, &entry, buffer, size, &found);
    if (found != nullptr) home = entry.pw_dir;
    return error;
  });
  return home;
}

std::vector<std::string> groups_of_login(const std::string& login) {
  gid_t primary = 0;
  bool known = false;
  with_growing_buffer([&](char* buffer, std::size_t size) {
    passwd entry{};
    passwd* found = nullptr;
    const int error = ::getpwnam_r(login.c_str(), &entry, buffer, size, &found);
    if (found != nullptr) {
      primary = entry.pw_gid;
      known = true;
    }
    return error;
  });
  if (!known) return {};
  std::vector<gid_t> gids(kMaxGroups);
  int count = kMaxGroups;
  if (::getgrouplist(login.c_str(), primary, gids.data(), &count) < 0) count = kMaxGroups;
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i)
    with_growing_buffer([&](char* buffer, std::size_t size) {
      group entry{};
      group* found = nullptr;
      const int error =
          ::getgrgid_r(gids[static_cast<std::size_t>(i)], &entry, buffer, size, &found);
      if (found != nullptr) names.emplace_back(entry.gr_name);
      return error;
    });
  return names;
}

std::optional<uid_t> uid_of_login(const std::string& login) {
  std::optional<uid_t> uid;
  with_growing_buffer([&](char* buffer, std::size_t size) {
    passwd entry{};
    passwd* found = nullptr;
    const int error = ::getpwnam_r(login.c_str(), &entry, buffer, size, &found);
    if (found != nullptr) uid = entry.pw_uid;
    return error;
  });
  return uid;
}

std::optional<gid_t> gid_of_group(const std::string& name) {
  std::optional<gid_t> gid;
  with_growing_buffer([&](char* buffer, std::size_t size) {
    group entry{};
    group* found = nullptr;
    const int error = ::getgrnam_r(name.c_str(), &entry, buffer, size, &found);
    if (found != nullptr) gid = entry.gr_gid;
    return error;
  });
  return gid;
}

}  // namespace stayd
