// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace stayd::teams {

// The icons that an app package must have, as PNG: the files of packaging/teams, which CMake
// embeds (icons.cpp.in). Static storage.
// https://learn.microsoft.com/microsoftteams/platform/concepts/build-and-test/apps-package

std::string_view color_icon();    // 192 × 192, a stop sign with the bars of "pause", opaque
std::string_view outline_icon();  // 32 × 32, the same sign in white on a transparent ground

}  // namespace stayd::teams
