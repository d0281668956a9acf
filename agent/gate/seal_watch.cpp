// SPDX-License-Identifier: Apache-2.0
#include "gate/seal_watch.h"

#include <unordered_set>
#include <utility>

namespace stayd {

SealWatch::Found SealWatch::look(const std::vector<HoldId>& pending,
                                 const std::vector<stayd_sealed>& seals) {
  Found found{.ended = {}, .anything = !pending.empty()};
  std::unordered_set<HoldId> sealed;
  for (const stayd_sealed& each : seals) {
    if (each.hold_id != 0) sealed.insert(each.hold_id);
    if (each.hold_id != 0 || each.extended != 0) found.anything = true;
  }
  std::set<HoldId> missing;
  for (const HoldId hold : pending) {
    if (sealed.contains(hold)) continue;
    if (without_seal_.contains(hold))
      found.ended.push_back(hold);
    else
      missing.insert(hold);
  }
  without_seal_ = std::move(missing);
  return found;
}

}  // namespace stayd
