// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "policy/policy.h"

namespace stayd {

// Returns a policy together with the packs that it uses: the rules of each file, in the words of
// `policy explain`, and whether they count as the policy's own. Escaped.
std::string merged_text(const Policy& policy);
// {"defaults": {…}, "sources": [{"file", "pack", "trusted", "about", "rules": [{"line", "column",
// "verdict", "rule", "class" if it has one}]}]}
nlohmann::json merged_json(const Policy& policy);

}  // namespace stayd
