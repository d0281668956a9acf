// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "policy/address.h"

namespace stayd {

// Puts DNS messages (RFC 1035 4.2.2: two bytes of length, then the message) together again from
// the segments of one direction of a TCP connection, in whatever order and however often they
// come. What is out of the window of kWindow bytes, or the kMaxLater'th piece to wait for what
// is before it, is dropped: a message may be missing then, but none is believed that was not sent.
class DnsStream {
 public:
  static constexpr std::size_t kWindow = 65537;  // the longest message with its length
  static constexpr std::size_t kMaxLater = 64;

  void begin(std::uint32_t sequence);  // of the first byte
  // Adds a segment and returns the messages that it completes.
  std::vector<std::vector<std::byte>> add(std::uint32_t sequence, std::span<const std::byte> data);

 private:
  std::vector<std::vector<std::byte>> take_messages();

  std::optional<std::uint32_t> next_;  // sequence number of in_order_.end(); none: no SYN seen
  std::deque<std::byte> in_order_;
  std::map<std::uint32_t, std::vector<std::byte>> later_;  // by distance from begin_
  std::uint32_t begin_ = 0;
  std::size_t waiting_ = 0;  // bytes in later_
};

// The streams of one workload's connections; the one that was used longest ago makes room.
class DnsStreams {
 public:
  static constexpr std::size_t kMax = 16;
  // Source, destination, ports.
  using Key = std::tuple<Address, Address, std::uint16_t, std::uint16_t>;

  DnsStream& of(const Key& key);

 private:
  struct Entry {
    DnsStream stream;
    std::uint64_t used = 0;
  };
  std::map<Key, Entry> streams_;
  std::uint64_t clock_ = 0;
};

}  // namespace stayd
