// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>

namespace stayd {

// A token bucket: `burst` at once, `per_second` in the long run. Pure: time is an argument, and
// one that goes backwards gives nothing.
class RateLimiter {
 public:
  using Time = std::chrono::steady_clock::time_point;

  RateLimiter(double per_second, double burst)
      : per_second_(per_second), burst_(burst), tokens_(burst) {}

  // True if one more may go now.
  bool take(Time now) {
    refill(now);
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }

  // Returns the time at which take() will next succeed.
  Time ready_at(Time now) {
    refill(now);
    if (tokens_ >= 1) return now;
    const std::chrono::duration<double> wait((1 - tokens_) / per_second_);
    return now + std::chrono::duration_cast<Time::duration>(wait) + Time::duration(1);
  }

 private:
  void refill(Time now) {
    if (last_ != Time{} && now > last_)
      tokens_ = std::min(
          burst_, tokens_ + per_second_ * std::chrono::duration<double>(now - last_).count());
    last_ = std::max(last_, now);
  }

  double per_second_, burst_, tokens_;
  Time last_{};
};

}  // namespace stayd
