// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace stayd::teams {

// The icons that an app of Teams must have, as PNG: a stop sign with the bars of "pause".

std::string colour_icon();   // 192 × 192, the sign on a full background
std::string outline_icon();  // 32 × 32, white on nothing

}  // namespace stayd::teams
