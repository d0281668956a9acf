// SPDX-License-Identifier: Apache-2.0
#include "ctl/pack_path.h"

#include <cstdlib>

namespace stayd {

Option packs_option(std::string& to) {
  return text_option("--packs", "DIR:DIR",
                     "where packs are [$STAYD_PACKS or " + std::string(kPackDirectories) + "]", to);
}

PackSource packs_of(const std::string& given) {
  const char* from_environment = std::getenv("STAYD_PACKS");
  std::string_view named;
  if (from_environment != nullptr) named = from_environment;
  if (!given.empty()) named = given;
  if (!named.empty()) return packs_in(split_directories(named), Trust::any);
  return packs_in(split_directories(kPackDirectories), Trust::unwritable);
}

}  // namespace stayd
