// SPDX-License-Identifier: Apache-2.0
#include "audit/current_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/json.h"
#include "base/rfc3339.h"

namespace stayd::audit {
namespace {

// Makes whatever is before it no JSON, even if it is all of a line but for its newline.
constexpr std::string_view kTornMark = "#torn\n";

Result<std::string> read_at(const Fd& fd, std::uint64_t from, std::uint64_t size) {
  std::string bytes(size, '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = ::pread(fd.get(), bytes.data() + done, bytes.size() - done,
                                  static_cast<off_t>(from + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno_error("read");
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  bytes.resize(done);
  return {boost::system::in_place_value, std::move(bytes)};
}

Result<Tail> tail_of(const Fd& fd, std::uint64_t size) {
  for (std::uint64_t part = std::uint64_t{64} << 10;; part *= 4) {
    const std::uint64_t from = size > part ? size - part : 0;
    const Result<std::string> end = read_at(fd, from, size - from);
    if (!end) return end.error();
    if (const std::optional<Tail> tail = find_tail(*end, from == 0)) return *tail;
  }
}

// A file of JSON lines that knows no chain would be taken for one that is torn from its
// first byte on.
bool is_other_json(std::string_view begin) {
  const std::string_view line = begin.substr(0, std::min(begin.find('\n'), begin.size()));
  const Result<nlohmann::json> value = parse_json(line);
  return value && value->is_object() && !parse_line(line);
}

}  // namespace

Result<Tail> tail_of(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd && errno == ENOENT) return Tail{};
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) return errno_error(path);
  Result<Tail> tail = tail_of(fd, static_cast<std::uint64_t>(status.st_size));
  if (!tail) return in_context(path, tail.error());
  return tail;
}

Result<> sync_directory_of(const std::string& path) {
  std::string directory = std::filesystem::path(path).parent_path();
  if (directory.empty()) directory = ".";
  const Fd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) return errno_error("sync " + directory);
  return {};
}

Result<CurrentFile> CurrentFile::open(const std::string& path) {
  // Non-blocking in case it is a FIFO.
  Fd fd(::open(path.c_str(),
               O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, 0600));
  if (!fd) return errno_error("open record " + path);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return errno_error("stat record " + path);
  if (!S_ISREG(status.st_mode)) return Error{"record " + path + " is not a regular file"};
  if (::fchmod(fd.get(), 0600) != 0) return errno_error("chmod record " + path);
  CurrentFile file(path, std::move(fd));
  file.device_ = status.st_dev;
  file.inode_ = status.st_ino;
  if (Result<> looked = file.look(); !looked) return in_context("record " + path, looked.error());
  if (status.st_size == 0)
    if (Result<> synced = sync_directory_of(path); !synced) return synced.error();
  return {boost::system::in_place_value, std::move(file)};
}

Result<> CurrentFile::look() {
  struct stat status {};
  if (::fstat(fd_.get(), &status) != 0) return errno_error("stat");
  const auto size = static_cast<std::uint64_t>(status.st_size);
  const Result<Tail> tail = tail_of(fd_, size);
  if (!tail) return tail.error();
  const Result<std::string> begin = read_at(fd_, 0, std::min<std::uint64_t>(size, kMaxLine));
  if (!begin) return begin.error();
  if (!tail->head && is_other_json(*begin))
    return Error{
        "it holds JSON lines that do not form a chain, as an earlier stayd wrote them: move it "
        "away"};
  size_ = size - tail->torn;
  ended_ = tail->ended;
  last_ = tail->head;
  if (const std::optional<Line> first = first_line(*begin))
    first_ = {first->number, parse_rfc3339(first->time).value_or(TimePoint())};
  else if (last_)
    first_ = {last_->number, TimePoint()};
  return {};
}

bool CurrentFile::has_only_grown() const {
  struct stat status {};
  return ::lstat(path_.c_str(), &status) == 0 && status.st_dev == device_ &&
         status.st_ino == inode_ && static_cast<std::uint64_t>(status.st_size) >= size_;
}

bool CurrentFile::is_intact() const {
  struct stat status {};
  return has_only_grown() && ::fstat(fd_.get(), &status) == 0 &&
         static_cast<std::uint64_t>(status.st_size) == size_ && ended_;
}

Result<> CurrentFile::write(const std::string& bytes) {
  ssize_t written = 0;
  do {
    written = ::write(fd_.get(), bytes.data(), bytes.size());
  } while (written < 0 && errno == EINTR);
  if (written < 0) return errno_error("write record " + path_);
  if (static_cast<std::size_t>(written) < bytes.size())
    return Error{"write record " + path_ + ": only " + std::to_string(written) + " of " +
                 std::to_string(bytes.size()) + " bytes were taken; is the disk full?"};
  return {};
}

Result<> CurrentFile::write_line(std::string_view line, const First& as) {
  const std::string bytes = std::string(line) + "\n";
  if (Result<> written = write(bytes); !written) return written;
  size_ += bytes.size();
  if (!first_) first_ = as;
  return {};
}

// Returns the bytes that have to come between those that are there and the next line.
Result<std::string> CurrentFile::mark() const {
  struct stat status {};
  if (::fstat(fd_.get(), &status) != 0) return errno_error("stat record " + path_);
  const auto size = static_cast<std::uint64_t>(status.st_size);
  std::string mark;
  if (size <= size_) {
    if (!ended_) mark = "\n";
    return {boost::system::in_place_value, std::move(mark)};
  }
  const Result<std::string> last = read_at(fd_, size - 1, 1);
  if (!last) return in_context("record " + path_, last.error());
  if (*last != "\n") mark = kTornMark;
  return {boost::system::in_place_value, std::move(mark)};
}

Result<CurrentFile::Torn> CurrentFile::torn() const {
  RunningDigest digest;
  Torn torn;
  for (;;) {
    const Result<std::string> bytes = read_at(fd_, size_ + torn.bytes, std::uint64_t{1} << 20);
    if (!bytes) return in_context("record " + path_, bytes.error());
    if (bytes->empty()) break;
    digest.add(*bytes);
    torn.bytes += bytes->size();
  }
  if (torn.bytes == 0) return torn;
  const Result<std::string> ending = mark();
  if (!ending) return ending.error();
  digest.add(*ending);
  torn.bytes += ending->size();
  torn.sha256 = digest.hex();
  return torn;
}

Result<> CurrentFile::mend(std::string_view line, const First& as) {
  const Result<Torn> before = torn();
  if (!before) return before.error();
  const Result<std::string> ending = mark();
  if (!ending) return ending.error();
  const std::string bytes = *ending + std::string(line) + "\n";
  if (Result<> written = write(bytes); !written) return written;
  // `ending` counts as torn unless it only ends a line.
  size_ += before->bytes + (before->bytes == 0 ? ending->size() : 0) + line.size() + 1;
  ended_ = true;
  if (!first_) first_ = as;
  return {};
}

Result<> CurrentFile::sync() {
  if (::fdatasync(fd_.get()) != 0) return errno_error("sync record " + path_);
  return {};
}

}  // namespace stayd::audit
