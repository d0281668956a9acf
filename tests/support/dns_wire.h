// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stayd::test {

// DNS messages as bytes (RFC 1035 4), whether they make sense or not.

inline constexpr unsigned kTypeA = 1, kTypeCname = 5, kTypeAaaa = 28;
inline constexpr unsigned kIsResponse = 0x8180, kIsTruncated = 0x0200;  // flags

std::string number16(unsigned value);
std::string wire_name(std::string_view name);
// `address`: as people write it. Throws std::runtime_error.
std::string wire_address(const std::string& address);

std::string dns_record(std::string_view owner, unsigned type, unsigned ttl,
                       const std::string& data);
// An A or AAAA record.
std::string dns_address(std::string_view owner, const std::string& address, unsigned ttl = 60);

std::string dns_query(unsigned id, std::string_view name, unsigned type);
std::string dns_response(unsigned id, std::string_view name, unsigned type,
                         const std::vector<std::string>& records, unsigned flags = kIsResponse);
// What a query asks for, to answer it: its id, name and type.
struct DnsQuestion {
  unsigned id = 0, type = 0;
  std::string name;
};
DnsQuestion read_question(std::string_view query);

inline std::span<const std::byte> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

}  // namespace stayd::test
