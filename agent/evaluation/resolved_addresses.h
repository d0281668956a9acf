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

// Tells the kernel side about addresses under one workload's policy, and can take that back. It
// uses at most its share of the kernel's table: beyond that, the oldest entry is taken back, and
// the kernel side asks again. The entries outlive this object.
class ResolvedAddresses {
 public:
  static constexpr std::size_t kMax = STAYD_MAX_RESOLVED / STAYD_MAX_WORKLOADS;

  // To the kernel's table; nothing: takes it out.
  using Write = std::function<void(std::uint32_t policy_id, const Address& address,
                                   const std::optional<stayd_resolved>& value)>;

  explicit ResolvedAddresses(Write write) : write_(std::move(write)) {}
  ResolvedAddresses(const ResolvedAddresses&) = delete;
  ResolvedAddresses& operator=(const ResolvedAddresses&) = delete;

  // Entries of another policy are taken back.
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
