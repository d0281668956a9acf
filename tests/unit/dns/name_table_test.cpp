// SPDX-License-Identifier: Apache-2.0
#include "dns/name_table.h"

#include <gtest/gtest.h>

namespace stayd {
namespace {

using std::chrono::minutes;

Address address(unsigned last) {
  Address result = all_of_ipv4().address;
  result[12] = 10;
  result[14] = static_cast<std::uint8_t>(last >> 8);
  result[15] = static_cast<std::uint8_t>(last);
  return result;
}

DnsAnswer answer(const std::string& name, unsigned last, std::uint32_t ttl) {
  return {.name = name, .type = 1, .truncated = false, .addresses = {{address(last), ttl}}};
}

TEST(NameTable, KeepsANameForItsLifeButAtLeastFiveMinutes) {
  NameTable table;
  table.learn(answer("a.example.org", 1, 1), minutes(0));
  table.learn(answer("b.example.org", 1, 3600), minutes(0));
  EXPECT_EQ(table.names_of(address(1), minutes(4)),
            (std::vector<std::string>{"a.example.org", "b.example.org"}));
  EXPECT_EQ(table.known_until(address(1), minutes(4)), minutes(5));
  EXPECT_EQ(table.names_of(address(1), minutes(6)), (std::vector<std::string>{"b.example.org"}));
  EXPECT_TRUE(table.names_of(address(1), minutes(61)).empty());
}

TEST(NameTable, KnowsNothingOfOtherAddresses) {
  NameTable table;
  table.learn(answer("a.example.org", 1, 60), minutes(0));
  EXPECT_TRUE(table.names_of(address(2), minutes(0)).empty());
}

TEST(NameTable, ALaterAnswerProlongsAndNeverShortens) {
  NameTable table;
  table.learn(answer("a.example.org", 1, 3600), minutes(0));
  table.learn(answer("a.example.org", 1, 60), minutes(1));
  EXPECT_TRUE(table.knows("a.example.org", address(1), minutes(59)));
  table.learn(answer("a.example.org", 1, 3600), minutes(59));
  EXPECT_TRUE(table.knows("a.example.org", address(1), minutes(118)));
  EXPECT_FALSE(table.knows("a.example.org", address(1), minutes(119)));
  EXPECT_FALSE(table.knows("b.example.org", address(1), minutes(1)));
}

TEST(NameTable, KeepsNothingForLongerThanADay) {
  NameTable table;
  table.learn(answer("a.example.org", 1, 0xffffffff), minutes(0));
  EXPECT_FALSE(table.names_of(address(1), minutes(24 * 60 - 1)).empty());
  EXPECT_TRUE(table.names_of(address(1), minutes(24 * 60)).empty());
}

TEST(NameTable, IsBoundedInAddressesOfOneName) {
  NameTable table;
  const unsigned all = NameTable::kMaxAddresses + 40;
  for (unsigned i = 0; i < all; i++) table.learn(answer("cdn.example.org", i, 600 + i), minutes(0));
  std::size_t known = 0;
  for (unsigned i = 0; i < all; i++) known += table.names_of(address(i), minutes(0)).size();
  EXPECT_EQ(known, NameTable::kMaxAddresses);
  EXPECT_TRUE(table.names_of(address(0), minutes(0)).empty()) << "the first to expire goes";
  EXPECT_FALSE(table.names_of(address(all - 1), minutes(0)).empty());
}

TEST(NameTable, IsBoundedInNamesOfOneAddress) {
  NameTable table;
  for (unsigned i = 0; i < NameTable::kMaxNames + 40; i++)
    table.learn(answer("n" + std::to_string(i) + ".example.org", 1, 600 + i), minutes(0));
  EXPECT_EQ(table.names_of(address(1), minutes(0)).size(), NameTable::kMaxNames);
  EXPECT_FALSE(table.knows("n39.example.org", address(1), minutes(0)));
  EXPECT_TRUE(table.knows("n40.example.org", address(1), minutes(0)));
}

TEST(NameTable, IsBoundedInAll) {
  NameTable table;
  const unsigned most = NameTable::kMaxEntries;
  for (unsigned i = 0; i < most + 1; i++)
    table.learn(answer("n" + std::to_string(i) + ".example.org", i, 600 + i), minutes(0));
  EXPECT_FALSE(table.knows("n0.example.org", address(0), minutes(0)));
  EXPECT_TRUE(table.knows("n1.example.org", address(1), minutes(0)));
  EXPECT_TRUE(table.knows("n" + std::to_string(most) + ".example.org", address(most), minutes(0)));
}

}  // namespace
}  // namespace stayd
