// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/pack.h"

namespace stayd {

// An entry of an `allow` list.
struct Allowance {
  std::vector<std::string> section;  // {"network"}, {"files", "read"}
  std::string entry;
  bool operator==(const Allowance&) const = default;
};

// A policy's text with the entries at the head of their lists, which are made where they are not;
// all else, comments included, stays as it was. `file` is for messages. The error: the text is
// no policy, or written in a way that cannot be added to. `packs`: see parse_policy().
Result<std::string> with_allowed(std::string text, const std::vector<Allowance>& allowances,
                                 std::string_view file, const PackSource& packs = {});

}  // namespace stayd
