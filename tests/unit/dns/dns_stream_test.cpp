// SPDX-License-Identifier: Apache-2.0
#include "dns/dns_stream.h"

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
    stream.begin(first);
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
  stream.begin(1);
  EXPECT_TRUE(stream.add(100'000, framed(4, 1)).empty());
  EXPECT_TRUE(stream.add(0x80000001, framed(4, 1)).empty()) << "half the numbers away";
  EXPECT_EQ(stream.add(1, framed(4, 1)).size(), 1u);
}

TEST(DnsStream, TakesWhatWasMissingHoweverMuchWaitsForIt) {
  const Bytes all = framed(65535, 1);
  const std::span<const std::byte> bytes(all);
  DnsStream stream;
  stream.begin(0);
  EXPECT_TRUE(stream.add(10'000, bytes.subspan(10'000)).empty());
  EXPECT_EQ(stream.add(0, bytes.first(10'000)).size(), 1u);
}

TEST(DnsStream, KeepsNoMoreThanSoManyPieces) {
  DnsStream stream;
  stream.begin(0);
  const Bytes all = framed(1000, 1);
  const std::span<const std::byte> bytes(all);
  const auto most = static_cast<std::uint32_t>(DnsStream::kMaxLater);
  for (std::uint32_t i = 1; i <= most + 1; i++) stream.add(2 * i, bytes.subspan(2 * i, 1));
  EXPECT_TRUE(stream.add(0, bytes.first(2)).empty());
  for (std::uint32_t i = 1; i <= most; i++) stream.add(2 * i + 1, bytes.subspan(2 * i + 1, 1));
  EXPECT_TRUE(stream.add(2 * most + 3, bytes.subspan(2 * most + 3)).empty())
      << "one piece was not kept";
  EXPECT_EQ(stream.add(2 * most + 2, bytes.subspan(2 * most + 2, 1)).size(), 1u);
}

TEST(DnsStreams, TheOneThatWasUsedLongestAgoMakesRoom) {
  DnsStreams streams;
  const auto key = [](std::size_t port) {
    return DnsStreams::Key{{}, {}, 53, static_cast<std::uint16_t>(port)};
  };
  for (std::size_t i = 0; i < DnsStreams::kMax; i++) streams.of(key(i)).begin(0);
  EXPECT_EQ(streams.of(key(0)).add(0, framed(4, 1)).size(), 1u);
  streams.of(key(DnsStreams::kMax)).begin(0);
  EXPECT_EQ(streams.of(key(0)).add(6, framed(4, 1)).size(), 1u);
  EXPECT_TRUE(streams.of(key(1)).add(0, framed(4, 1)).empty());
}

}  // namespace
}  // namespace stayd
