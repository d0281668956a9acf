// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdlib>

namespace stayd::test {

// How often a test tries something random: `usual` times, and `most` times under
// scripts/test --long, which sets STAYD_LONG.
inline std::size_t trials(std::size_t usual, std::size_t most) {
  return std::getenv("STAYD_LONG") != nullptr ? most : usual;
}

}  // namespace stayd::test
