// SPDX-License-Identifier: Apache-2.0
#include "tickets/refusals.h"

#include "tickets/coverage.h"

namespace stayd {

void Refusals::add(const Ticket& denied) {
  const Decision* decision = final_decision(denied);
  if (denied.flood || denied.outcome != Outcome::denied || !denied.caller_left ||
      decision == nullptr)
    return;
  for (const Operation& attempt : attempts_of(denied)) {
    const ObjectKey key = key_of(attempt);
    const auto [at, is_new] = by_object_.try_emplace(key);
    if (!is_new) ends_.erase({at->second.until, key});
    at->second = {denied.id, decision->name, decision->reason, denied.deadline};
    ends_.emplace(denied.deadline, key);
    if (by_object_.size() <= kMax) continue;
    by_object_.erase(ends_.begin()->second);
    ends_.erase(ends_.begin());
  }
}

const Refusal* Refusals::find(const Operation& operation, TimePoint now) const {
  const auto found = by_object_.find(key_of(operation));
  return found != by_object_.end() && now < found->second.until ? &found->second : nullptr;
}

void Refusals::forget(WorkloadId workload) {
  std::erase_if(ends_, [&](const auto& each) { return each.second.first == workload; });
  std::erase_if(by_object_, [&](const auto& each) { return each.first.first == workload; });
}

}  // namespace stayd
