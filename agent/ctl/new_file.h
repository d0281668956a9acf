// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.h"

namespace stayd {

// A file that others may read and only its owner may write. The error is of one that is there
// already: nothing that somebody wrote is lost.
Result<> write_new_file(const std::string& path, const std::string& bytes);

// Puts `bytes` in place of what the file has, as a whole or not at all; its owner and mode stay.
Result<> replace_file(const std::string& path, const std::string& bytes);

}  // namespace stayd
