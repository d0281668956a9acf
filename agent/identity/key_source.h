// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>

#include "base/result.h"
#include "http/client/client.h"
#include "identity/jwt.h"
#include "identity/key_fetch.h"

namespace stayd {

// Checks tokens with an issuer's keys, which it fetches and keeps fresh as KeyCache says. One
// thread, that of the executor. Logs when keys cannot be fetched and which cannot be used.
class KeySource {
 public:
  // Begins to fetch.
  static Result<std::unique_ptr<KeySource>> create(boost::asio::any_io_executor executor,
                                                   std::shared_ptr<http::Client> client,
                                                   KeyLocation location);
  // As stop().
  ~KeySource();
  KeySource(const KeySource&) = delete;
  KeySource& operator=(const KeySource&) = delete;

  // As verify_token(), with the keys of now. Waits for a fetch if there are none, or if the token
  // names one that is not there and KeyCache finds that worth it; never longer than the client's
  // time for two requests. Without keys that count, the failure is `no_keys`.
  boost::asio::awaitable<TokenResult> verify(std::string token, TokenExpectations expected,
                                             TimePoint now);

  // Ends all waiting. Tokens are still checked with the keys that are there.
  void stop();

  struct State;

 private:
  explicit KeySource(std::shared_ptr<State> state) : state_(std::move(state)) {}

  std::shared_ptr<State> state_;  // shared with what is under way
};

}  // namespace stayd
