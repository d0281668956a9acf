// SPDX-License-Identifier: Apache-2.0
#include "kernel/siphash.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

namespace stayd {
namespace {

// bpf/lib/siphash.bpf.h in C++: SipHash-2-4 over whole words, without the final length byte.
class SipHash {
 public:
  explicit SipHash(const SipHashKey& key)
      : v0_(key[0] ^ 0x736f6d6570736575),
        v1_(key[1] ^ 0x646f72616e646f6d),
        v2_(key[0] ^ 0x6c7967656e657261),
        v3_(key[1] ^ 0x7465646279746573) {}

  void add(std::uint64_t word) {
    v3_ ^= word;
    mix(2);
    v0_ ^= word;
  }

  // `text`, filled up with zeros to `size` bytes, a multiple of eight.
  void add(std::string_view text, std::size_t size) {
    for (std::size_t at = 0; at < size; at += 8) {
      std::uint64_t word = 0;
      if (at < text.size())
        std::memcpy(&word, text.data() + at, std::min<std::size_t>(8, text.size() - at));
      add(word);
    }
  }

  std::uint64_t end() {
    v2_ ^= 0xff;
    mix(4);
    return v0_ ^ v1_ ^ v2_ ^ v3_;
  }

 private:
  void mix(int rounds) {
    for (int i = 0; i < rounds; ++i) {
      v0_ += v1_;
      v1_ = std::rotl(v1_, 13) ^ v0_;
      v0_ = std::rotl(v0_, 32);
      v2_ += v3_;
      v3_ = std::rotl(v3_, 16) ^ v2_;
      v0_ += v3_;
      v3_ = std::rotl(v3_, 21) ^ v0_;
      v2_ += v1_;
      v1_ = std::rotl(v1_, 17) ^ v2_;
      v2_ = std::rotl(v2_, 32);
    }
  }

  std::uint64_t v0_, v1_, v2_, v3_;
};

}  // namespace

std::uint64_t hash_file_name(const SipHashKey& key, std::string_view name) {
  SipHash hash(key);
  // 31 bytes and a zero at a time; a name that ends there is followed by an empty piece.
  for (bool more = true; more; name.remove_prefix(std::min<std::size_t>(31, name.size()))) {
    hash.add(name.substr(0, 31), 32);
    more = name.size() >= 31;
  }
  return hash.end();
}

std::uint64_t hash_extension(const SipHashKey& key, std::string_view extension) {
  SipHash hash(key);
  hash.add(extension, 16);
  return hash.end();
}

std::uint64_t hash_abstract_name(const SipHashKey& key, std::string_view name) {
  SipHash hash(key);
  hash.add(name.size());
  hash.add(name, (name.size() + 7) / 8 * 8);
  return hash.end();
}

}  // namespace stayd
