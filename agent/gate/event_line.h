// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_map>

#include "gate/messages.h"

namespace stayd {

// The events of one workload that the desk has not read yet, the oldest first. An operation that is
// over and that the same process has tried before is counted in the first one (Operation::times),
// while that is still unread. Not thread-safe: see KernelEventQueue.
class EventLine {
 public:
  // False: the notice is left out, because it is an operation that nobody waits for, and the line
  // has `room` notices or more already.
  bool put(KernelNotice notice, std::size_t room);
  KernelNotice take();  // not of an empty line
  bool is_empty() const { return notices_.empty(); }
  std::size_t size() const { return notices_.size(); }

 private:
  using Hash = std::uint64_t;

  std::deque<KernelNotice> notices_;
  std::uint64_t taken_ = 0;  // the number of notices_.front()
  // By a hash of what makes them the same; and where they are, as a number.
  std::unordered_map<Hash, std::uint64_t> unread_;
};

}  // namespace stayd
