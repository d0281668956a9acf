// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/result.h"
#include "tickets/coverage.h"
#include "tickets/effects.h"

namespace stayd {

// The permissions in force: the kernel side decides by its copy of them. Pure, like the desk,
// which owns it. Bounded: beyond kMax the one that was given first makes room.
class Grants {
 public:
  static constexpr std::size_t kMax = 16'384;  // a quarter of what the kernel's map holds
  static constexpr std::size_t kMaxInPlace = 65'536;

  // Gives it its id, and returns that. One that is about the same ends first: its end must not take
  // this one with it.
  GrantId add(Grant grant, Effects& effects);
  void restore(const Grant& grant);  // with the id that it has

  const Grant* find(GrantId id) const;
  std::vector<const Grant*> live() const;  // oldest first
  // Those of the workload that are not for the kernel side, oldest first.
  std::vector<const Grant*> wide_of(WorkloadId workload) const;

  // Returns what is known to have been in the directory of the grant, see covers(): at most
  // kMaxInPlace of all grants, and none that an earlier agent knew.
  const InPlace& in_place(GrantId id) const;
  void note_in_place(GrantId id, const InPlace& inodes);

  // It lets one operation through: it has one use less, and ends with its last one.
  void use(GrantId id, Effects& effects);
  // Nothing happens if there is no such grant.
  void end(GrantId id, GrantEnd why, Effects& effects, PersonId by = {});
  void end_all(WorkloadId workload, Effects& effects);
  // Those by directory, by host and by rule go on: what they let through is told anew each time.
  void end_exact(WorkloadId workload, Effects& effects);
  void expire(TimePoint now, Effects& effects);
  std::optional<TimePoint> next_expiry() const;

  // Ids are never used twice.
  void start_after(GrantId last) { last_id_ = std::max(last_id_, last); }

 private:
  void insert(const Grant& grant);

  GrantId last_id_ = 0;
  std::map<GrantId, Grant> live_;
  std::set<std::pair<WorkloadId, GrantId>> wide_;  // of them, those not for the kernel side
  std::set<std::pair<TimePoint, GrantId>> expiries_;
  std::map<GrantId, InPlace> in_place_;
  std::size_t in_place_count_ = 0;
};

}  // namespace stayd
