// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <unordered_map>
#include <utility>

namespace stayd::http {

// The operations that have to end when their owner goes. One thread.
class InFlight {
 public:
  // While it lives, end_all() calls `end`, which must not destroy a guard at once: closing a
  // socket and cancelling a timer do not, their handlers run later.
  class Guard {
   public:
    Guard(std::shared_ptr<InFlight> all, std::function<void()> end) : all_(std::move(all)) {
      all_->ends_.emplace(this, std::move(end));
    }
    ~Guard() { all_->ends_.erase(this); }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    std::shared_ptr<InFlight> all_;
  };

  void end_all() {
    ended_ = true;
    for (const auto& [guard, end] : ends_) end();
  }
  bool ended() const { return ended_; }

 private:
  std::unordered_map<const Guard*, std::function<void()>> ends_;
  bool ended_ = false;
};

}  // namespace stayd::http
