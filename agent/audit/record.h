// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace stayd {

// The file in which every operation that was not plainly allowed, every answer and every
// outcome is a JSON line. Appends only. Whoever approves has to record it first, and does not
// approve what could not be recorded.
class Record {
 public:
  // Creates the file with mode 0600, or tightens it to that. Refuses symbolic links and
  // whatever is not a regular file.
  static Result<Record> open(const std::string& path);

  // One write per line. After a failure, of which half a line may remain, the next event
  // starts a line of its own. Not synced to disk: what the machine loses, it loses with all
  // its holds.
  Result<> append(const nlohmann::json& event);

 private:
  Record(std::string path, Fd fd, bool torn)
      : path_(std::move(path)), fd_(std::move(fd)), torn_(torn) {}

  std::string path_;
  Fd fd_;
  bool torn_;  // the file does not end with a newline
};

}  // namespace stayd
