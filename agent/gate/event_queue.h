// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "gate/messages.h"

namespace stayd {

// From the gatekeeper's thread to the desk's. A workload can be refused things faster than they
// can be written down, so what nobody waits for is bounded: the same by the same process, while
// the first is still unread, is counted in it (Operation::times), and beyond kMax different ones
// they are left out, and counted. What waits, and what is not an operation, always has room; the
// kernel side bounds it.
class KernelEventQueue {
 public:
  static constexpr std::size_t kMax = 4096;

  // Called from put(), without a lock, when take() will find something after it had not.
  explicit KernelEventQueue(std::function<void()> wake) : wake_(std::move(wake)) {}

  void put(KernelNotice notice);       // any thread
  std::optional<KernelNotice> take();  // the oldest

  // How many operations were left out since the last call.
  std::uint64_t left_out();

 private:
  using Hash = std::uint64_t;

  std::function<void()> wake_;
  std::mutex mutex_;
  std::deque<KernelNotice> notices_;
  std::uint64_t taken_ = 0;  // the number of notices_.front()
  // By a hash of what makes them the same; and where they are, as a number.
  std::unordered_map<Hash, std::uint64_t> unread_;
  std::uint64_t left_out_ = 0;
};

}  // namespace stayd
