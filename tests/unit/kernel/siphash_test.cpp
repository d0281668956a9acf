// SPDX-License-Identifier: Apache-2.0
#include "kernel/siphash.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "stayd/siphash.h"
#include "support/siphash_vectors.h"

namespace stayd {
namespace {

using test::kPublished;
using test::kPublishedKey;

TEST(SipHash, EveryPublishedVectorIsComputed) {
  std::string message;
  for (const std::uint64_t expected : kPublished) {
    EXPECT_EQ(siphash(kPublishedKey, message), expected) << message.size() << " bytes";
    message.push_back(static_cast<char>(message.size()));
  }
}

// As bpf/ hashes a name: in pieces, the last of which is shorter.
TEST(SipHash, AMessageInPiecesHasTheHashOfTheWhole) {
  constexpr std::size_t kPiece = 32;
  std::string message;
  for (std::size_t size = 0; size <= 255; ++size) {
    ::siphash state{};
    siphash_start(&state, kPublishedKey[0], kPublishedKey[1]);
    std::size_t at = 0;
    __u64 words[kPiece / 8] = {};
    for (; size - at >= kPiece; at += kPiece) {
      std::memcpy(words, message.data() + at, kPiece);
      for (const __u64 word : words) siphash_word(&state, word);
    }
    std::memset(words, 0, sizeof words);
    std::memcpy(words, message.data() + at, size - at);
    EXPECT_EQ(siphash_end_words(&state, words, kPiece / 8, size - at, size),
              siphash(kPublishedKey, message))
        << size << " bytes";
    message.push_back(static_cast<char>(7 * size + 1));
  }
}

TEST(SipHash, TrailingZerosChangeTheHash) {
  EXPECT_NE(siphash(kPublishedKey, std::string("a")),
            siphash(kPublishedKey, std::string("a\0", 2)));
}

TEST(SipHash, EachHalfOfTheKeyChangesTheHash) {
  const std::uint64_t hash = siphash({1, 2}, "name");
  EXPECT_NE(hash, siphash({3, 2}, "name"));
  EXPECT_NE(hash, siphash({1, 3}, "name"));
}

}  // namespace
}  // namespace stayd
