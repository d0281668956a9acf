// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "audit/tail.h"
#include "base/fd.h"
#include "base/result.h"
#include "context/operation.h"

namespace stayd::audit {

// The file of the record that is written: knows which of its bytes are whole lines, and leaves
// all others where they are.
class CurrentFile {
 public:
  // Creates it with mode 0600, or tightens it to that. Refuses symbolic links, whatever is not
  // a regular file, and JSON lines that are of no chain.
  static Result<CurrentFile> open(const std::string& path);

  const std::optional<Head>& last() const { return last_; }  // when it was opened
  struct First {
    std::uint64_t number = 0;
    TimePoint time;
  };
  const std::optional<First>& first() const { return first_; }  // its first line
  std::uint64_t size() const { return size_; }

  // The line and its newline, in one write; `as` is what it is if it comes to be the first one.
  // Error: possibly a part of it was written.
  Result<> write_line(std::string_view line, const First& as);

  // True if the path still leads to it, and it holds whole lines of ours and nothing else.
  bool is_intact() const;
  // True if the path leads to it and only more bytes are there than were written as lines.
  bool has_only_grown() const;

  // Trailing bytes that are not a complete line, including the mark that mend() appends to them:
  // {0, ""} if there are none.
  struct Torn {
    std::uint64_t bytes = 0;
    std::string sha256;
  };
  Result<Torn> torn() const;
  // Appends `line`, which accounts for torn(), after those bytes, and ends an unfinished line
  // first.
  Result<> mend(std::string_view line, const First& as);

  Result<> sync();

 private:
  CurrentFile(std::string path, Fd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  Result<> look();
  Result<> write(const std::string& bytes);
  Result<std::string> mark() const;

  std::string path_;
  Fd fd_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
  std::uint64_t size_ = 0;  // where the last line ends
  bool ended_ = true;       // with a newline
  std::optional<Head> last_;
  std::optional<First> first_;
};

// Finds out how the file at `path` ends, reading from the end. A file that is not there ends with
// nothing.
Result<Tail> tail_of(const std::string& path);

// The path's directory, so that what was made or renamed in it outlives a power failure.
Result<> sync_directory_of(const std::string& path);

}  // namespace stayd::audit
