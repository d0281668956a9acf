// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "base/rate_limiter.h"
#include "channels/teams/activity_handler.h"
#include "channels/teams/config.h"
#include "http/client/client.h"
#include "http/server/secure_server.h"
#include "identity/key_source.h"

namespace stayd::teams {

inline constexpr std::string_view kEndpointPath = "/api/messages";

// The server at which Teams reaches us: HTTPS, or plain HTTP on a loopback address behind a proxy.
// Every request must carry a token of the bot service that fits its body; whatever does not is
// answered 401, or 403 if it is from the bot service and yet not for us, without a body, and
// changes nothing. One thread, that of the executor.
class Endpoint {
 public:
  // Listens. `config` and `activities` must live as long as the executor runs.
  static Result<std::unique_ptr<Endpoint>> create(boost::asio::any_io_executor executor,
                                                  std::shared_ptr<http::Client> client,
                                                  const Config& config,
                                                  ActivityHandler& activities);

  std::uint16_t port() const { return server_->port(); }
  // Empty: tokens can be checked.
  const std::string& trouble() const { return state_->trouble; }
  void stop();

 private:
  struct State {
    const Config& config;
    ActivityHandler& activities;
    std::unique_ptr<KeySource> keys;
    std::string trouble;
    RateLimiter complaints{0.1, 5};  // in the log: anybody can cause them
    bool stopped = false;
  };

  static boost::asio::awaitable<http::Reply> receive(std::shared_ptr<State> state,
                                                     http::Request request);
  static void complain(State& state, std::string_view why);

  std::shared_ptr<State> state_;
  std::unique_ptr<http::SecureServer> server_;
};

}  // namespace stayd::teams
