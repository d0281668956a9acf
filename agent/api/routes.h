// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/beast/http/verb.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "api/service.h"

namespace stayd {

// What goes back to the client. Every status but 200 has the body {"error": "…"}.
struct Reply {
  unsigned status = 200;
  nlohmann::json body;
};

Reply error_reply(unsigned status, std::string_view message);

struct Request {
  boost::beast::http::verb method{};
  std::string_view target;
  std::string_view body;
  const Peer& peer;
};

// A request to answer late: as soon as the service's revision is not `since`, at the
// latest after `at_most`.
struct Wait {
  std::uint64_t since = 0;
  std::chrono::seconds at_most{0};
};

inline constexpr std::chrono::seconds kLongestWait{30};
inline constexpr std::chrono::seconds kLongestGrant = std::chrono::hours(24 * 30);
inline constexpr std::chrono::seconds kLongestBreakGlass = std::chrono::hours(4);
inline constexpr std::chrono::seconds kLongestLearning = std::chrono::hours(24 * 7);
inline constexpr std::size_t kLongestReason = 1024;  // bytes

// A request that makes sense: what to do, and how long to wait before. Holds copies of
// whatever it needs from the request.
struct Action {
  std::function<Reply(Service&)> perform;
  std::optional<Wait> wait;
};

// Finds the route of `request` and reads its arguments strictly. Pure; whatever is wrong
// with the request becomes the reply that says so.
boost::system::result<Action, Reply> route(const Request& request);

}  // namespace stayd
