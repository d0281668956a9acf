// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/yaml.h"

namespace stayd {

// The packs of a policy as its author names them: the keys `use`, `with` and `trust`, and `user`,
// which packs need for "~".
struct PacksSaid {
  struct Used {
    std::string pack;
    std::vector<std::string> without{};  // each entry as YAML on one line
  };
  std::vector<Used> use{};
  std::vector<std::pair<std::string, std::vector<std::string>>> with{};
  std::vector<std::string> trust{};
  std::string user{};  // empty: not said
};

// What a policy's text says. What is malformed is left out; parse_policy() says so.
PacksSaid packs_said_in(const YamlNode& policy);

// The keys, a line each, as parse_policy() reads them. Whatever bytes the values are, nothing in
// them can look like something else.
std::string to_yaml(const PacksSaid& said);

// The node on one line.
std::string to_yaml(const YamlNode& node);

}  // namespace stayd
