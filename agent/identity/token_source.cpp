// SPDX-License-Identifier: Apache-2.0
#include "identity/token_source.h"

#include <openssl/rand.h>

#include <boost/asio/use_awaitable.hpp>
#include <random>
#include <utility>

#include "base/hex.h"
#include "base/log.h"
#include "http/client/retry_after.h"
#include "identity/single_flight.h"
#include "identity/token_cache.h"

namespace stayd {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

struct TokenSource::State {
  State(const asio::any_io_executor& executor, std::shared_ptr<http::Client> http,
        ClientCredentials who)
      : client(std::move(http)),
        credentials(std::move(who)),
        flight(std::make_shared<SingleFlight>(executor)) {}

  std::shared_ptr<http::Client> client;  // null once stopped
  ClientCredentials credentials;
  std::shared_ptr<SingleFlight> flight;
  TokenCache cache;
  std::minstd_rand random{std::random_device()()};
};

namespace {

using StatePtr = std::shared_ptr<TokenSource::State>;

constexpr milliseconds kMaxRetryAfter = std::chrono::minutes(10);

Result<std::string> new_nonce() {
  std::string bytes(16, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) !=
      1)
    return Error{"no random numbers"};
  return {boost::system::in_place_value, hex(bytes)};
}

// The result of asking, and how long not to ask again.
struct Answer {
  Result<IssuedToken> token;
  milliseconds wait{0};
};

asio::awaitable<Answer> ask(std::shared_ptr<http::Client> client,
                            const ClientCredentials& credentials) {
  const Result<std::string> nonce = new_nonce();
  if (!nonce) co_return Answer{nonce.error()};
  Result<std::string> form = token_request(credentials, *nonce, wall_clock());
  if (!form) co_return Answer{form.error()};

  http::Outgoing request;
  request.method = http::verb::post;
  request.url = credentials.token_endpoint;
  request.fields.set(http::field::content_type, "application/x-www-form-urlencoded");
  request.fields.set(http::field::accept, "application/json");
  request.body = std::move(*form);
  request.repeatable = true;  // a second token does not undo the first
  const Result<http::Response> response = co_await client->send(std::move(request));
  if (!response) co_return Answer{response.error()};

  Answer answer{parse_token(response->status, response->body)};
  if (!answer.token) {
    answer.token = in_context(credentials.token_endpoint.origin(), answer.token.error());
    const auto field = http::only_value(response->fields, http::field::retry_after);
    if (field)
      answer.wait =
          http::parse_retry_after(*field, wall_clock(), kMaxRetryAfter).value_or(milliseconds(0));
  }
  co_return answer;
}

asio::awaitable<void> renew(StatePtr state) {
  if (!state->client) co_return;
  const auto asked = steady_clock::now();
  Answer answer = co_await ask(state->client, state->credentials);
  const auto now = steady_clock::now();
  if (answer.token) {
    state->cache.received(std::move(*answer.token), asked);
    co_return;
  }
  const bool still = state->cache.token(now) != nullptr;
  if (still && state->client)
    log_warning("cannot renew a token that still counts: {}", answer.token.error().message);
  const double random = std::uniform_real_distribution<double>(0, 1)(state->random);
  state->cache.failed(answer.token.error(), now, random, answer.wait);
}

asio::awaitable<Result<std::string>> token_of(StatePtr state) {
  if (state->client && state->cache.wants_token(steady_clock::now()))
    state->flight->begin([state] { return renew(state); });
  if (!state->cache.token(steady_clock::now())) co_await state->flight->wait();
  if (!state->client) co_return Error{"no token: stayd is stopping", ErrorKind::no_token};
  const std::string* token = state->cache.token(steady_clock::now());
  if (!token)
    co_return Error{in_context("no token", state->cache.error()).message, ErrorKind::no_token};
  co_return Result<std::string>(boost::system::in_place_value, *token);
}

}  // namespace

Result<std::unique_ptr<TokenSource>> TokenSource::create(asio::any_io_executor executor,
                                                         std::shared_ptr<http::Client> client,
                                                         ClientCredentials credentials) {
  if (!credentials.token_endpoint.secure) return Error{"a token endpoint must be https"};
  auto state = std::make_shared<State>(executor, std::move(client), std::move(credentials));
  return std::unique_ptr<TokenSource>(new TokenSource(std::move(state)));
}

TokenSource::~TokenSource() { stop(); }

asio::awaitable<Result<std::string>> TokenSource::token() { return token_of(state_); }

void TokenSource::invalidate(const std::string& token) { state_->cache.invalidate(token); }

void TokenSource::stop() {
  state_->client.reset();
  state_->flight->release_all();
}

}  // namespace stayd
