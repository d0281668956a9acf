// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"

namespace stayd {

// Makes the file, or takes the place of the one that is there: all of it or nothing, also when
// the machine stops half-way. Its directory must be one that nobody else can write.
Result<> write_whole_file(const std::string& path, const std::string& text, mode_t mode);

}  // namespace stayd
