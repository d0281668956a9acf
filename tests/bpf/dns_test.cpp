// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "bpf/run.h"
#include "dns_test.skel.h"

namespace stayd::test {
namespace {

using Bytes = std::string;

// Two bytes in network order.
Bytes number(unsigned value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value & 255)};
}

Bytes udp(unsigned from, unsigned to) { return number(from) + number(to) + number(8) + number(0); }

// With this sequence number, and options of `options` bytes.
Bytes tcp(unsigned from, unsigned to, const Bytes& sequence, char flags, std::size_t options = 0) {
  const auto words = static_cast<unsigned>(5 + options / 4);
  return number(from) + number(to) + sequence + Bytes(4, '\0') + static_cast<char>(words << 4) +
         flags + Bytes(6 + options, '\0');
}

// RFC 791, with `options` bytes of options.
Bytes ip4(char protocol, const Bytes& transport, std::size_t options = 0) {
  const auto words = static_cast<unsigned>(5 + options / 4);
  return static_cast<char>(0x40 | words) + Bytes(1, '\0') +
         number(static_cast<unsigned>(words * 4 + transport.size())) + Bytes(5, '\0') + protocol +
         Bytes(2, '\0') + Bytes("\x7f\x00\x00\x35\x0a\x00\x00\x02", 8) + Bytes(options, '\0') +
         transport;
}

// RFC 8200, without extension headers.
Bytes ip6(char protocol, const Bytes& transport) {
  return Bytes("\x60\x00\x00\x00", 4) + number(static_cast<unsigned>(transport.size())) + protocol +
         Bytes(1, '\0') + Bytes(15, '\0') + '\x35' + Bytes(15, '\0') + '\x02' + transport;
}

class DnsPacket : public BpfTest<dns_test> {
 protected:
  // True if it comes from a resolver's port; what was read of it is in seen().
  bool is_dns(const Bytes& ip) {
    const bool six = (ip[0] >> 4 & 15) == 6;
    const Bytes frame = Bytes(12, '\0') + (six ? number(0x86dd) : number(0x0800)) + ip;
    bpf_test_run_opts options{};
    options.sz = sizeof(options);
    options.data_in = frame.data();
    options.data_size_in = static_cast<__u32>(frame.size());
    EXPECT_EQ(bpf_prog_test_run_opts(bpf_program__fd(bpf_->progs.run_read_packet), &options), 0);
    return bpf_->bss->is_dns != 0;
  }
  const auto& seen() const { return *bpf_->bss; }
  template <std::size_t N>
  static Bytes text(const __u8 (&bytes)[N]) {
    return {reinterpret_cast<const char*>(bytes), N};
  }
};

TEST_F(DnsPacket, OfAnUdpAnswerTheAddressesPortsAndPayloadAreRead) {
  ASSERT_TRUE(is_dns(ip4(17, udp(53, 40000) + "payload")));
  EXPECT_EQ(text(seen().source), Bytes(10, '\0') + "\xff\xff" + Bytes("\x7f\x00\x00\x35", 4));
  EXPECT_EQ(text(seen().destination), Bytes(10, '\0') + "\xff\xff" + Bytes("\x0a\x00\x00\x02", 4));
  EXPECT_EQ(seen().source_port, 53u);
  EXPECT_EQ(seen().destination_port, 40000u);
  EXPECT_EQ(seen().payload, 28u);
  EXPECT_EQ(seen().end, 35u);
}

TEST_F(DnsPacket, OptionsOfTheIpHeaderMoveThePayload) {
  ASSERT_TRUE(is_dns(ip4(17, udp(53, 40000) + "payload", 8)));
  EXPECT_EQ(seen().payload, 36u);
}

TEST_F(DnsPacket, OverIpv6TheAddressesAreWhole) {
  ASSERT_TRUE(is_dns(ip6(17, udp(53, 40000) + "payload")));
  EXPECT_EQ(text(seen().source), Bytes(15, '\0') + "\x35");
  EXPECT_EQ(seen().payload, 48u);
  EXPECT_EQ(seen().end, 55u);
}

TEST_F(DnsPacket, OverTcpTheSequenceNumberAndTheOptionsCount) {
  const Bytes sequence = "\x01\x02\x03\x04";
  ASSERT_TRUE(is_dns(ip4(6, tcp(53, 40000, sequence, 0x10, 12) + "payload")));
  EXPECT_EQ(seen().sequence, 0x01020304u);
  EXPECT_EQ(seen().begins, 0u);
  EXPECT_EQ(seen().payload, 52u);
  ASSERT_TRUE(is_dns(ip4(6, tcp(53, 40000, sequence, 0x12))));
  EXPECT_EQ(seen().begins, 1u);
}

TEST_F(DnsPacket, WhatDoesNotComeFromPort53IsNone) {
  EXPECT_FALSE(is_dns(ip4(17, udp(54, 53) + "payload")));
  EXPECT_FALSE(is_dns(ip6(17, udp(40000, 53) + "payload")));
  EXPECT_FALSE(is_dns(ip4(1, udp(53, 40000) + "payload")));
}

TEST_F(DnsPacket, OneThatIsCutShortIsNone) {
  EXPECT_FALSE(is_dns(ip4(17, number(53))));
  EXPECT_FALSE(is_dns(ip4(6, tcp(53, 40000, "\x01\x02\x03\x04", 0x10).substr(0, 12))));
}

}  // namespace
}  // namespace stayd::test
