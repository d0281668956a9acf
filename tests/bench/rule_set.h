// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

namespace stayd::bench {

// What the rules of every set say of a few things that a benchmark tries:
inline constexpr const char* kAllowedByDefault = "127.0.0.1";  // no rule is about it
inline constexpr const char* kAllowedByRule = "127.1.0.1";
inline constexpr const char* kDenied = "127.2.0.1";

// A policy with `rules` rules, mixed: of ten, four about files and directories that are there
// or not, two about names, three about networks, one about programs. Files are made below
// `directory`; all else is allowed, except kDenied and `directory`/denied.
std::string rule_set(const std::string& directory, std::size_t rules);

}  // namespace stayd::bench
