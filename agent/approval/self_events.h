// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <vector>

#include "approval/self_event.h"

namespace stayd {

// The events that each workload was told of. Their numbers only grow, so that a reader who asks for
// the events after a number misses none and gets none twice. The latest kMax of each workload are
// kept, in memory only: what is secret to others, and what must outlive stayd, is in the record.
//
// One thread. Pure but for the callback.
class SelfEvents {
 public:
  static constexpr std::size_t kMax = 128;

  // `added` is called after each event.
  explicit SelfEvents(std::function<void()> added) : added_(std::move(added)) {}

  // Before the first event: numbers begin after this one. Agents keep those that an earlier stayd
  // gave, so it must be larger than they are.
  void start_after(std::uint64_t start) { start_ = start; }

  // Gives the event its number, and returns that. The same as the one before, or one more of a
  // flood, takes that one's place under a new number, and counts on.
  std::uint64_t add(WorkloadId workload, SelfEvent event);

  // The number of the latest; of a workload that was told nothing yet, `start`.
  std::uint64_t latest(WorkloadId workload) const;

  struct Since {
    std::vector<const SelfEvent*> events;  // oldest first; valid until the next change
    // False: some are not kept any more, or nobody could follow, or an earlier stayd knew them.
    bool complete = true;
  };
  // Returns the events after the number, or all that are kept if the number is not one of ours.
  Since since(WorkloadId workload, std::uint64_t after) const;

  // Operations happened faster than anybody could be told, nobody knows whose.
  void miss();

  void forget(WorkloadId workload) { logs_.erase(workload); }

 private:
  struct Log {
    std::deque<SelfEvent> events;
    std::uint64_t latest = 0;
    std::uint64_t lost = 0;  // no later one than this is missing
  };
  Log& log_of(WorkloadId workload);

  const std::function<void()> added_;
  std::uint64_t start_ = 0;
  std::map<WorkloadId, Log> logs_;
  bool missed_ = false;
};

}  // namespace stayd
