// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace stayd {

// IPv6 in network order; IPv4 is v4-mapped, as in stayd_object.
using Address = std::array<std::uint8_t, 16>;

// The bits of `address` after the first `bits` are zero. IPv4 has 96 bits more than it is
// written with: 10.0.0.0/8 is ::ffff:10.0.0.0/104.
struct Prefix {
  Address address{};
  std::uint32_t bits = 0;  // 0..128
  auto operator<=>(const Prefix&) const = default;
};

bool contains(const Prefix& prefix, const Address& address);
bool is_ipv4(const Prefix& prefix);

// ::ffff:0:0/96, the place of every IPv4 address.
Prefix all_of_ipv4();

// Destinations that a network rule names.
struct Destinations {
  Prefix prefix;
  std::uint16_t first_port = 0;  // inclusive; 0..65535 means any
  std::uint16_t last_port = 65535;
  std::uint8_t protocol = 0;  // IPPROTO_TCP, IPPROTO_UDP; 0: any
};

// The text that follows an address or a name: "", ":443", ":8000-8080/tcp", "/udp".
struct PortsText {
  std::string_view host;  // what is before it, without brackets
  std::uint16_t first_port = 0;
  std::uint16_t last_port = 65535;
  std::uint8_t protocol = 0;
};
Result<PortsText> split_ports(std::string_view text);

// "192.0.2.7", "10.0.0.0/8:5432/tcp", "2001:db8::/32", "[2001:db8::1]:8000-8080". The
// error says what is wrong and what to write.
Result<Destinations> parse_destinations(std::string_view text);

}  // namespace stayd
