// SPDX-License-Identifier: Apache-2.0
#include "support/dns_wire.h"

#include <arpa/inet.h>

#include <stdexcept>

namespace stayd::test {
namespace {

constexpr unsigned kClassIn = 1;
constexpr unsigned kRecursionDesired = 0x0100;
constexpr std::size_t kHeader = 12;

std::string header(unsigned id, unsigned flags, std::size_t answers) {
  return number16(id) + number16(flags) + number16(1) + number16(static_cast<unsigned>(answers)) +
         number16(0) + number16(0);
}

std::string question(std::string_view name, unsigned type) {
  return wire_name(name) + number16(type) + number16(kClassIn);
}

unsigned read16(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes.at(at)) << 8 |
         static_cast<unsigned char>(bytes.at(at + 1));
}

}  // namespace

std::string number16(unsigned value) {
  return {static_cast<char>(value >> 8 & 0xff), static_cast<char>(value & 0xff)};
}

std::string wire_name(std::string_view name) {
  std::string wire;
  while (!name.empty()) {
    const std::size_t dot = name.find('.');
    const std::string_view label = name.substr(0, dot);
    wire += static_cast<char>(label.size());
    wire += label;
    name.remove_prefix(dot == name.npos ? name.size() : dot + 1);
  }
  return wire + std::string(1, '\0');
}

std::string wire_address(const std::string& address) {
  char bytes[16];
  const bool v6 = address.find(':') != address.npos;
  if (::inet_pton(v6 ? AF_INET6 : AF_INET, address.c_str(), bytes) != 1)
    throw std::runtime_error("not an address: " + address);
  return {bytes, v6 ? 16u : 4u};
}

std::string dns_record(std::string_view owner, unsigned type, unsigned ttl,
                       const std::string& data) {
  return wire_name(owner) + number16(type) + number16(kClassIn) + number16(ttl >> 16) +
         number16(ttl & 0xffff) + number16(static_cast<unsigned>(data.size())) + data;
}

std::string dns_address(std::string_view owner, const std::string& address, unsigned ttl) {
  const std::string data = wire_address(address);
  return dns_record(owner, data.size() == 4 ? kTypeA : kTypeAaaa, ttl, data);
}

std::string dns_query(unsigned id, std::string_view name, unsigned type) {
  return header(id, kRecursionDesired, 0) + question(name, type);
}

std::string dns_response(unsigned id, std::string_view name, unsigned type,
                         const std::vector<std::string>& records, unsigned flags) {
  std::string text = header(id, flags, records.size()) + question(name, type);
  for (const std::string& each : records) text += each;
  return text;
}

DnsQuestion read_question(std::string_view query) {
  DnsQuestion result;
  result.id = read16(query, 0);
  std::size_t at = kHeader;
  while (const auto size = static_cast<unsigned char>(query.at(at))) {
    if (!result.name.empty()) result.name += '.';
    result.name += query.substr(at + 1, size);
    at += 1u + size;
  }
  result.type = read16(query, at + 1);
  return result;
}

}  // namespace stayd::test
