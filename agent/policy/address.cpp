// SPDX-License-Identifier: Apache-2.0
#include "policy/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

#include "policy/values.h"

namespace stayd {
namespace {

constexpr std::uint32_t kMappedBits = 96;

std::optional<std::uint32_t> parse_number(std::string_view text, std::uint32_t max) {
  std::uint32_t number = 0;
  const char* end = text.data() + text.size();
  auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || rest != end || number > max) return std::nullopt;
  return number;
}

// The first `bits` bits of `address`.
Address masked(Address address, std::uint32_t bits) {
  for (std::uint32_t i = 0; i < address.size(); i++) {
    std::uint32_t kept = bits > i * 8 ? std::min(bits - i * 8, 8u) : 0;
    address[i] &= static_cast<std::uint8_t>(0xff00 >> kept);
  }
  return address;
}

std::string to_text(const Prefix& prefix) {
  char text[INET6_ADDRSTRLEN] = {};
  bool v4 = is_ipv4(prefix);
  inet_ntop(v4 ? AF_INET : AF_INET6, &prefix.address[v4 ? 12 : 0], text, sizeof(text));
  return std::string(text) + "/" + std::to_string(prefix.bits - (v4 ? kMappedBits : 0));
}

Result<Prefix> parse_prefix(std::string_view text) {
  std::size_t slash = text.find('/');
  std::string address(text.substr(0, slash));
  Prefix prefix;
  std::uint32_t written_bits = 128;

  if (inet_pton(AF_INET, address.c_str(), &prefix.address[12]) == 1) {
    prefix.address[10] = prefix.address[11] = 0xff;
    written_bits = 32;
  } else if (inet_pton(AF_INET6, address.c_str(), prefix.address.data()) != 1) {
    return Error{in_quotes(text) +
                 " is not an address; write 192.0.2.7, 10.0.0.0/8 or 2001:db8::/32"};
  }
  prefix.bits = 128;
  if (slash != std::string_view::npos) {
    auto bits = parse_number(text.substr(slash + 1), written_bits);
    if (!bits) {
      return Error{in_quotes(text) + " has a bad prefix length; write 0 to " +
                   std::to_string(written_bits) + " after the '/'"};
    }
    prefix.bits = *bits + 128 - written_bits;
  }
  Prefix network{masked(prefix.address, prefix.bits), prefix.bits};
  if (network != prefix) {
    return Error{in_quotes(text) + " has bits set after its prefix; write " + to_text(network)};
  }
  return prefix;
}

std::optional<Error> parse_ports(std::string_view text, PortsText& parts) {
  std::size_t dash = text.find('-');
  if (const std::size_t slash = text.find('/'); slash != std::string_view::npos)
    return Error{"unknown protocol " + in_quotes(text.substr(slash + 1)) +
                 "; write /tcp or /udp, or neither for both"};
  auto first = parse_number(text.substr(0, dash), 65535);
  auto last = dash == std::string_view::npos ? first : parse_number(text.substr(dash + 1), 65535);
  if (!first || !last || *first == 0 || *first > *last) {
    return Error{"bad port " + in_quotes(text) +
                 "; write one from 1 to 65535 or a range 8000-8080"};
  }
  parts.first_port = static_cast<std::uint16_t>(*first);
  parts.last_port = static_cast<std::uint16_t>(*last);
  return std::nullopt;
}

}  // namespace

bool contains(const Prefix& prefix, const Address& address) {
  return masked(address, prefix.bits) == prefix.address;
}

Prefix all_of_ipv4() {
  Prefix prefix{{}, kMappedBits};
  prefix.address[10] = prefix.address[11] = 0xff;
  return prefix;
}

bool is_ipv4(const Prefix& prefix) {
  return prefix.bits >= kMappedBits && contains(all_of_ipv4(), prefix.address);
}

Result<PortsText> split_ports(std::string_view text) {
  PortsText parts;
  std::string_view rest = text;
  std::optional<std::string_view> ports;

  if (rest.ends_with("/tcp") || rest.ends_with("/udp")) {
    parts.protocol = rest.ends_with("/tcp") ? IPPROTO_TCP : IPPROTO_UDP;
    rest.remove_suffix(4);
  }
  if (rest.starts_with('[')) {
    std::size_t end = rest.find(']');
    std::string_view rest_of_entry = end == std::string_view::npos ? "?" : rest.substr(end + 1);
    if (!rest_of_entry.empty() && rest_of_entry[0] != ':') {
      return Error{in_quotes(text) + " has brackets that do not match; write [2001:db8::/32]:443"};
    }
    if (!rest_of_entry.empty()) ports = rest_of_entry.substr(1);
    rest = rest.substr(1, end - 1);
  } else if (std::count(rest.begin(), rest.end(), ':') == 1) {
    ports = rest.substr(rest.find(':') + 1);
    rest = rest.substr(0, rest.find(':'));
  }
  parts.host = rest;
  if (ports) {
    if (auto error = parse_ports(*ports, parts)) return *error;
  }
  return parts;
}

Result<Destinations> parse_destinations(std::string_view text) {
  Result<PortsText> parts = split_ports(text);
  if (!parts) return parts.error();
  Result<Prefix> prefix = parse_prefix(parts->host);
  if (!prefix) return prefix.error();
  return Destinations{*prefix, parts->first_port, parts->last_port, parts->protocol};
}

}  // namespace stayd
