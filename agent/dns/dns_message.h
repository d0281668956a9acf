// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "policy/address.h"

namespace stayd {

// At most this many addresses of one answer are used; the rest are ignored. A message has
// room for thousands, names that people use have a dozen.
inline constexpr std::size_t kMaxInOneAnswer = 128;

struct NamedAddress {
  Address address{};
  std::uint32_t ttl = 0;  // seconds; the least on the way from the name to it
  bool operator==(const NamedAddress&) const = default;
};

// A DNS response's answer about one name (RFC 1035).
struct DnsAnswer {
  std::string name;                     // that was asked for: lower case, without a final dot
  std::uint16_t type = 0;               // that was asked for: 1 is A, 28 AAAA
  bool truncated = false;               // the whole comes over TCP
  std::vector<NamedAddress> addresses;  // reached from the name by CNAMEs, kMaxInOneAnswer
};

// The error says what is wrong: no response, not about one name of class IN, an error of the
// resolver's, or bytes that are not DNS. Records that the name does not lead to are ignored:
// whoever answers for one name must not speak for another.
Result<DnsAnswer> parse_dns_answer(std::span<const std::byte> message);

// A query that wants recursion and takes datagrams of 1,232 bytes (RFC 6891). `type`: 1 or 28.
Result<std::vector<std::byte>> make_dns_query(std::uint16_t id, const std::string& name,
                                              std::uint16_t type);

}  // namespace stayd
