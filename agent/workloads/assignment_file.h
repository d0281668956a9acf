// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <utility>

#include "base/result.h"

namespace stayd {

// Cgroup (below the cgroup root, with a leading slash) to the absolute path of its policy file.
using PolicyFileByCgroup = std::map<std::string, std::string>;

// The assignments that a person made, on disk: a JSON object of PolicyFileByCgroup. One thread.
class AssignmentFile {
 public:
  // `path`: in a directory that only this process's user can write.
  explicit AssignmentFile(std::string path) : path_(std::move(path)) {}

  // Empty if there is no such file. An error: it is there and cannot be read, or is not what
  // write() writes.
  Result<PolicyFileByCgroup> read() const;

  // Replaces the file as a whole: a machine that stops at any point has the old one or the new
  // one. On the disk when it returns.
  Result<> write(const PolicyFileByCgroup& assignments) const;

 private:
  std::string path_;
};

}  // namespace stayd
