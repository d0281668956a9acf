// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/beast/http/verb.hpp>
#include <boost/system/result.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "api/peer.h"
#include "base/result.h"

namespace stayd {

// What goes back to the client: an http::Reply before its JSON becomes bytes. Every status but 200
// has the body {"error": "…"}, and ends the connection.
struct Reply {
  unsigned status = 200;
  nlohmann::json body;
};

Reply error_reply(unsigned status, std::string_view message);

// What a route may look at: parts of the http::Request, which outlives it, and who sent it.
struct Request {
  boost::beast::http::verb method{};
  std::string_view target;
  std::string_view body;
  const Peer& peer;
};

// A request to answer late: as soon as `over` says so, or without that as soon as the backend's
// revision is not `since`; at the latest after `at_most`. Asked whenever the server is notified.
struct Wait {
  std::uint64_t since = 0;
  std::chrono::seconds at_most{0};
  std::function<bool()> over{};
};

// A request that makes sense: what to do, and how long to wait before. Holds copies of
// whatever it needs from the request.
struct Action {
  std::function<Reply()> perform;
  std::optional<Wait> wait;
};

using Routed = boost::system::result<Action, Reply>;

// What a server serves. Every call comes on the executor's thread and returns at once; an
// exception becomes status 500.
class Backend {
 public:
  virtual ~Backend() = default;

  // Asked for each connection and again for each request; an error refuses it (403).
  virtual Result<> admit(const Peer& peer) = 0;

  // Connections of the same client count together; empty: they do not.
  virtual std::string client_of(const Peer&) { return {}; }

  // Whatever is wrong with the request becomes the reply that says so.
  virtual Routed route(const Request& request) = 0;

  virtual std::uint64_t revision() { return 0; }
};

}  // namespace stayd
