// SPDX-License-Identifier: Apache-2.0
#include "audit/record_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <optional>

namespace stayd::audit {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxAtOnce = 2;

// The number in NAME-NUMBER.EXTENSION.
std::optional<std::uint64_t> number_in(const std::string& name, const fs::path& current) {
  const std::string front = current.stem().string() + "-";
  const std::string back = current.extension().string();
  if (name.size() <= front.size() + back.size() || !name.starts_with(front) ||
      !name.ends_with(back))
    return std::nullopt;
  const char* begin = name.data() + front.size();
  const char* end = name.data() + name.size() - back.size();
  std::uint64_t number = 0;
  const auto [stopped, error] = std::from_chars(begin, end, number);
  if (error != std::errc{} || stopped != end || number == 0) return std::nullopt;
  return number;
}

}  // namespace

std::string rotated_path(const std::string& current, std::uint64_t first) {
  const fs::path path(current);
  char number[32];
  std::snprintf(number, sizeof number, "-%012llu", static_cast<unsigned long long>(first));
  return (path.parent_path() / (path.stem().string() + number + path.extension().string()))
      .string();
}

Result<std::vector<RotatedFile>> rotated_files(const std::string& current) {
  const fs::path path(current);
  const fs::path directory = path.has_parent_path() ? path.parent_path() : fs::path(".");
  std::vector<RotatedFile> files;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    const std::optional<std::uint64_t> first = number_in(it->path().filename().string(), path);
    struct stat status {};
    if (!first || ::lstat(it->path().c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    files.push_back({it->path().string(), *first, static_cast<std::uint64_t>(status.st_size),
                     TimePoint(std::chrono::seconds(status.st_mtim.tv_sec))});
  }
  if (error && error != std::errc::no_such_file_or_directory)
    return Error{directory.string() + ": " + error.message()};
  std::ranges::sort(files, {}, &RotatedFile::first);
  return {boost::system::in_place_value, std::move(files)};
}

std::size_t count_to_remove(std::span<const RotatedFile> oldest_first, std::uint64_t current_bytes,
                            const Retention& retention, TimePoint now) {
  std::uint64_t bytes = current_bytes;
  for (const RotatedFile& file : oldest_first) bytes += file.bytes;
  std::size_t count = 0;
  for (const RotatedFile& file : oldest_first.first(std::min(kMaxAtOnce, oldest_first.size()))) {
    const auto age = now - file.changed;
    const bool too_old = retention.at_most.count() != 0 && age > retention.at_most;
    const bool too_much = retention.bytes != 0 && bytes > retention.bytes;
    if (!too_old && !(too_much && age >= retention.at_least)) break;
    bytes -= file.bytes;
    ++count;
  }
  return count;
}

}  // namespace stayd::audit
