// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "policy/draft_base.h"
#include "policy/policy.h"

namespace stayd {

// One entry of a list of a draft.
struct DraftLine {
  std::string entry;      // "/srv/x" or "files.example.org:443/tcp", not quoted
  std::string comment{};  // "WIDER: …", in ASCII; empty: none
};

// What a draft says besides its head and its packs.
struct DraftRules {
  bool says_resolvers = false;
  std::vector<DraftLine> network;                  // allowed
  std::map<Access, std::vector<DraftLine>> files;  // allowed
  std::map<Access, std::string> held;              // lines of YAML, complete
  std::vector<DraftLine> exec;                     // allowed
};

// The accesses of files, in the order of a draft, with their keys.
inline constexpr std::pair<const char*, Access> kFileSections[] = {{"read", Access::read},
                                                                   {"write", Access::write},
                                                                   {"create", Access::create},
                                                                   {"delete", Access::remove},
                                                                   {"rename", Access::rename}};

// The sections `network`, `files` and `exec`.
std::string to_yaml(const DraftRules& rules, const DraftBase& base);

}  // namespace stayd
