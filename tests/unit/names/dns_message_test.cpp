// SPDX-License-Identifier: Apache-2.0
#include "names/dns_message.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stayd {
namespace {

std::string number16(unsigned value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value & 0xff)};
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

std::string record(std::string_view owner, unsigned type, unsigned ttl, const std::string& data) {
  return wire_name(owner) + number16(type) + number16(1) + number16(0) + number16(ttl) +
         number16(static_cast<unsigned>(data.size())) + data;
}

// A response to a question about the name's IPv4 addresses.
std::string response(std::string_view name, const std::vector<std::string>& records,
                     unsigned flags = 0x8180) {
  std::string text = number16(7) + number16(flags) + number16(1) +
                     number16(static_cast<unsigned>(records.size())) + number16(0) + number16(0) +
                     wire_name(name) + number16(1) + number16(1);
  for (const std::string& each : records) text += each;
  return text;
}

Result<DnsAnswer> parse(const std::string& text) {
  return parse_dns_answer({reinterpret_cast<const std::byte*>(text.data()), text.size()});
}

const std::string kAddress("\xc0\x00\x02\x07", 4);

TEST(DnsMessage, NamesTheAddressesOfTheNameThatWasAskedFor) {
  const Result<DnsAnswer> answer =
      parse(response("Files.Example.org", {record("files.example.org", 1, 60, kAddress)}));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->name, "files.example.org");
  ASSERT_EQ(answer->addresses.size(), 1u);
  EXPECT_EQ(answer->addresses[0].address, parse_destinations("192.0.2.7")->prefix.address);
  EXPECT_EQ(answer->addresses[0].ttl, 60u);
}

TEST(DnsMessage, FollowsAliasesAndTakesTheShortestLife) {
  const Result<DnsAnswer> answer = parse(
      response("a.example.org", {record("b.example.net", 1, 600, kAddress),
                                 record("a.example.org", 5, 30, wire_name("b.example.net"))}));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->name, "a.example.org");
  ASSERT_EQ(answer->addresses.size(), 1u);
  EXPECT_EQ(answer->addresses[0].ttl, 30u);
}

TEST(DnsMessage, LeavesOutWhatTheNameDoesNotLeadTo) {
  const Result<DnsAnswer> answer =
      parse(response("a.example.org", {record("evil.example.com", 1, 60, kAddress)}));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_TRUE(answer->addresses.empty());
}

TEST(DnsMessage, AnAliasOfItselfEnds) {
  const Result<DnsAnswer> answer = parse(
      response("a.example.org", {record("a.example.org", 5, 60, wire_name("a.example.org"))}));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_TRUE(answer->addresses.empty());
}

TEST(DnsMessage, WhatIsNoAnswerIsAnError) {
  EXPECT_FALSE(parse(""));
  EXPECT_FALSE(parse("short"));
  EXPECT_FALSE(parse(response("a.example.org", {}, 0x0100))) << "a query";
  EXPECT_FALSE(parse(response("a.example.org", {}, 0x8183))) << "no such name";
  const std::string whole = response("a.example.org", {record("a.example.org", 1, 1, kAddress)});
  for (std::size_t size = 0; size < whole.size(); size++)
    EXPECT_FALSE(parse(whole.substr(0, size)));
}

}  // namespace
}  // namespace stayd
