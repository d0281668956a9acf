// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace stayd {

// Any JSON value for people, a line for each member, nested ones indented. Control characters are
// escaped; what is nested deeper than 8 levels is shown as JSON.
std::string json_text(const nlohmann::json& value);

}  // namespace stayd
