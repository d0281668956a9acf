// SPDX-License-Identifier: Apache-2.0
#include "names/dns_stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace stayd {
namespace {

using Bytes = std::vector<std::byte>;

Bytes framed(std::size_t size, unsigned value) {
  Bytes bytes{std::byte(size >> 8), std::byte(size & 0xff)};
  bytes.insert(bytes.end(), size, std::byte(value));
  return bytes;
}

TEST(DnsStream, PutsMessagesTogetherHoweverTheyAreCut) {
  std::mt19937 random(3);
  for (int round = 0; round < 200; round++) {
    Bytes all;
    for (unsigned i = 0; i < 4; i++) {
      const Bytes one = framed(random() % 900, i);
      all.insert(all.end(), one.begin(), one.end());
    }
    const std::uint32_t first = round % 2 ? 0xfffffff0u : random();  // wraps in every other round
    struct Piece {
      std::uint32_t at;
      std::size_t size;
    };
    std::vector<Piece> pieces;
    for (std::size_t at = 0; at < all.size();) {
      const std::size_t size = std::min<std::size_t>(1 + random() % 300, all.size() - at);
      pieces.push_back({static_cast<std::uint32_t>(at), size});
      if (random() % 3 == 0) pieces.push_back(pieces.back());
      at += size;
    }
    std::shuffle(pieces.begin(), pieces.end(), random);
    DnsStream stream;
    stream.begin(first - 1);
    std::size_t messages = 0;
    for (const Piece& piece : pieces) {
      const std::span<const std::byte> data(all.data() + piece.at, piece.size);
      for (const Bytes& message : stream.add(first + piece.at, data)) {
        for (std::byte byte : message) EXPECT_EQ(byte, std::byte(messages));
        ++messages;
      }
    }
    EXPECT_EQ(messages, 4u);
  }
}

TEST(DnsStream, BelievesNothingWithoutABeginning) {
  DnsStream stream;
  EXPECT_TRUE(stream.add(1, framed(4, 1)).empty());
}

TEST(DnsStream, DropsWhatIsFarAhead) {
  DnsStream stream;
  stream.begin(0);
  EXPECT_TRUE(stream.add(100'000, framed(4, 1)).empty());
  EXPECT_EQ(stream.add(1, framed(4, 1)).size(), 1u);
}

}  // namespace
}  // namespace stayd
