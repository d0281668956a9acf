// SPDX-License-Identifier: Apache-2.0
#include "names/name_table.h"

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

TEST(NameTable, IsBoundedInNamesAndInAddressesOfOne) {
  NameTable table;
  for (unsigned i = 0; i < 100; i++) table.learn(answer("cdn.example.org", i, 600 + i), minutes(0));
  unsigned known = 0;
  for (unsigned i = 0; i < 100; i++) known += table.names_of(address(i), minutes(0)).size();
  EXPECT_EQ(known, NameTable::kMostAddresses);
  EXPECT_FALSE(table.names_of(address(99), minutes(0)).empty()) << "the first to expire go";
}

}  // namespace
}  // namespace stayd
