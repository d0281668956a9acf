// SPDX-License-Identifier: Apache-2.0
#include "gate/segments.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

namespace stayd::test {
namespace {

constexpr std::uint64_t kTried = 5'000'000'000;

// As Linux sends it: maximum segment size, SACK, timestamps, window scale.
constexpr std::uint8_t kSyn[40] = {0x9c, 0x40, 0x01, 0xbb, 0x11, 0x22, 0x33, 0x44, 0, 0,
                                   0,    0,    0xa0, 0x02, 0xfa, 0xf0, 0xde, 0xad, 0, 0,
                                   2,    4,    5,    0xb4, 4,    2,    8,    10,   0, 0,
                                   0xff, 0xff, 0,    0,    0,    0,    1,    3,    3, 7};

stayd_pending pending_connection() {
  stayd_pending pending{};
  const std::uint8_t to[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 198, 51, 100, 7};
  const std::uint8_t from[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1};
  std::memcpy(pending.address, to, sizeof to);
  std::memcpy(pending.source, from, sizeof from);
  pending.port = 443;
  pending.source_port = 40000;
  pending.tried_ns = kTried;
  pending.size = sizeof kSyn;
  std::memcpy(pending.header, kSyn, sizeof kSyn);
  return pending;
}
stayd_pending pending_connection6() {
  stayd_pending pending = pending_connection();
  const std::uint8_t to[16] = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7};
  const std::uint8_t from[16] = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  std::memcpy(pending.address, to, sizeof to);
  std::memcpy(pending.source, from, sizeof from);
  return pending;
}

Packet segment_of(const Packet& packet) {
  const std::size_t header = packet[0] >> 4 == 4 ? 20 : 40;
  return {packet.begin() + static_cast<std::ptrdiff_t>(header), packet.end()};
}

// The sum over the pseudo header and the segment, checksum included; 0xffff: it is right.
std::uint32_t sum_of(const Packet& packet) {
  const bool v4 = packet[0] >> 4 == 4;
  const std::size_t addresses = v4 ? 12 : 8, header = v4 ? 20 : 40;
  Packet all(packet.begin() + static_cast<std::ptrdiff_t>(addresses), packet.end());
  std::uint32_t sum = 6 + static_cast<std::uint32_t>(packet.size() - header);
  for (std::size_t i = 0; i + 1 < all.size(); i += 2) sum += all[i] << 8 | all[i + 1];
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return sum;
}

TEST(Segments, TheDroppedSynIsSentAsItWasButForTheTime) {
  const Packet packet = dropped_syn(pending_connection(), kTried + 2'000'000'000);
  ASSERT_EQ(packet.size(), 60u);
  EXPECT_EQ(packet[3], 60);
  EXPECT_EQ((Packet{packet.begin() + 12, packet.begin() + 20}),
            (Packet{192, 0, 2, 1, 198, 51, 100, 7}));
  const Packet segment = segment_of(packet);
  EXPECT_TRUE(std::equal(segment.begin(), segment.begin() + 16, kSyn));
  EXPECT_EQ((Packet{segment.begin() + 28, segment.begin() + 32}), (Packet{0, 1, 0x07, 0xcf}))
      << "0xffff and 2,000 milliseconds";
  EXPECT_EQ(sum_of(packet), 0xffffu);
}

TEST(Segments, TheDroppedSynOfAnIpv6SocketIsInAnIpv6Packet) {
  const Packet packet = dropped_syn(pending_connection6(), kTried);
  ASSERT_EQ(packet.size(), 80u);
  EXPECT_EQ(packet[0], 0x60);
  EXPECT_EQ(packet[5], 40);
  EXPECT_EQ(packet[39], 7);
  EXPECT_EQ(sum_of(packet), 0xffffu);
}

TEST(Segments, ARefusalComesFromTheOtherSideAndAcknowledgesTheSyn) {
  for (const stayd_pending& pending : {pending_connection(), pending_connection6()}) {
    const Packet packet = refusal_of(pending);
    const Packet segment = segment_of(packet);
    ASSERT_EQ(segment.size(), 20u);
    EXPECT_EQ((Packet{segment.begin(), segment.begin() + 4}), (Packet{0x01, 0xbb, 0x9c, 0x40}));
    EXPECT_EQ((Packet{segment.begin() + 8, segment.begin() + 12}),
              (Packet{0x11, 0x22, 0x33, 0x45}));
    EXPECT_EQ(segment[13], 0x14) << "RST and ACK";
    EXPECT_EQ(sum_of(packet), 0xffffu);
  }
  EXPECT_EQ(refusal_of(pending_connection())[12], 198);
}

// The kernel side copies what a socket sends: nothing in it may lead out of the header.
TEST(Segments, OptionsThatMakeNoSenseStayAsTheyAre) {
  for (const std::uint8_t size : {0, 1, 200}) {
    stayd_pending pending = pending_connection();
    pending.header[21] = size;
    const Packet segment = segment_of(dropped_syn(pending, kTried + 2'000'000'000));
    EXPECT_TRUE(std::equal(segment.begin() + 20, segment.end(), pending.header + 20));
  }
  stayd_pending pending = pending_connection();
  pending.size = 9;
  EXPECT_EQ(segment_of(dropped_syn(pending, kTried)).size(), 20u);
  pending.size = 4000;
  EXPECT_EQ(segment_of(dropped_syn(pending, kTried)).size(), 60u);
}

}  // namespace
}  // namespace stayd::test
