// SPDX-License-Identifier: Apache-2.0
#include "evaluation/resolved_addresses.h"

#include <gtest/gtest.h>

#include <map>
#include <utility>

namespace stayd {
namespace {

Address address(std::size_t number) {
  Address result = all_of_ipv4().address;
  result[14] = static_cast<std::uint8_t>(number >> 8);
  result[15] = static_cast<std::uint8_t>(number);
  return result;
}

class ResolvedAddressesTest : public ::testing::Test {
 protected:
  std::map<std::pair<std::uint32_t, Address>, stayd_resolved> kernel_;
  ResolvedAddresses resolved_{[this](std::uint32_t policy, const Address& each,
                                     const std::optional<stayd_resolved>& value) {
    if (value)
      kernel_[{policy, each}] = *value;
    else
      EXPECT_EQ(kernel_.erase({policy, each}), 1u) << "what was never told is taken back";
  }};
};

TEST_F(ResolvedAddressesTest, TakesBackWhatItHasToldAndNothingElse) {
  resolved_.tell(1, address(1), {});
  resolved_.tell(1, address(1), {});
  resolved_.take_back(address(2));
  EXPECT_EQ(kernel_.size(), 1u);
  resolved_.take_back(address(1));
  EXPECT_TRUE(kernel_.empty());
}

TEST_F(ResolvedAddressesTest, TakesBackWhatAnotherPolicySaid) {
  resolved_.tell(1, address(1), {});
  resolved_.tell(2, address(2), {});
  ASSERT_EQ(kernel_.size(), 1u);
  EXPECT_TRUE(kernel_.contains({2, address(2)}));
}

TEST_F(ResolvedAddressesTest, TheFirstOfTooManyIsTakenBack) {
  for (std::size_t i = 0; i < ResolvedAddresses::kMax + 2; i++) resolved_.tell(1, address(i), {});
  EXPECT_EQ(kernel_.size(), ResolvedAddresses::kMax);
  EXPECT_FALSE(kernel_.contains({1, address(1)}));
  EXPECT_TRUE(kernel_.contains({1, address(2)}));
  resolved_.take_back_all();
  EXPECT_TRUE(kernel_.empty());
}

}  // namespace
}  // namespace stayd
