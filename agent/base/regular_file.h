// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace stayd {

// The users who must not have been able to change a file or directory, or to read it, for it to be
// trusted.
enum class Trust {
  any,         // whatever is there
  unwritable,  // root's or this process's user's, and nobody else can write it
  secret,      // the same, and nobody else can read it either
};

// All of a regular file of at most `most` bytes; the error names the path and says what to do,
// and repeats nothing of the contents. Does not wait for a pipe. Follows symbolic links.
Result<std::string> read_regular_file(const std::string& path, std::size_t most,
                                      Trust trust = Trust::any);

// Says if nobody else can take away or exchange what is in the directory. The error is like that
// for a file.
Result<> check_directory(const std::string& path, Trust trust);

}  // namespace stayd
