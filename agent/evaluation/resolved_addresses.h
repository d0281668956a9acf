// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/multi_index/identity.hpp>
#include <boost/multi_index/ordered_index.hpp>
#include <boost/multi_index/sequenced_index.hpp>
#include <boost/multi_index_container.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "policy/address.h"
#include "stayd/wire.h"

namespace stayd {

// What the kernel side has been told of addresses under one workload's policy, so that it can
// be taken back. At most its share of the kernel's table: what was told first is taken back
// then, and the kernel side asks again. What it has been told outlives this object.
class ResolvedAddresses {
 public:
  static constexpr std::size_t kMax = STAYD_MAX_RESOLVED / STAYD_MAX_WORKLOADS;

  // To the kernel's table; nothing: takes it out.
  using Write = std::function<void(std::uint32_t policy_id, const Address& address,
                                   const std::optional<stayd_resolved>& value)>;

  explicit ResolvedAddresses(Write write) : write_(std::move(write)) {}
  ResolvedAddresses(const ResolvedAddresses&) = delete;
  ResolvedAddresses& operator=(const ResolvedAddresses&) = delete;

  // What was told under another policy is taken back.
  void tell(std::uint32_t policy_id, const Address& address, const stayd_resolved& value);
  void take_back(const Address& address);
  void take_back_all();

 private:
  using Addresses = boost::multi_index_container<
      Address, boost::multi_index::indexed_by<
                   boost::multi_index::ordered_unique<boost::multi_index::identity<Address>>,
                   boost::multi_index::sequenced<>>>;

  Write write_;
  std::uint32_t policy_id_ = 0;
  Addresses told_;
};

}  // namespace stayd
