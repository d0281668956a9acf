// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "kernel/tables.h"

namespace stayd {
namespace {

using Numbers = Maps::PerSlot<std::uint64_t>;

void add_one(const Numbers& numbers, std::uint32_t slot) {
  if (const std::optional<std::uint64_t> value = numbers.get(slot)) numbers.set(slot, *value + 1);
}

void copy_number(const Numbers& from, const Numbers& to, std::uint32_t slot) {
  if (const std::optional<std::uint64_t> value = from.get(slot)) to.set(slot, *value);
}

// The entry of a hold. The kernel gives the memory of one that is deleted or replaced to the next
// at once, also while it copies it: what it has read counts if it is the same a second time.
template <class Value>
std::optional<Value> read_entry(const Map<HoldId, Value>& map, HoldId hold, auto hold_of) {
  std::optional<Value> before;
  for (int i = 0; i < 8; ++i) {
    const std::optional<Value> now = map.get(hold);
    if (!now) return std::nullopt;
    if (before && std::memcmp(&*before, &*now, sizeof(Value)) == 0 && hold_of(*now) == hold)
      return now;
    before = now;
  }
  return std::nullopt;
}

}  // namespace

Result<> Tables::set_answer(HoldId hold, const stayd_answer& answer) {
  return maps_.answers.put(hold, answer, "answer");
}

void Tables::forget_answer(HoldId hold) { maps_.answers.erase(hold); }

std::optional<stayd_answer> Tables::answer_of(HoldId hold) const {
  return read_entry<stayd_answer>(maps_.answers, hold, [](const stayd_answer& answer) {
    return STAYD_ANSWER_HOLD(answer.word);
  });
}

std::optional<stayd_pending> Tables::pending_connection(HoldId hold) const {
  return read_entry<stayd_pending>(maps_.pending_connections, hold,
                                   [](const stayd_pending& pending) { return pending.hold_id; });
}

void Tables::forget_pending(HoldId hold) {
  maps_.pending_connections.erase(hold);
  forget_answer(hold);
}

std::vector<HoldId> Tables::pending_connections() const {
  std::vector<HoldId> holds;
  maps_.pending_connections.for_each_key([&](HoldId hold) { holds.push_back(hold); });
  return holds;
}

std::vector<HoldId> Tables::told_to_pend() const {
  std::vector<HoldId> holds;
  maps_.answers.for_each_key([&](HoldId hold) {
    const std::optional<stayd_answer> answer = answer_of(hold);
    if (answer && STAYD_ANSWER_STATE(answer->word) == STAYD_ANSWER_PEND) holds.push_back(hold);
  });
  return holds;
}

void Tables::set_parked_threads(std::int32_t process, std::uint32_t threads) {
  if (threads == 0)
    maps_.parked_processes.erase(process);
  else
    maps_.parked_processes.set(process, threads);
}

void Tables::count_handled(std::uint32_t slot) { add_one(maps_.holds_handled, slot); }

void Tables::count_names_handled(std::uint32_t slot) { add_one(maps_.names_handled, slot); }

void Tables::reset_handled() {
  for (std::uint32_t slot = 0; slot < STAYD_WORKLOAD_SLOTS; ++slot) {
    copy_number(maps_.holds_raised, maps_.holds_handled, slot);
    copy_number(maps_.names_reported, maps_.names_handled, slot);
  }
  maps_.parked_processes.for_each_key(
      [&](std::int32_t process) { maps_.parked_processes.erase(process); });
  maps_.resolved_addresses.for_each_key(
      [&](const stayd_resolved_key& key) { maps_.resolved_addresses.erase(key); });
}

}  // namespace stayd
