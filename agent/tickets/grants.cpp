// SPDX-License-Identifier: Apache-2.0
#include "tickets/grants.h"

#include <algorithm>
#include <limits>

#include "tickets/object_key.h"

namespace stayd {
namespace {

// True if the kernel side knows both by one entry.
bool is_about_the_same(const Grant& a, const Grant& b) {
  return is_for_kernel(a) && is_for_kernel(b) && a.process == b.process &&
         key_of(a.workload, a.object) == key_of(b.workload, b.object);
}

}  // namespace

const char* to_string(GrantEnd end) {
  switch (end) {
    case GrantEnd::live:
      return "live";
    case GrantEnd::expired:
      return "expired";
    case GrantEnd::used_up:
      return "used up";
    case GrantEnd::revoked:
      return "revoked";
    case GrantEnd::process_ended:
      return "process ended";
    case GrantEnd::workload_ended:
      return "workload ended";
    case GrantEnd::made_room:
      return "made room";
    case GrantEnd::replaced:
      return "replaced";
  }
  return "?";
}

void Grants::insert(const Grant& grant) {
  live_.emplace(grant.id, grant);
  if (!is_for_kernel(grant)) wide_.emplace(grant.workload, grant.id);
  if (grant.expires) expiries_.emplace(*grant.expires, grant.id);
  last_id_ = std::max(last_id_, grant.id);
}

GrantId Grants::add(Grant grant, Effects& effects) {
  const auto same = std::ranges::find_if(
      live_, [&](const auto& each) { return is_about_the_same(each.second, grant); });
  if (same != live_.end()) end(same->first, GrantEnd::replaced, effects);
  if (live_.size() >= kMax) end(live_.begin()->first, GrantEnd::made_room, effects);
  grant.id = last_id_ + 1;
  insert(grant);
  effects.emplace_back(Granted{std::move(grant)});
  return last_id_;
}

void Grants::restore(const Grant& grant) { insert(grant); }

const Grant* Grants::find(GrantId id) const {
  const auto found = live_.find(id);
  return found == live_.end() ? nullptr : &found->second;
}

std::vector<const Grant*> Grants::live() const {
  std::vector<const Grant*> grants;
  grants.reserve(live_.size());
  for (const auto& [id, grant] : live_) grants.push_back(&grant);
  return grants;
}

void Grants::end(GrantId id, GrantEnd why, Effects& effects, PersonId by) {
  auto found = live_.extract(id);
  if (found.empty()) return;
  Grant grant = std::move(found.mapped());
  wide_.erase({grant.workload, id});
  in_place_count_ -= in_place(id).size();
  in_place_.erase(id);
  if (grant.expires) expiries_.erase({*grant.expires, id});
  grant.end = why;
  effects.emplace_back(GrantEnded{std::move(grant), std::move(by)});
}

void Grants::end_all(WorkloadId workload, Effects& effects) {
  std::vector<GrantId> theirs;
  for (const auto& [id, grant] : live_)
    if (grant.workload == workload) theirs.push_back(id);
  for (const GrantId id : theirs) end(id, GrantEnd::workload_ended, effects);
}

void Grants::end_exact(WorkloadId workload, Effects& effects) {
  std::vector<GrantId> theirs;
  for (const auto& [id, grant] : live_)
    if (grant.workload == workload && is_for_kernel(grant)) theirs.push_back(id);
  for (const GrantId id : theirs) end(id, GrantEnd::workload_ended, effects);
}

std::vector<const Grant*> Grants::wide_of(WorkloadId workload) const {
  std::vector<const Grant*> grants;
  for (auto each = wide_.lower_bound({workload, 0}); each != wide_.end() && each->first == workload;
       ++each)
    grants.push_back(&live_.at(each->second));
  return grants;
}

const InPlace& Grants::in_place(GrantId id) const {
  static const InPlace kNone;
  const auto found = in_place_.find(id);
  return found == in_place_.end() ? kNone : found->second;
}

void Grants::note_in_place(GrantId id, const InPlace& inodes) {
  if (!live_.contains(id)) return;
  for (const std::uint64_t inode : inodes)
    if (in_place_count_ < kMaxInPlace && in_place_[id].insert(inode).second) ++in_place_count_;
}

void Grants::use(GrantId id, Effects& effects) {
  Grant& grant = live_.at(id);
  if (grant.uses == std::numeric_limits<std::int64_t>::max()) return;
  if (--grant.uses > 0)
    effects.emplace_back(GrantUsed{grant});
  else
    end(id, GrantEnd::used_up, effects);
}

void Grants::expire(TimePoint now, Effects& effects) {
  while (!expiries_.empty() && expiries_.begin()->first <= now)
    end(expiries_.begin()->second, GrantEnd::expired, effects);
}

std::optional<TimePoint> Grants::next_expiry() const {
  if (expiries_.empty()) return std::nullopt;
  return expiries_.begin()->first;
}

}  // namespace stayd
