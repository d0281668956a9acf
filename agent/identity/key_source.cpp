// SPDX-License-Identifier: Apache-2.0
#include "identity/key_source.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <random>
#include <utility>

#include "base/log.h"
#include "identity/key_cache.h"
#include "identity/single_flight.h"

namespace stayd {

namespace asio = boost::asio;
using std::chrono::steady_clock;

struct KeySource::State {
  State(const asio::any_io_executor& executor, std::shared_ptr<http::Client> http,
        KeyLocation where)
      : client(std::move(http)),
        location(std::move(where)),
        flight(std::make_shared<SingleFlight>(executor)),
        refresh(executor) {}

  std::shared_ptr<http::Client> client;  // null once stopped
  KeyLocation location;
  KeyCache cache;
  std::shared_ptr<SingleFlight> flight;
  asio::steady_timer refresh;
  std::vector<std::string> skipped;  // that were logged
  std::minstd_rand random{std::random_device()()};
};

namespace {

using StatePtr = std::shared_ptr<KeySource::State>;

double chance(KeySource::State& state) {
  return std::uniform_real_distribution<double>(0, 1)(state.random);
}

asio::awaitable<void> fetch(StatePtr state) {
  const std::shared_ptr<http::Client> client = state->client;
  if (!client) co_return;
  Result<KeySet> keys = co_await fetch_keys(*client, state->location);
  const auto now = steady_clock::now();
  if (keys) {
    if (keys->skipped() != state->skipped) {
      state->skipped = keys->skipped();
      for (const std::string& skipped : state->skipped)
        log_warning("{}: cannot be used: {}", state->location.metadata.origin(), skipped);
    }
    state->cache.fetched(std::move(*keys), now);
  } else if (state->client) {
    state->cache.failed(now, chance(*state));
    log_warning(
        "cannot fetch the keys that tokens are checked with: {}{}", keys.error().message,
        state->cache.keys(now) ? "; the previous ones stay in use" : "; no token is accepted");
  }
  state->refresh.cancel();  // it is due at another time now
}

void begin_fetch(const StatePtr& state) {
  state->flight->begin([state] { return fetch(state); });
}

asio::awaitable<void> keep_fresh(StatePtr state) {
  while (state->client) {
    if (steady_clock::now() >= state->cache.due()) begin_fetch(state);
    if (state->flight->under_way()) {
      co_await state->flight->wait();
      continue;
    }
    state->refresh.expires_at(state->cache.due());
    boost::system::error_code ignored;  // cancelled when something has changed
    co_await state->refresh.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

asio::awaitable<TokenResult> verify_with(StatePtr state, std::string token,
                                         TokenExpectations expected, TimePoint now) {
  if (!state->cache.keys(steady_clock::now())) {
    if (state->client && state->cache.look_for_any(steady_clock::now())) begin_fetch(state);
    co_await state->flight->wait();
  }
  std::shared_ptr<const KeySet> keys = state->cache.keys(steady_clock::now());
  if (!keys) co_return TokenFailure{TokenCheck::no_keys, "the issuer's keys are not there"};
  TokenResult result = verify_token(token, *keys, expected, now);
  if (result || result.error().check != TokenCheck::unknown_key) co_return result;

  if (!state->client) co_return result;
  if (!state->flight->under_way()) {
    if (!state->cache.look_for_unknown(steady_clock::now())) co_return result;
    begin_fetch(state);
  }
  co_await state->flight->wait();
  keys = state->cache.keys(steady_clock::now());
  if (keys) co_return verify_token(token, *keys, expected, now);
  co_return result;
}

void rethrow(const std::exception_ptr& failure) {
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

Result<std::unique_ptr<KeySource>> KeySource::create(asio::any_io_executor executor,
                                                     std::shared_ptr<http::Client> client,
                                                     KeyLocation location) {
  if (!location.metadata.secure) return Error{"the metadata of an issuer must be https"};
  auto state = std::make_shared<State>(executor, std::move(client), std::move(location));
  asio::co_spawn(executor, keep_fresh(state), rethrow);
  return std::unique_ptr<KeySource>(new KeySource(std::move(state)));
}

KeySource::~KeySource() { stop(); }

asio::awaitable<TokenResult> KeySource::verify(std::string token, TokenExpectations expected,
                                               TimePoint now) {
  return verify_with(state_, std::move(token), std::move(expected), now);
}

void KeySource::stop() {
  state_->client.reset();
  state_->refresh.cancel();
  state_->flight->release_all();
}

}  // namespace stayd
