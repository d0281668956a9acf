// SPDX-License-Identifier: Apache-2.0
#include "gate/event_queue.h"

#include <cstring>
#include <string_view>
#include <utility>

namespace stayd {
namespace {

// An operation that is over: it was refused, or went on.
const Operation* over(const KernelNotice& notice) {
  const auto* operation = std::get_if<Operation>(&notice);
  return operation != nullptr && operation->hold_id == 0 &&
                 operation->disposition != Disposition::cannot_wait
             ? operation
             : nullptr;
}

bool same(const Operation& a, const Operation& b) {
  return a.kind == b.kind && a.disposition == b.disposition && a.read == b.read &&
         a.write == b.write && a.workload == b.workload && a.caller.pid == b.caller.pid &&
         a.caller.start_ns == b.caller.start_ns && a.policy == b.policy && a.rule == b.rule &&
         std::memcmp(&a.object, &b.object, sizeof(a.object)) == 0 && a.path == b.path &&
         a.new_path == b.new_path && a.arguments == b.arguments;
}

std::uint64_t hash_of(const Operation& operation) {
  const std::hash<std::string_view> hash;
  const std::string_view object(reinterpret_cast<const char*>(&operation.object),
                                sizeof(operation.object));
  return hash(object) ^ hash(operation.path) * 31 ^
         static_cast<std::uint64_t>(operation.caller.pid) << 32 ^
         static_cast<std::uint64_t>(operation.disposition);
}

}  // namespace

void KernelEventQueue::put(KernelNotice notice) {
  bool was_empty = false;
  {
    std::lock_guard lock(mutex_);
    if (const Operation* operation = over(notice)) {
      const auto [at, is_new] = unread_.try_emplace(hash_of(*operation), taken_ + notices_.size());
      if (!is_new) {
        auto& first = std::get<Operation>(notices_[at->second - taken_]);
        if (same(first, *operation)) {
          ++first.times;
          return;
        }
      }
      if (notices_.size() >= kMax) {
        if (is_new) unread_.erase(at);
        ++left_out_;
        return;
      }
      at->second = taken_ + notices_.size();
    }
    was_empty = notices_.empty();
    notices_.push_back(std::move(notice));
  }
  if (was_empty) wake_();
}

std::optional<KernelNotice> KernelEventQueue::take() {
  std::lock_guard lock(mutex_);
  if (notices_.empty()) return std::nullopt;
  if (const Operation* operation = over(notices_.front())) {
    const auto known = unread_.find(hash_of(*operation));
    if (known != unread_.end() && known->second == taken_) unread_.erase(known);
  }
  std::optional<KernelNotice> notice = std::move(notices_.front());
  notices_.pop_front();
  ++taken_;
  return notice;
}

std::uint64_t KernelEventQueue::left_out() {
  std::lock_guard lock(mutex_);
  return std::exchange(left_out_, 0);
}

}  // namespace stayd
