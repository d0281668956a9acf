// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

#include "api/service.h"

namespace stayd {

inline constexpr std::chrono::seconds kMaxWait{30};
inline constexpr std::chrono::seconds kMaxBreakGlass = std::chrono::hours(4);
inline constexpr std::chrono::seconds kMaxLearning = std::chrono::hours(24 * 7);

// Of the Teams channel, 404 where there is none; bodies as channels/teams_service.h has them:
//
//   GET  /v1/teams               overview()
//   POST /v1/teams/test          {person: of people.yaml, or left out}; begin_test()
//   GET  /v1/teams/test/ID       test()
//   POST /v1/teams/resolve       {user}; resolve(): {pending: true} means ask again

// Until the service's revision is another one.
struct WaitForRevision {
  std::uint64_t since = 0;
  std::chrono::seconds at_most{0};
};

// As Action, for whichever service.
struct ServiceAction {
  std::function<Reply(Service&)> perform;
  std::optional<WaitForRevision> wait;
};

// Finds the route of `request` and reads its arguments strictly. Pure; whatever is wrong
// with the request becomes the reply that says so.
boost::system::result<ServiceAction, Reply> route(const Request& request);

}  // namespace stayd
