// SPDX-License-Identifier: Apache-2.0
#include "gate/event_queue.h"

#include <type_traits>
#include <utility>

namespace stayd {
namespace {

// The slot of the workload that the notice is about, if it is about one.
std::optional<std::uint32_t> slot_of(const KernelNotice& notice) {
  return std::visit(
      [](const auto& each) -> std::optional<std::uint32_t> {
        using Notice = std::remove_cvref_t<decltype(each)>;
        if constexpr (std::is_same_v<Notice, HoldGone>)
          return each.slot;
        else if constexpr (requires { each.workload; })
          return each.workload.slot;
        else
          return std::nullopt;
      },
      notice);
}

}  // namespace

void KernelEventQueue::put(KernelNotice notice) {
  bool was_empty = false;
  {
    std::lock_guard lock(mutex_);
    was_empty = is_empty();
    if (const std::optional<std::uint32_t> slot = slot_of(notice)) {
      const auto [line, is_new] = lines_.try_emplace(*slot);
      if (is_new) turns_.push_back(*slot);
      if (!line->second.put(std::move(notice), kMax / lines_.size())) ++left_out_;
    } else {
      first_.put(std::move(notice), kMax);
    }
  }
  if (was_empty) wake_();
}

std::optional<KernelNotice> KernelEventQueue::take() {
  std::lock_guard lock(mutex_);
  if (!first_.is_empty()) return first_.take();
  if (turns_.empty()) return std::nullopt;
  const std::uint32_t slot = turns_.front();
  turns_.pop_front();
  const auto line = lines_.find(slot);
  std::optional<KernelNotice> notice = line->second.take();
  if (line->second.is_empty())
    lines_.erase(line);
  else
    turns_.push_back(slot);
  return notice;
}

std::size_t KernelEventQueue::size() const {
  std::lock_guard lock(mutex_);
  std::size_t size = first_.size();
  for (const auto& [slot, line] : lines_) size += line.size();
  return size;
}

std::uint64_t KernelEventQueue::left_out() {
  std::lock_guard lock(mutex_);
  return std::exchange(left_out_, 0);
}

}  // namespace stayd
