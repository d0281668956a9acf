// SPDX-License-Identifier: Apache-2.0
#include "daemon/gate_actions.h"

#include <unistd.h>

#include <algorithm>

#include "context/process.h"

namespace stayd {
std::uint64_t to_boot_ns(TimePoint time) {
  const std::int64_t ahead = std::chrono::nanoseconds(time - wall_clock()).count();
  const auto boot = static_cast<std::int64_t>(boot_time_ns());
  return static_cast<std::uint64_t>(std::max<std::int64_t>(boot + ahead, 1));
}

void GateActions::release(const Release& release) {
  const bool allow = release.answer == HoldAnswer::allow;
  gatekeeper_->answer(release.hold, release.answer, allow ? to_boot_ns(release.valid_until) : 0);
}

Result<> GateActions::grant(const Grant& grant) {
  return tables_.grant(subject_of(grant),
                       {.expires_ns = grant.expires ? to_boot_ns(*grant.expires) : UINT64_MAX,
                        .uses = grant.uses,
                        .last_use_ns = 0,
                        .last_socket = 0});
}

bool GateActions::lives(const ProcessInstance& process) {
  const std::optional<std::uint64_t> ticks = start_ticks(process.pid);
  const auto ns_per_tick = static_cast<std::uint64_t>(1'000'000'000 / ::sysconf(_SC_CLK_TCK));
  return ticks && *ticks == process.start_ns / ns_per_tick;
}

}  // namespace stayd
