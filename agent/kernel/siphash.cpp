// SPDX-License-Identifier: Apache-2.0
#include "kernel/siphash.h"

#include <bit>
#include <cstddef>
#include <cstring>

#include "stayd/siphash.h"

namespace stayd {

static_assert(std::endian::native == std::endian::little);

std::uint64_t siphash(const SipHashKey& key, std::string_view message) {
  ::siphash state{};
  siphash_start(&state, key[0], key[1]);
  const std::size_t length = message.size();
  __u64 word = 0;
  for (; message.size() >= sizeof word; message.remove_prefix(sizeof word)) {
    std::memcpy(&word, message.data(), sizeof word);
    siphash_word(&state, word);
  }
  word = 0;
  std::memcpy(&word, message.data(), message.size());
  return siphash_end(&state, word, length);
}

}  // namespace stayd
