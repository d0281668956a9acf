// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace stayd {

// "did you mean 'network'?" if one of `known` is near `word`, else "known here: a, b, c".
std::string suggest(std::string_view word, const std::vector<std::string_view>& known);

}  // namespace stayd
