// SPDX-License-Identifier: Apache-2.0
#include "channels/terminal/keys.h"

#include <algorithm>

namespace stayd::terminal {
namespace {

// Returns how many bytes of a sequence follow the escape character; 0: it is the escape key.
std::size_t sequence_size(std::string_view after_escape) {
  if (after_escape.empty()) return 0;
  if (after_escape[0] != '[' && after_escape[0] != 'O') return 0;
  std::size_t size = 1;
  while (size < after_escape.size() && after_escape[size] >= 0x20 && after_escape[size] < 0x40) {
    ++size;
  }
  return std::min(size + 1, after_escape.size());
}

}  // namespace

std::vector<Key> keys_of(std::string_view bytes) {
  std::vector<Key> keys;
  while (!bytes.empty()) {
    const char c = bytes.front();
    bytes.remove_prefix(1);
    if (c == '\x1b') {
      const std::size_t size = sequence_size(bytes);
      const std::string_view sequence = bytes.substr(0, size);
      bytes.remove_prefix(size);
      if (size == 0) keys.push_back({Key::Kind::escape});
      if (sequence == "[A" || sequence == "OA") keys.push_back({Key::Kind::up});
      if (sequence == "[B" || sequence == "OB") keys.push_back({Key::Kind::down});
    } else if (c == '\r' || c == '\n') {
      keys.push_back({Key::Kind::enter});
    } else if (c == '\x7f' || c == '\b') {
      keys.push_back({Key::Kind::backspace});
    } else if (c < 0 || c >= 0x20) {
      keys.push_back({Key::Kind::character, c});
    }
  }
  return keys;
}

}  // namespace stayd::terminal
