// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace stayd {

inline constexpr std::size_t kMaxCommandText = 512;

// The arguments of a program on one line, escaped and quoted where they would read as two, without
// the secrets that redaction/secrets.h finds: whoever reads this may send it on. Of a long command,
// head and tail stay, and what was left out between them is counted: "git -c … [18 arguments left
// out] push --force". At most kMaxCommandText characters.
std::string command_text(const std::vector<std::string>& arguments, bool incomplete);

}  // namespace stayd
