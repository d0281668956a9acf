// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "policy/learn.h"

namespace stayd {

// The meaning of a line of a draft, whose path is the key.
struct DraftPlace {
  std::uint64_t files = 0;  // seen below it; 0: only it itself was seen
  bool listed = false;      // it is a directory, and was opened itself
  bool wider() const { return files > 0 || listed; }
};
using DraftPlaces = std::map<std::string, DraftPlace>;

struct DraftPaths {
  DraftPlaces places;
  std::vector<std::string> unnamed;  // seen, and no rule can allow them without far more
};

// The places for what was seen under one access. Three files in a directory, five things below
// it, or something that was made there, are named by the directory: other names come the next
// time. Never by one that everything lives in, or somebody's home.
DraftPaths group_paths(const std::set<std::string>& paths, const Observations& seen);

// True if one of the places is the path, or above it.
bool covers(const DraftPlaces& places, const std::string& path);

// True if a rule can name the path: valid UTF-8, no control characters, no wildcards.
bool can_be_named(const std::string& path);

}  // namespace stayd
