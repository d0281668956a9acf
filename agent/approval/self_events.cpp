// SPDX-License-Identifier: Apache-2.0
#include "approval/self_events.h"

#include <utility>

namespace stayd {
namespace {

// True if `next` says nothing new after `last`. In a flood the objects do not matter.
bool is_repeated(const SelfEvent& last, const SelfEvent& next) {
  if (last.what != next.what || last.what != SelfEvent::What::denied) return false;
  if (last.reason != next.reason || last.ticket != next.ticket) return false;
  if (next.reason == to_string(DenialReason::flooding) ||
      next.reason == to_string(DenialReason::too_many_holds))
    return true;
  return last.process == next.process && last.operation == next.operation &&
         last.object == next.object && last.command == next.command && last.rule == next.rule &&
         last.detail == next.detail;
}

}  // namespace

SelfEvents::Log& SelfEvents::log_of(WorkloadId workload) {
  const Log none{.events = {}, .latest = start_, .lost = missed_ ? start_ : 0};
  return logs_.try_emplace(workload, none).first->second;
}

std::uint64_t SelfEvents::add(WorkloadId workload, SelfEvent event) {
  Log& log = log_of(workload);
  event.seq = ++log.latest;
  if (!log.events.empty() && is_repeated(log.events.back(), event)) {
    event.times += log.events.back().times;
    log.events.pop_back();
  }
  log.events.push_back(std::move(event));
  if (log.events.size() > kMax) {
    log.lost = log.events.front().seq;
    log.events.pop_front();
  }
  added_();
  return log.latest;
}

std::uint64_t SelfEvents::latest(WorkloadId workload) const {
  const auto log = logs_.find(workload);
  return log == logs_.end() ? start_ : log->second.latest;
}

SelfEvents::Since SelfEvents::since(WorkloadId workload, std::uint64_t after) const {
  Since since;
  const auto found = logs_.find(workload);
  if (found == logs_.end()) {
    since.complete = !missed_ && (after == 0 || after == start_);
    return since;
  }
  const Log& log = found->second;
  const bool is_foreign = after > log.latest || (after != 0 && after < start_);
  if (is_foreign) after = 0;
  since.complete = !is_foreign && log.lost <= after;
  for (const SelfEvent& event : log.events)
    if (event.seq > after) since.events.push_back(&event);
  return since;
}

void SelfEvents::miss() {
  missed_ = true;
  for (auto& [workload, log] : logs_) log.lost = ++log.latest;
  added_();
}

}  // namespace stayd
