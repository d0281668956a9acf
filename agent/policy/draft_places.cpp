// SPDX-License-Identifier: Apache-2.0
#include "policy/draft_places.h"

#include <algorithm>
#include <functional>

#include "base/escape.h"
#include "policy/glob.h"
#include "policy/values.h"

namespace stayd {
namespace {

constexpr std::size_t kFiles = 3;
constexpr std::size_t kBranches = 5;

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::ptrdiff_t depth(std::string_view path) {
  return path == "/" ? 0 : std::count(path.begin(), path.end(), '/');
}

// Neither a tree that everything lives in nor a home.
bool may_stand_for_all(const std::string& directory) {
  for (const char* shared : {"/tmp", "/var/tmp", "/dev/shm", "/dev/pts", "/proc"})
    if (directory == shared) return true;
  for (const char* top : {"/home/", "/var/", "/run/", "/etc/", "/mnt/", "/media/"})
    if (directory.starts_with(top)) return depth(directory) >= 3;
  return depth(directory) >= 2;
}

// The nearest that a rule can name and that may stand for all below it; empty: none.
std::string directory_for(std::string directory) {
  while (directory != "/" && !can_be_named(directory)) directory = parent_of(directory);
  return may_stand_for_all(directory) ? directory : std::string();
}

class Grouping {
 public:
  explicit Grouping(const Observations& seen) : seen_(seen) {}

  DraftPaths group(const std::set<std::string>& paths) {
    for (const std::string& path : paths) place(path);
    std::set<std::pair<std::ptrdiff_t, std::string>, std::greater<>> directories;
    for (const auto& [path, entry] : result_.places)
      for (std::string above = path; above != "/"; above = parent_of(above))
        directories.emplace(depth(above), above);
    for (const auto& [level, directory] : directories) collapse(directory);
    return std::move(result_);
  }

 private:
  void place(const std::string& path) {
    const bool whole = path == "/proc" || path == "/dev/pts";
    const bool listed = seen_.listed.contains(path);
    if (whole || (can_be_named(path) && !seen_.made.contains(path))) {
      if (listed && !may_stand_for_all(path)) {
        result_.unnamed.push_back(path);
        return;
      }
      DraftPlace& entry = result_.places[path];
      entry.listed |= listed;
      entry.files += whole ? 1 : 0;
      return;
    }
    const std::string directory = directory_for(parent_of(path));
    if (!directory.empty())
      ++result_.places[directory].files;
    else if (can_be_named(path) && !listed)
      result_.places[path];
    else
      result_.unnamed.push_back(path);
  }

  // Deepest first, so that what is below has become as few lines as it can.
  void collapse(const std::string& directory) {
    DraftPlaces& places = result_.places;
    const std::string prefix = directory + "/";
    auto begin = places.lower_bound(prefix), end = begin;
    std::uint64_t files = 0, direct = 0;
    std::set<std::string> branches;
    for (; end != places.end() && end->first.starts_with(prefix); ++end) {
      const DraftPlace& entry = end->second;
      files += std::max<std::uint64_t>(entry.files, 1);
      const std::size_t slash = end->first.find('/', prefix.size());
      direct += slash == std::string::npos && !entry.wider();
      branches.insert(end->first.substr(0, slash));
    }
    const auto itself = places.find(directory);
    const bool taken = itself != places.end() && itself->second.wider();
    const bool many = direct >= kFiles || branches.size() >= kBranches;
    if (files == 0 || (!taken && !(many && may_stand_for_all(directory)))) return;
    places.erase(begin, end);
    places[directory].files += files;
  }

  const Observations& seen_;
  DraftPaths result_;
};

// Valid UTF-8 without control characters: escape() writes anything else as a byte, and so it
// does with some spaces and braces.
bool is_text(const std::string& path) {
  const std::string shown = escape(path, kUnbounded);
  for (std::size_t at = shown.find('\\'); at != shown.npos; at = shown.find('\\', at + 2)) {
    const std::string byte = shown.substr(at + 2, 2);
    const char kind = shown[at + 1];
    if (kind == 'x' ? byte != "20" && byte != "7b" : kind != 'u' && kind != '\\') return false;
  }
  return true;
}

}  // namespace

DraftPaths group_paths(const std::set<std::string>& paths, const Observations& seen) {
  return Grouping(seen).group(paths);
}

bool covers(const DraftPlaces& places, const std::string& path) {
  for (std::string at = path;; at = parent_of(at)) {
    if (places.contains(at)) return true;
    if (at.size() <= 1) return false;
  }
}

bool can_be_named(const std::string& path) {
  return !is_glob(path) && normal_path(path) == path && path.size() <= kMaxPath && is_text(path);
}

}  // namespace stayd
