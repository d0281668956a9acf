// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "context/operation.h"

// The files of one record: the current one, such as record.jsonl, and beside it those that were
// current before it, named by the number of their first line: record-000000000001.jsonl.
namespace stayd::audit {

struct RotatedFile {
  std::string path;
  std::uint64_t first = 0;  // number of the first line, from the name
  std::uint64_t bytes = 0;
  TimePoint changed;  // the last write
};

// Returns the path to which the current file is rotated.
std::string rotated_path(const std::string& current, std::uint64_t first);

// Oldest first. A directory that is not there has none.
Result<std::vector<RotatedFile>> rotated_files(const std::string& current);

// The limits within which rotated files are kept; zero: no such limit.
struct Retention {
  std::uint64_t bytes = std::uint64_t{8} << 30;  // of all files together
  std::chrono::seconds at_most{0};               // since the last write
  // Nothing younger goes because of `bytes`, so that a flood of events does not push out what
  // came before it: the disk fills instead, and approvals stop.
  std::chrono::seconds at_least = std::chrono::hours(7 * 24);
};

// Returns how many of the oldest files may be removed now; at most two, so that a clock that is set
// wrong removes little before somebody notices.
std::size_t count_to_remove(std::span<const RotatedFile> oldest_first, std::uint64_t current_bytes,
                            const Retention& retention, TimePoint now);

}  // namespace stayd::audit
