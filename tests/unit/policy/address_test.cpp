// SPDX-License-Identifier: Apache-2.0
#include "policy/address.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

namespace stayd {
namespace {

Destinations parsed(std::string_view text) {
  Result<Destinations> result = parse_destinations(text);
  EXPECT_TRUE(result) << text << ": " << result.error().message;
  return result ? *result : Destinations{};
}

TEST(Address, AnIpv4PrefixLivesInTheMappedRange) {
  Destinations to = parsed("10.0.0.0/8:5432/tcp");
  EXPECT_EQ(to.prefix.bits, 104u);
  EXPECT_EQ(to.prefix.address, (Address{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10}));
  EXPECT_EQ(to.first_port, 5432);
  EXPECT_EQ(to.last_port, 5432);
  EXPECT_EQ(to.protocol, IPPROTO_TCP);
  EXPECT_TRUE(is_ipv4(to.prefix));
}

TEST(Address, PortsAndProtocolAreOptional) {
  Destinations to = parsed("169.254.169.254");
  EXPECT_EQ(to.prefix.bits, 128u);
  EXPECT_EQ(to.first_port, 0);
  EXPECT_EQ(to.last_port, 65535);
  EXPECT_EQ(to.protocol, 0);
  EXPECT_EQ(parsed("10.1.2.3/udp").protocol, IPPROTO_UDP);
  EXPECT_EQ(parsed("10.1.2.3:8000-8080").last_port, 8080);
}

TEST(Address, Ipv6TakesBracketsOnlyForPorts) {
  EXPECT_EQ(parsed("[2001:db8::/32]:443").first_port, 443);
  EXPECT_EQ(parsed("[2001:db8::/32]").prefix.bits, 32u);
  EXPECT_EQ(parsed("2001:db8::/32/udp").prefix.bits, 32u);
  EXPECT_EQ(parsed("::1").prefix.bits, 128u);
  EXPECT_EQ(parsed("::/0").prefix.bits, 0u);
  EXPECT_FALSE(is_ipv4(parsed("::/0").prefix));
}

TEST(Address, AMappedIpv6AddressIsTheIpv4Address) {
  EXPECT_EQ(parsed("::ffff:10.0.0.0/104").prefix, parsed("10.0.0.0/8").prefix);
}

TEST(Address, APrefixContainsExactlyItsAddresses) {
  Prefix prefix = parsed("10.128.0.0/9").prefix;
  EXPECT_TRUE(contains(prefix, parsed("10.128.0.1").prefix.address));
  EXPECT_TRUE(contains(prefix, parsed("10.255.255.255").prefix.address));
  EXPECT_FALSE(contains(prefix, parsed("10.127.255.255").prefix.address));
  EXPECT_TRUE(contains(parsed("0.0.0.0/0").prefix, parsed("10.1.1.1").prefix.address));
  EXPECT_FALSE(contains(parsed("0.0.0.0/0").prefix, parsed("2001:db8::1").prefix.address));
}

struct BadAddress {
  const char* text;
  const char* message;
};

TEST(Address, SaysWhatToWriteInstead) {
  const char* kForm = "; write 192.0.2.7, 10.0.0.0/8 or 2001:db8::/32";
  const BadAddress kCases[] = {
      {"10.0.0.1/8", "'10.0.0.1/8' has bits set after its prefix; write 10.0.0.0/8"},
      {"2001:db8::1/32", "'2001:db8::1/32' has bits set after its prefix; write 2001:db8::/32"},
      {"10.0.0.0/33", "'10.0.0.0/33' has a bad prefix length; write 0 to 32 after the '/'"},
      {"10.0.0.0/", "'10.0.0.0/' has a bad prefix length; write 0 to 32 after the '/'"},
      {"::/129", "'::/129' has a bad prefix length; write 0 to 128 after the '/'"},
      {"10.0.0.1:0", "bad port '0'; write one from 1 to 65535 or a range 8000-8080"},
      {"10.0.0.1:", "bad port ''; write one from 1 to 65535 or a range 8000-8080"},
      {"10.0.0.1:65536", "bad port '65536'; write one from 1 to 65535 or a range 8000-8080"},
      {"10.0.0.1:90-80", "bad port '90-80'; write one from 1 to 65535 or a range 8000-8080"},
      {"10.0.0.1:+80", "bad port '+80'; write one from 1 to 65535 or a range 8000-8080"},
      {"[::1", "'[::1' has brackets that do not match; write [2001:db8::/32]:443"},
      {"[::1]443", "'[::1]443' has brackets that do not match; write [2001:db8::/32]:443"},
  };
  for (const BadAddress& bad : kCases) {
    Result<Destinations> result = parse_destinations(bad.text);
    ASSERT_FALSE(result) << bad.text;
    EXPECT_EQ(result.error().message, bad.message);
  }
  for (const char* text : {"files.example.org", "10.0.0", "010.0.0.1", "fe80::1%eth0", ""}) {
    Result<Destinations> result = parse_destinations(text);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().message, "'" + std::string(text) + "' is not an address" + kForm);
  }
}

}  // namespace
}  // namespace stayd
