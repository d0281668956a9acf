// SPDX-License-Identifier: Apache-2.0
#include "identity/single_flight.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <utility>

#include "base/log.h"

namespace stayd {

namespace asio = boost::asio;

namespace {

void log_failure(const std::exception_ptr& failure) {
  if (!failure) return;
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    log_error("tokens: {}", error.what());
  }
}

// Owns the errand: a coroutine of a lambda refers to the lambda.
asio::awaitable<void> carry_out(SingleFlight::Errand errand) { co_await errand(); }

}  // namespace

void SingleFlight::begin(Errand errand) {
  if (under_way_) return;
  under_way_ = true;
  auto over = [self = shared_from_this()](const std::exception_ptr& failure) {
    self->under_way_ = false;
    self->release_all();
    log_failure(failure);
  };
  asio::co_spawn(executor_, carry_out(std::move(errand)), std::move(over));
}

asio::awaitable<void> SingleFlight::wait() {
  if (!under_way_) co_return;
  const std::shared_ptr<SingleFlight> self = shared_from_this();
  asio::steady_timer over(executor_, asio::steady_timer::time_point::max());
  const auto place = waiting_.insert(waiting_.end(), &over);
  // Also when this coroutine is cancelled or destroyed in the middle.
  const auto leave = [self, place](asio::steady_timer*) { self->waiting_.erase(place); };
  const std::unique_ptr<asio::steady_timer, decltype(leave)> left(&over, leave);
  boost::system::error_code ignored;  // it is cancelled when it is over
  co_await over.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

void SingleFlight::release_all() {
  for (asio::steady_timer* waiting : waiting_) waiting->cancel();
}

}  // namespace stayd
