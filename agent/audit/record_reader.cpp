// SPDX-License-Identifier: Apache-2.0
#include "audit/record_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "audit/chain.h"
#include "audit/record_files.h"
#include "audit/tail.h"

namespace stayd::audit {
namespace {

constexpr std::size_t kReadSize = std::size_t{256} << 10;
constexpr int kMaxTries = 10;

Result<std::string> read_some(const Fd& fd, std::uint64_t from, const std::string& name) {
  std::string bytes(kReadSize, '\0');
  ssize_t size = 0;
  do {
    size = ::pread(fd.get(), bytes.data(), bytes.size(), static_cast<off_t>(from));
  } while (size < 0 && errno == EINTR);
  if (size < 0) return errno_error("read " + name);
  bytes.resize(static_cast<std::size_t>(size));
  return {boost::system::in_place_value, std::move(bytes)};
}

struct Opened {
  std::string name;
  Fd fd;
  std::uint64_t first = std::numeric_limits<std::uint64_t>::max();
};

Result<Opened> open_file(const std::string& name) {
  Opened opened{name, Fd(::open(name.c_str(), O_RDONLY | O_CLOEXEC)), {}};
  opened.first = std::numeric_limits<std::uint64_t>::max();
  if (!opened.fd) return errno_error(name);
  const Result<std::string> begin = read_some(opened.fd, 0, name);
  if (!begin) return begin.error();
  if (const std::optional<Line> line = first_line(*begin)) opened.first = line->number;
  return {boost::system::in_place_value, std::move(opened)};
}

}  // namespace

Result<RecordReader> RecordReader::open(const std::vector<std::string>& files) {
  std::vector<Opened> opened;
  for (const std::string& name : files) {
    Result<Opened> file = open_file(name);
    if (!file) return file.error();
    opened.push_back(std::move(*file));
  }
  std::ranges::stable_sort(opened, {}, &Opened::first);
  RecordReader reader;
  for (Opened& file : opened) {
    reader.names_.push_back(std::move(file.name));
    reader.files_.push_back(std::move(file.fd));
  }
  return {boost::system::in_place_value, std::move(reader)};
}

Result<RecordReader> RecordReader::open_all(const std::string& current) {
  for (int tries = 0; tries < kMaxTries; ++tries) {
    const Result<std::vector<RotatedFile>> before = rotated_files(current);
    if (!before) return before.error();
    std::vector<std::string> names;
    for (const RotatedFile& file : *before) names.push_back(file.path);
    if (::access(current.c_str(), F_OK) == 0) names.push_back(current);
    if (names.empty()) return Error{"there is no record " + current};
    Result<RecordReader> reader = open(names);
    const Result<std::vector<RotatedFile>> after = rotated_files(current);
    const bool same =
        after && std::ranges::equal(*before, *after, {}, &RotatedFile::path, &RotatedFile::path);
    if (same) return reader;
  }
  return Error{"the files of " + current + " change faster than they can be opened"};
}

Result<> RecordReader::read(const std::function<bool(const ReadLine&)>& take) const {
  bool go_on = true;
  for (std::size_t i = 0; i < files_.size() && go_on; ++i)
    if (Result<> done = read(i, take, go_on); !done) return done;
  return {};
}

Result<> RecordReader::read(std::size_t index, const std::function<bool(const ReadLine&)>& take,
                            bool& go_on) const {
  const std::string& name = names_[index];
  ReadLine line{name, 1, {}, true, false};
  std::string pending;
  for (std::uint64_t at = 0; go_on;) {
    const Result<std::string> bytes = read_some(files_[index], at, name);
    if (!bytes) return bytes.error();
    at += bytes->size();
    std::string_view rest = *bytes;
    while (go_on) {
      const std::size_t end = rest.find('\n');
      if (end == rest.npos) break;
      pending += rest.substr(0, end);
      rest.remove_prefix(end + 1);
      line.text = pending;
      line.ended = true;
      go_on = take(line);
      line.continues = false;
      ++line.number;
      pending.clear();
    }
    pending += rest;
    const bool over = bytes->empty();
    if (go_on && !pending.empty() && (over || pending.size() > kMaxLine)) {
      line.text = pending;
      line.ended = false;
      go_on = take(line);
      line.continues = true;
      pending.clear();
    }
    if (over) break;
  }
  return {};
}

}  // namespace stayd::audit
