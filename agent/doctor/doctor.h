// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

namespace stayd {

// Finds out by trying what this kernel can enforce. Loads, attaches and proves a set of programs of
// its own, and removes it again; needs root. Blocks for some seconds.
//
//   {"enforcement": "lsm" | "fmod_ret" | "none",
//    "checks": [{"name", "ok", "detail", "remedy"}]}      remedy: empty where ok
nlohmann::json examine_kernel();

}  // namespace stayd
