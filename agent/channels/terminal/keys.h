// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace stayd::terminal {

struct Key {
  enum class Kind : std::uint8_t { character, up, down, enter, escape, backspace };
  Kind kind = Kind::character;
  char character = '\0';  // printable ASCII, or a byte of UTF-8
};

// Finds the keys that were pressed in the bytes of one read() of a terminal: terminals send a key's
// sequence in one piece, so an escape character that starts none is the escape key. Other function
// keys and controls are skipped.
std::vector<Key> keys_of(std::string_view bytes);

}  // namespace stayd::terminal
