// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "policy/pack.h"

namespace stayd {

// Packs of a test, by name; the file of each is called "packs/NAME.yaml".
inline PackSource packs_of(std::map<std::string, std::string> texts) {
  return [texts = std::move(texts)](const std::string& name) -> Result<PackText> {
    const auto found = texts.find(name);
    if (found == texts.end()) return Error{"there is no pack '" + name + "' in packs; write one"};
    return PackText{"packs/" + name + ".yaml", found->second};
  };
}

// A pack with these sections and parameters.
inline std::string pack_text(const std::string& name, const std::string& sections) {
  return "pack: " + name + "\nabout: For tests.\n" + sections;
}

}  // namespace stayd
