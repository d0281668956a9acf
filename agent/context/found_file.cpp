// SPDX-License-Identifier: Apache-2.0
#include "context/found_file.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <utility>

#include "base/escape.h"

namespace stayd {
namespace {

constexpr std::size_t kMaxDepth = 128;  // directories, as the kernel side's walk
constexpr int kMaxLinks = 40;           // path_resolution(7)

Error at(std::string_view path, std::string_view what) {
  return Error{escape(path) + ": " + std::string(what)};
}

class Walk {
 public:
  explicit Walk(std::string_view path) : path_(path) { push_front(path); }

  Result<FoundFile> run(const Fd& root, Leaf leaf);

 private:
  struct Place {
    Fd file;
    std::string name;
    std::uint64_t mount;
    bool is_link;
  };

  void push_front(std::string_view path);
  Result<Place> look(const Fd& directory, const std::string& name);
  Result<> follow(const Place& link);
  Result<> take_new_name(const std::string& name);
  Result<> step(const std::string& name, bool is_last, Leaf leaf);
  FoundFile found();

  std::string_view path_;
  std::deque<std::string> rest_;
  std::vector<Place> places_;  // from the root down, whatever mount they are of
  std::string new_name_;
  int links_ = 0;
};

// In front of what is still to be walked; components that mean nothing are left out.
void Walk::push_front(std::string_view path) {
  std::deque<std::string> parts;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, end);
    if (!part.empty() && part != ".") parts.emplace_back(part);
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  rest_.insert(rest_.begin(), parts.begin(), parts.end());
}

Result<Walk::Place> Walk::look(const Fd& directory, const std::string& name) {
  Fd file(::openat(directory.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!file) return errno_error(escape(path_));
  struct statx status {};
  if (::statx(file.get(), "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE | STATX_MNT_ID,
              &status) != 0)
    return errno_error(escape(path_));
  return Place{std::move(file), name, status.stx_mnt_id, S_ISLNK(status.stx_mode)};
}

Result<> Walk::follow(const Place& link) {
  if (++links_ > kMaxLinks) return errno_error(escape(path_), ELOOP);
  std::string target(PATH_MAX, '\0');
  const ssize_t size = ::readlinkat(link.file.get(), "", target.data(), target.size());
  if (size < 0) return errno_error(escape(path_));
  target.resize(static_cast<std::size_t>(size));
  if (target.starts_with('/')) places_.erase(places_.begin() + 1, places_.end());
  push_front(target);
  return {};
}

Result<> Walk::take_new_name(const std::string& name) {
  struct stat status {};
  if (::fstatat(places_.back().file.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0)
    return at(path_, "it exists already");
  if (errno != ENOENT) return errno_error(escape(path_));
  new_name_ = name;
  return {};
}

Result<> Walk::step(const std::string& name, bool is_last, Leaf leaf) {
  if (name == "..") {
    if (places_.size() > 1) places_.pop_back();
    return {};
  }
  if (is_last && leaf == Leaf::new_name) return take_new_name(name);
  Result<Place> place = look(places_.back().file, name);
  if (!place) return place.error();
  if (place->is_link && !(is_last && leaf == Leaf::name)) return follow(*place);
  if (place->mount != places_.back().mount) {
    struct statfs status {};
    if (::fstatfs(place->file.get(), &status) != 0) return errno_error(escape(path_));
    if (status.f_type == PROC_SUPER_MAGIC)
      return at(path_, "names in /proc mean whoever looks; name the file itself");
  }
  if (places_.size() >= kMaxDepth) return at(path_, "it lies too deep");
  places_.push_back(std::move(*place));
  return {};
}

// The last mount's part of the way.
FoundFile Walk::found() {
  FoundFile file;
  file.new_name = std::move(new_name_);
  file.mount = places_.back().mount;
  std::size_t first = places_.size() - 1;
  while (first > 0 && places_[first - 1].mount == file.mount) --first;
  for (std::size_t i = first; i < places_.size(); ++i)
    file.steps.push_back({std::move(places_[i].file), i == first ? "" : places_[i].name});
  return file;
}

Result<FoundFile> Walk::run(const Fd& root, Leaf leaf) {
  if (!path_.starts_with('/')) return at(path_, "it is not an absolute path");
  if (path_.size() >= PATH_MAX || path_.find('\0') != path_.npos)
    return errno_error(escape(path_), ENAMETOOLONG);
  Result<Place> top = look(root, ".");
  if (!top) return top.error();
  places_.push_back(std::move(*top));
  while (!rest_.empty()) {
    const std::string name = std::move(rest_.front());
    rest_.pop_front();
    if (Result<> done = step(name, rest_.empty(), leaf); !done) return done.error();
  }
  if (leaf == Leaf::new_name && new_name_.empty()) return at(path_, "it exists already");
  return {boost::system::in_place_value, found()};
}

}  // namespace

Result<FoundFile> find_file(const Fd& root, std::string_view path, Leaf leaf) {
  return Walk(path).run(root, leaf);
}

}  // namespace stayd
