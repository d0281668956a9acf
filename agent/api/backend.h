// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/beast/http/verb.hpp>
#include <boost/system/result.hpp>
#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "api/peer.h"
#include "base/result.h"

namespace stayd {

// The reply to the client: an http::Reply before its JSON becomes bytes. Every status but 200 has
// the body {"error": "…"}, and ends the connection.
struct Reply {
  unsigned status = 200;
  nlohmann::json body;
};

Reply error_reply(unsigned status, std::string_view message);

// The part of a request that a route may look at: views into the http::Request, which outlives it,
// and its sender.
struct Request {
  boost::beast::http::verb method{};
  std::string_view target;
  std::string_view body;
  const Peer& peer;
};

// A request to answer late: as soon as `ready`, which is asked at once and again after each
// Server::notify(), and at the latest after `at_most`.
struct Wait {
  std::function<bool()> ready;
  std::chrono::seconds at_most{0};
};

// A request that makes sense: what to do, and how long to wait before. Holds copies of
// whatever it needs from the request.
struct Action {
  std::function<Reply()> perform;
  std::optional<Wait> wait;
};

using Routed = boost::system::result<Action, Reply>;

// The service behind a server. Every call comes on the executor's thread and returns at once; an
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
};

}  // namespace stayd
