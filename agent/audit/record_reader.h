// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace stayd::audit {

// A piece of a file: a line without its newline, or a part of one that is longer than any line
// of a record.
struct ReadLine {
  const std::string& file;
  std::uint64_t number = 0;  // in the file, from 1
  std::string_view text;
  bool ended = true;       // it had a newline
  bool continues = false;  // it is the rest of the line before
};

// The files of a record, open and in the order of their numbers. Reading takes as much memory
// as one line, however large they are.
class RecordReader {
 public:
  // These files, sorted by the number of their first line; those without one come as they are
  // named, at the end.
  static Result<RecordReader> open(const std::vector<std::string>& files);
  // The rotated files and the current one, of which the last may be missing, as they are at one
  // moment, also while stayd rotates them.
  static Result<RecordReader> open_all(const std::string& current);

  const std::vector<std::string>& files() const { return names_; }

  // Calls `take` for each line until it returns false. Error: a file cannot be read.
  Result<> read(const std::function<bool(const ReadLine&)>& take) const;

 private:
  Result<> read(std::size_t index, const std::function<bool(const ReadLine&)>& take,
                bool& go_on) const;

  std::vector<std::string> names_;
  std::vector<Fd> files_;
};

}  // namespace stayd::audit
