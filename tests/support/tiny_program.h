// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace stayd::test {

// Static programs, for x86-64, of some 130 bytes, which the kernel starts in no time even under
// emulation. `text` follows, and makes it another file.
std::string program_that_exits(const std::string& text = "");
// With the third byte of its first argument as the status.
std::string program_that_exits_with_its_argument();
// The same as the first for i386.
std::string program_that_exits_for_i386();

}  // namespace stayd::test
