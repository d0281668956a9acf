// SPDX-License-Identifier: Apache-2.0
#include "context/operation.h"

#include <gtest/gtest.h>

namespace stayd {
namespace {

Endpoint v4(std::array<std::uint8_t, 4> address, std::uint16_t port, std::uint16_t protocol) {
  Endpoint endpoint;
  endpoint.address[10] = endpoint.address[11] = 0xff;
  std::copy(address.begin(), address.end(), endpoint.address.begin() + 12);
  endpoint.port = port;
  endpoint.protocol = protocol;
  return endpoint;
}

TEST(Endpoint, MappedAddressesReadAsIpv4) {
  EXPECT_EQ(to_string(v4({192, 0, 2, 7}, 443, 6)), "192.0.2.7:443/tcp");
  EXPECT_EQ(to_string(v4({192, 0, 2, 7}, 53, 17)), "192.0.2.7:53/udp");
}

TEST(Endpoint, Ipv6IsBracketedAndShowsItsScope) {
  Endpoint endpoint;
  endpoint.address = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  endpoint.port = 53;
  endpoint.protocol = 17;
  EXPECT_EQ(to_string(endpoint), "[2001:db8::1]:53/udp");
  endpoint.scope_id = 2;
  EXPECT_EQ(to_string(endpoint), "[2001:db8::1%2]:53/udp");
  EXPECT_EQ(to_string(Endpoint{}), "[::]:0/protocol 0");
}

TEST(SyscallName, KnowsEachAbi) {
  EXPECT_EQ(syscall_name(257, false), "openat");
  EXPECT_EQ(syscall_name(42, false), "connect");
  EXPECT_EQ(syscall_name(59, false), "execve");
  EXPECT_EQ(syscall_name(426, false), "io_uring_enter");
  EXPECT_EQ(syscall_name(295, true), "openat");
  EXPECT_EQ(syscall_name(102, true), "socketcall");
  EXPECT_EQ(syscall_name(0x40000000 + 257, false), "openat");
  EXPECT_EQ(syscall_name(0x40000000 + 520, false), "execve");
}

TEST(SyscallName, UnknownNumbersAreShownAsNumbers) {
  EXPECT_EQ(syscall_name(39, false), "syscall 39");
  EXPECT_EQ(syscall_name(-1, false), "syscall -1");
  EXPECT_EQ(syscall_name(257, true), "syscall 257");
  EXPECT_EQ(syscall_name(0x40000000 + 59, false), "syscall 1073741883");
  EXPECT_EQ(syscall_name(520, false), "syscall 520");
}

}  // namespace
}  // namespace stayd
