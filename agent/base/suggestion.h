// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace stayd {

// The one of `known` that `word` is likely a misspelling of; empty: there is none.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& known);

// "did you mean 'network'?" if one of `known` is near `word`, else "known here: a, b, c".
std::string suggest(std::string_view word, const std::vector<std::string_view>& known);

}  // namespace stayd
