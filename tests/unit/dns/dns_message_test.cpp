// SPDX-License-Identifier: Apache-2.0
#include "dns/dns_message.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "support/dns_wire.h"

namespace stayd::test {
namespace {

constexpr const char* kAddress = "192.0.2.7";

// To a question about the name's IPv4 addresses.
Result<DnsAnswer> parse(const std::string& name, const std::vector<std::string>& records,
                        unsigned flags = kIsResponse) {
  return parse_dns_answer(as_bytes(dns_response(7, name, kTypeA, records, flags)));
}

std::string alias(std::string_view name, unsigned ttl, std::string_view target) {
  return dns_record(name, kTypeCname, ttl, wire_name(target));
}

TEST(DnsMessage, NamesTheAddressesOfTheNameThatWasAskedFor) {
  const Result<DnsAnswer> answer =
      parse("Files.Example.org", {dns_address("files.example.org", kAddress, 60)});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->name, "files.example.org");
  ASSERT_EQ(answer->addresses.size(), 1u);
  EXPECT_EQ(answer->addresses[0].address, parse_destinations(kAddress)->prefix.address);
  EXPECT_EQ(answer->addresses[0].ttl, 60u);
}

TEST(DnsMessage, FollowsAliasesAndTakesTheShortestLife) {
  const Result<DnsAnswer> answer = parse(
      "a.example.org",
      {dns_address("b.example.net", kAddress, 600), alias("a.example.org", 30, "b.example.net")});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->name, "a.example.org");
  ASSERT_EQ(answer->addresses.size(), 1u);
  EXPECT_EQ(answer->addresses[0].ttl, 30u);
}

TEST(DnsMessage, LeavesOutWhatTheNameDoesNotLeadTo) {
  const Result<DnsAnswer> answer = parse(
      "a.example.org",
      {dns_address("evil.example.com", kAddress), dns_address("a.example.org", "2001:db8::1")});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_TRUE(answer->addresses.empty());
}

TEST(DnsMessage, AliasesThatLeadInACircleEnd) {
  const Result<DnsAnswer> answer = parse(
      "a.example.org",
      {alias("a.example.org", 60, "b.example.org"), alias("b.example.org", 60, "a.example.org")});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_TRUE(answer->addresses.empty());
}

TEST(DnsMessage, SaysWhenTheRestComesOverTcp) {
  const Result<DnsAnswer> answer = parse("a.example.org", {}, kIsResponse | kIsTruncated);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_TRUE(answer->truncated);
}

TEST(DnsMessage, LooksAtSoManyAddresses) {
  std::vector<std::string> records;
  for (std::size_t i = 0; i < kMaxInOneAnswer + 1; i++)
    records.push_back(dns_address("a.example.org", "192.0.2." + std::to_string(i % 256)));
  const Result<DnsAnswer> answer = parse("a.example.org", records);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->addresses.size(), kMaxInOneAnswer);
}

TEST(DnsMessage, WhatIsNoAnswerIsAnError) {
  EXPECT_FALSE(parse_dns_answer({}));
  EXPECT_FALSE(parse_dns_answer(as_bytes("short")));
  EXPECT_FALSE(parse("a.example.org", {}, 0x0100)) << "a query";
  EXPECT_FALSE(parse("a.example.org", {}, 0x8183)) << "no such name";
  EXPECT_FALSE(parse("no host.example.org", {}));
  const std::string whole =
      dns_response(7, "a.example.org", kTypeA, {dns_address("a.example.org", kAddress)});
  ASSERT_TRUE(parse_dns_answer(as_bytes(whole)));
  for (std::size_t size = 0; size < whole.size(); size++)
    EXPECT_FALSE(parse_dns_answer(as_bytes(whole.substr(0, size))));
}

TEST(DnsMessage, AQueryAsksForRecursionAndRoom) {
  const Result<std::vector<std::byte>> query = make_dns_query(0x1234, "a.example.org", kTypeAaaa);
  ASSERT_TRUE(query) << query.error().message;
  const std::string text(reinterpret_cast<const char*>(query->data()), query->size());
  const std::string plain = dns_query(0x1234, "a.example.org", kTypeAaaa);
  EXPECT_EQ(text.substr(0, 4), plain.substr(0, 4)) << "id and flags";
  EXPECT_EQ(text.substr(12, plain.size() - 12), plain.substr(12));
  EXPECT_EQ(text.size(), plain.size() + 11) << "an OPT record";
  EXPECT_FALSE(make_dns_query(1, "a..example.org", kTypeA));
}

}  // namespace
}  // namespace stayd::test
