// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "base/result.h"

namespace stayd {

// A file that holds one secret: a password, a token, a private key.
class SecretFile {
 public:
  static constexpr std::size_t kMax = 64 * 1024;

  explicit SecretFile(std::string path) : path_(std::move(path)) {}

  // Returns the contents of the file, without its last newline. It is read each time, so that a new
  // secret counts from its next use. As read_regular_file() with Trust::secret; an empty one is an
  // error, too.
  Result<std::string> read() const;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace stayd
