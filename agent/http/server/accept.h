// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <utility>

#include "http/server/session.h"

namespace stayd::http {

// When no descriptor is left, accept(2) fails at once, again and again.
inline constexpr std::chrono::milliseconds kPauseAfterFailedAccept{100};

// Logs an exception that ended a session or the loop below; null: there was none.
void log_failure(std::exception_ptr failure);

// Runs the session, which then ends with its connection.
void spawn(std::unique_ptr<Session> session, const boost::asio::any_io_executor& executor);

// Gives each connection to state->begin(socket, state) until state->acceptor is closed. The server
// that closes it cancels state->pause, too, a timer. What begin() throws ends that connection only.
template <class State>
boost::asio::awaitable<void> accept_clients(std::shared_ptr<State> state) {
  while (state->acceptor.is_open()) {
    boost::system::error_code error;
    auto socket = co_await state->acceptor.async_accept(
        boost::asio::redirect_error(boost::asio::use_awaitable, error));
    if (!state->acceptor.is_open()) co_return;
    if (error) {
      state->pause.expires_after(kPauseAfterFailedAccept);
      co_await state->pause.async_wait(
          boost::asio::redirect_error(boost::asio::use_awaitable, error));
      continue;
    }
    try {
      ::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
      state->begin(std::move(socket), state);
    } catch (const std::exception&) {
      log_failure(std::current_exception());
    }
  }
}

}  // namespace stayd::http
