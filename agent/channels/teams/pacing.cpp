// SPDX-License-Identifier: Apache-2.0
#include "channels/teams/pacing.h"

#include <algorithm>

namespace stayd::teams {

// With `most` allowed, the most-th last of those that count must be older than the window.
template <std::size_t size>
std::optional<Pacing::Time> Pacing::ready(Lane& lane, const Limit (&limits)[size], Time now) {
  const Time oldest = now - limits[size - 1].window;
  while (!lane.answered.empty() && lane.answered.front() < oldest) lane.answered.pop_front();
  Time ready = std::max(now, lane.held_until);
  for (const Limit& limit : limits) {
    if (lane.under_way >= limit.most) return std::nullopt;
    const std::size_t free = limit.most - lane.under_way;
    if (lane.answered.size() < free) continue;
    const Time blocking = lane.answered[lane.answered.size() - free];
    ready = std::max(ready, blocking + limit.window + std::chrono::milliseconds(1));
  }
  return ready;
}

std::optional<Pacing::Time> Pacing::ready_at(const std::string& conversation, Time now) {
  if (lanes_.size() >= kMaxConversations) forget_idle(now);
  const std::optional<Time> each = ready(lanes_[conversation], kEach, now);
  const std::optional<Time> all = ready(all_, kAll, now);
  if (!each || !all) return std::nullopt;
  return std::max(*each, *all);
}

void Pacing::sent(const std::string& conversation) {
  ++lanes_[conversation].under_way;
  ++all_.under_way;
}

void Pacing::answered(const std::string& conversation, Time now) {
  for (Lane* lane : {&lanes_[conversation], &all_}) {
    if (lane->under_way > 0) --lane->under_way;
    lane->answered.push_back(now);
  }
}

void Pacing::unsent(const std::string& conversation) {
  for (Lane* lane : {&lanes_[conversation], &all_})
    if (lane->under_way > 0) --lane->under_way;
}

void Pacing::hold(const std::string& conversation, Time until) {
  Time& held = lanes_[conversation].held_until;
  held = std::max(held, until);
}

void Pacing::forget_idle(Time now) {
  std::erase_if(lanes_, [&](const auto& entry) {
    const Lane& lane = entry.second;
    return lane.under_way == 0 && lane.held_until <= now &&
           (lane.answered.empty() || lane.answered.back() < now - kEach[3].window);
  });
}

}  // namespace stayd::teams
