// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <set>
#include <vector>

#include "context/operation.h"
#include "stayd/wire.h"

namespace stayd {

// Finds the pending connections whose sockets were closed, which the kernel side does not report:
// what would have to watch for it would run for every connection of the host. Pure; bounded by
// STAYD_MAX_HOLDS.
class SealWatch {
 public:
  struct Found {
    std::vector<HoldId> ended;
    bool anything = false;  // there is a reason to look again
  };

  // What a look found: first the holds that have an entry in `pending_connections`, then all seals.
  // A hold without a seal at two looks in a row has ended; at one it may just be about to get it.
  Found look(const std::vector<HoldId>& pending, const std::vector<stayd_sealed>& seals);

 private:
  std::set<HoldId> without_seal_;  // at the look before
};

}  // namespace stayd
