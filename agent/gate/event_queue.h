// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>

#include "gate/event_line.h"

namespace stayd {

// From the gatekeeper's thread to the desk's. Each workload has a line of its own, in the order in
// which things happened, and the lines take turns, so that what one workload raises or is refused
// does not delay another's question by more than one notice of each. What is about no workload goes
// first: a cgroup that has just been made waits to be told whose it is.
//
// A workload can be refused things faster than they can be written down, so what nobody waits for
// is bounded: each line that has something unread takes an even share of kMax such operations, and
// what is beyond is left out, and counted. What waits, and what is not an operation, always has
// room; the kernel side bounds it.
class KernelEventQueue {
 public:
  static constexpr std::size_t kMax = 4096;

  // Called from put(), without a lock, when take() will find something after it had not.
  explicit KernelEventQueue(std::function<void()> wake) : wake_(std::move(wake)) {}

  void put(KernelNotice notice);       // any thread
  std::optional<KernelNotice> take();  // the oldest of the line whose turn it is

  // Returns how many operations were left out since the last call.
  std::uint64_t left_out();
  std::size_t size() const;

 private:
  bool is_empty() const { return turns_.empty() && first_.is_empty(); }

  std::function<void()> wake_;
  mutable std::mutex mutex_;
  EventLine first_;                           // what is about no workload
  std::map<std::uint32_t, EventLine> lines_;  // by slot; with something unread
  std::deque<std::uint32_t> turns_;           // the keys of lines_, the next one first
  std::uint64_t left_out_ = 0;
};

}  // namespace stayd
