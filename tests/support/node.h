// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace stayd::test {

// What `node ARGUMENTS…` writes when it is told `input`. Throws std::runtime_error, with what it
// said to standard error, if it fails.
std::string node(const std::vector<std::string>& arguments, const std::string& input);

}  // namespace stayd::test
