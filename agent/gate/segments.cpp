// SPDX-License-Identifier: Apache-2.0
#include "gate/segments.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>

namespace stayd {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kHops = 64;
constexpr std::size_t kPlainHeader = 20;  // a TCP header without options
constexpr std::size_t kChecksum = 16;     // its place in the header
constexpr std::uint8_t kRstAck = 0x14;
constexpr std::uint8_t kTimestamps = 8;  // the option, RFC 7323
constexpr std::uint64_t kNsPerTick = 1'000'000;

struct Ends {
  Bytes from, to;  // 4 or 16 bytes
  bool v4 = false;
};

Ends ends_of(const stayd_pending& pending) {
  constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  const bool v4 = std::equal(std::begin(kMapped), std::end(kMapped), pending.address);
  const std::size_t skip = v4 ? sizeof kMapped : 0;
  return {Bytes(pending.source).subspan(skip), Bytes(pending.address).subspan(skip), v4};
}

void put16(std::uint8_t* at, std::uint32_t value) {
  at[0] = static_cast<std::uint8_t>(value >> 8);
  at[1] = static_cast<std::uint8_t>(value);
}
void put32(std::uint8_t* at, std::uint32_t value) {
  put16(at, value >> 16);
  put16(at + 2, value);
}
std::uint32_t get32(const std::uint8_t* at) {
  return static_cast<std::uint32_t>(at[0]) << 24 | at[1] << 16 | at[2] << 8 | at[3];
}

// RFC 1071, over the pseudo header and the segment, whose own checksum is 0.
std::uint16_t checksum(const Ends& ends, Bytes segment) {
  std::uint32_t sum = kTcp + static_cast<std::uint32_t>(segment.size());
  for (const Bytes part : {ends.from, ends.to, segment})
    for (std::size_t i = 0; i < part.size(); ++i)
      sum += i % 2 == 0 ? static_cast<std::uint32_t>(part[i]) << 8 : part[i];
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

void append(Packet& packet, Bytes bytes) {
  packet.insert(packet.end(), bytes.begin(), bytes.end());
}

// The kernel adds an IPv4 header's own checksum and identification, raw(7).
Packet in_ip(const Ends& ends, Packet segment) {
  put16(&segment[kChecksum], 0);
  put16(&segment[kChecksum], checksum(ends, segment));
  Packet packet(ends.v4 ? 12 : 8);
  if (ends.v4) {
    packet[0] = 0x45;
    put16(&packet[2], static_cast<std::uint32_t>(20 + segment.size()));
    packet[6] = 0x40;  // not to be fragmented
    packet[8] = kHops;
    packet[9] = kTcp;
  } else {
    packet[0] = 0x60;
    put16(&packet[4], static_cast<std::uint32_t>(segment.size()));
    packet[6] = kTcp;
    packet[7] = kHops;
  }
  append(packet, ends.from);
  append(packet, ends.to);
  append(packet, segment);
  return packet;
}

// Adds so many milliseconds to the time in the options; options that cannot be read stay.
void advance_timestamp(Packet& segment, std::uint32_t ms) {
  for (std::size_t at = kPlainHeader; at < segment.size();) {
    const std::uint8_t kind = segment[at];
    if (kind == 0) return;
    const std::size_t size = kind == 1 ? 1 : at + 1 < segment.size() ? segment[at + 1] : 0;
    if (size == 0 || size > segment.size() - at) return;
    if (kind == kTimestamps && size == 10)
      return put32(&segment[at + 2], get32(&segment[at + 2]) + ms);
    at += size;
  }
}

Packet header_of(const stayd_pending& pending) {
  const std::size_t size =
      std::clamp<std::size_t>(pending.size, kPlainHeader, STAYD_TCP_HEADER_SIZE);
  return {pending.header, pending.header + size};
}

}  // namespace

Packet dropped_syn(const stayd_pending& pending, std::uint64_t now_ns) {
  Packet segment = header_of(pending);
  put16(&segment[0], pending.source_port);
  put16(&segment[2], pending.port);
  advance_timestamp(segment, static_cast<std::uint32_t>((now_ns - pending.tried_ns) / kNsPerTick));
  return in_ip(ends_of(pending), std::move(segment));
}

Packet refusal_of(const stayd_pending& pending) {
  const Packet syn = header_of(pending);
  Packet segment(kPlainHeader);
  put16(&segment[0], pending.port);
  put16(&segment[2], pending.source_port);
  put32(&segment[8], get32(&syn[4]) + 1);
  segment[12] = kPlainHeader / 4 << 4;
  segment[13] = kRstAck;
  const Ends ends = ends_of(pending);
  return in_ip({ends.to, ends.from, ends.v4}, std::move(segment));
}

}  // namespace stayd
