// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "api/service.h"

namespace stayd {

inline constexpr std::chrono::seconds kLongestWait{30};
inline constexpr std::chrono::seconds kLongestGrant = std::chrono::hours(24 * 30);
inline constexpr std::chrono::seconds kLongestBreakGlass = std::chrono::hours(4);
inline constexpr std::chrono::seconds kLongestLearning = std::chrono::hours(24 * 7);
inline constexpr std::size_t kLongestReason = 1024;  // bytes

// As Action, for whichever service.
struct ServiceAction {
  std::function<Reply(Service&)> perform;
  std::optional<Wait> wait;
};

// Finds the route of `request` and reads its arguments strictly. Pure; whatever is wrong
// with the request becomes the reply that says so.
boost::system::result<ServiceAction, Reply> route(const Request& request);

}  // namespace stayd
