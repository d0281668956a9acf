// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/result.h"
#include "http/client/backoff.h"
#include "identity/token_request.h"

namespace stayd {

// Decides when an access token is used, renewed and dropped. A state machine that knows no network;
// time is an argument, and does not go backwards.
class TokenCache {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Renewed after 80 % of its life, or 5 minutes before its end if that is earlier; but a short
  // one not before half of it.
  static std::chrono::milliseconds renewal_after(std::chrono::seconds life);

  // Null: there is no valid token.
  const std::string* token(Time now) const;
  // True if to ask for one now: there is none or it is to be renewed, and nothing failed a moment
  // ago.
  bool wants_token(Time now) const { return now >= renew_ && now >= retry_; }
  // Returns the reason why there is no token.
  const Error& error() const { return error_; }

  // `asked` is when the request was sent: its life may count from there.
  void received(IssuedToken token, Time asked);
  // `random` is from [0, 1). `at_least`: what the endpoint asks to wait.
  void failed(Error error, Time now, double random, std::chrono::milliseconds at_least);
  // The token was refused where it should count. A later one is not dropped for it, and the next
  // one is not asked for sooner than kBetweenTokens after this one: it may be refused, too.
  void invalidate(const std::string& token);

  static constexpr std::chrono::seconds kBetweenTokens{5};

 private:
  static constexpr http::Backoff kRetry{std::chrono::seconds(1), std::chrono::minutes(1)};

  std::string token_;  // empty: none
  Time received_{};
  Time expires_ = Time::min();
  Time renew_ = Time::min();
  Time retry_ = Time::min();
  unsigned failures_ = 0;  // in a row
  Error error_{"no token was asked for"};
};

}  // namespace stayd
