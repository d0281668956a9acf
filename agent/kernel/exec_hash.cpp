// SPDX-License-Identifier: Apache-2.0
#include "kernel/exec_hash.h"

#include <array>
#include <cstring>
#include <string_view>

#include "stayd/limits.h"
#include "stayd/siphash.h"

namespace stayd {
namespace {

// Hashes an argument in the pieces in which the kernel side has it: STAYD_PIECE_SIZE bytes, of
// which the last is a zero. The last piece of each has less than that, and may be the zero alone.
class ArgumentsHash {
 public:
  explicit ArgumentsHash(const SipHashKey& key) : key_(key) { begin(); }

  void add(std::string_view argument) {
    constexpr std::size_t kMost = STAYD_PIECE_SIZE - 1;
    while (argument.size() >= kMost) {
      add_piece(argument.substr(0, kMost));
      argument.remove_prefix(kMost);
    }
    add_piece(argument);
  }
  // Of all that was added since the last end().
  std::uint64_t end() {
    const std::uint64_t hash = siphash_end(&state_, 0, hashed_);
    begin();
    return hash;
  }

 private:
  void begin() {
    siphash_start(&state_, key_[0], key_[1]);
    hashed_ = 0;
  }
  void add_piece(std::string_view text) {
    std::array<__u64, STAYD_PIECE_SIZE / 8> words{};
    std::memcpy(words.data(), text.data(), text.size());
    for (const __u64 word : words) siphash_word(&state_, word);
    siphash_word(&state_, text.size() + 1);
    hashed_ += STAYD_PIECE_SIZE + 8;
  }

  const SipHashKey& key_;
  ::siphash state_{};
  std::uint64_t hashed_ = 0;  // bytes
};

}  // namespace

std::uint64_t exec_hash(const SipHashKey& key, const std::vector<std::string>& arguments,
                        std::uint64_t change_time_ns, std::uint64_t size) {
  ArgumentsHash hash(key);
  std::uint64_t first = 0;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    hash.add(arguments[i]);
    if (i == 0) first = hash.end();
  }
  const std::uint64_t rest = hash.end();
  ::siphash state{};
  siphash_start(&state, key[0], key[1]);
  for (const std::uint64_t word :
       {first, rest, std::uint64_t{arguments.size()}, change_time_ns, size})
    siphash_word(&state, word);
  return siphash_end(&state, 0, 5 * sizeof(std::uint64_t));
}

}  // namespace stayd
