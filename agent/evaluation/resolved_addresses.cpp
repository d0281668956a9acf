// SPDX-License-Identifier: Apache-2.0
#include "evaluation/resolved_addresses.h"

namespace stayd {

void ResolvedAddresses::tell(std::uint32_t policy_id, const Address& address,
                             const stayd_resolved& value) {
  if (policy_id_ != policy_id) take_back_all();
  policy_id_ = policy_id;
  if (!told_.contains(address)) {
    auto& in_order = told_.get<1>();
    if (told_.size() == kMax) take_back(Address(in_order.front()));
    in_order.push_back(address);
  }
  write_(policy_id_, address, value);
}

void ResolvedAddresses::take_back(const Address& address) {
  if (told_.erase(address) != 0) write_(policy_id_, address, std::nullopt);
}

void ResolvedAddresses::take_back_all() {
  for (const Address& each : told_) write_(policy_id_, each, std::nullopt);
  told_.clear();
}

}  // namespace stayd
