// SPDX-License-Identifier: Apache-2.0
#include "daemon/gate_actions.h"

#include <algorithm>

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

}  // namespace stayd
