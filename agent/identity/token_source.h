// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>

#include "base/result.h"
#include "http/client/client.h"
#include "identity/token_request.h"

namespace stayd {

// Access tokens of ours, asked for when they are needed and renewed before they end. One thread,
// that of the executor. Logs when a renewal fails while a token still counts.
class TokenSource {
 public:
  // The endpoint must be https.
  static Result<std::unique_ptr<TokenSource>> create(boost::asio::any_io_executor executor,
                                                     std::shared_ptr<http::Client> client,
                                                     ClientCredentials credentials);
  // As stop().
  ~TokenSource();
  TokenSource(const TokenSource&) = delete;
  TokenSource& operator=(const TokenSource&) = delete;

  // A token that counts: at once if there is one, else after asking for it, once for all who
  // wait. The error names the endpoint, and no secret.
  boost::asio::awaitable<Result<std::string>> token();

  // Drops the token, which was refused where it was sent (401). The caller may ask token() once
  // more.
  void invalidate(const std::string& token);

  // Ends all waiting with an error.
  void stop();

  struct State;

 private:
  explicit TokenSource(std::shared_ptr<State> state) : state_(std::move(state)) {}

  std::shared_ptr<State> state_;  // shared with what is under way
};

}  // namespace stayd
