// SPDX-License-Identifier: Apache-2.0
#include "ctl/pack_path.h"

#include <cstdlib>

namespace stayd {

Option packs_option(std::string& to) {
  return text_option("--packs", "DIR:DIR",
                     "where packs are [$STAYD_PACKS, else " + std::string(kPackDirectories) + "]",
                     to);
}

PackSource packs_of(const std::string& given) {
  const char* from_environment = std::getenv("STAYD_PACKS");
  std::string_view directories = kPackDirectories;
  if (from_environment != nullptr && *from_environment != '\0') directories = from_environment;
  if (!given.empty()) directories = given;
  return packs_in(split_directories(directories));
}

}  // namespace stayd
