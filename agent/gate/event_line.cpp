// SPDX-License-Identifier: Apache-2.0
#include "gate/event_line.h"

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

bool EventLine::put(KernelNotice notice, std::size_t room) {
  if (const Operation* operation = over(notice)) {
    const auto [at, is_new] = unread_.try_emplace(hash_of(*operation), taken_ + notices_.size());
    if (!is_new) {
      auto& first = std::get<Operation>(notices_[at->second - taken_]);
      if (same(first, *operation)) {
        ++first.times;
        return true;
      }
    }
    if (notices_.size() >= room) {
      if (is_new) unread_.erase(at);
      return false;
    }
    at->second = taken_ + notices_.size();
  }
  notices_.push_back(std::move(notice));
  return true;
}

KernelNotice EventLine::take() {
  if (const Operation* operation = over(notices_.front())) {
    const auto known = unread_.find(hash_of(*operation));
    if (known != unread_.end() && known->second == taken_) unread_.erase(known);
  }
  KernelNotice notice = std::move(notices_.front());
  notices_.pop_front();
  ++taken_;
  return notice;
}

}  // namespace stayd
