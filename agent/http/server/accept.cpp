// SPDX-License-Identifier: Apache-2.0
#include "http/server/accept.h"

#include "base/log.h"

namespace stayd::http {
namespace {

boost::asio::awaitable<void> run(std::unique_ptr<Session> session) { co_await session->run(); }

}  // namespace

void log_failure(std::exception_ptr failure) {
  if (!failure) return;
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    log_error("http server: {}", error.what());
  }
}

void spawn(std::unique_ptr<Session> session, const boost::asio::any_io_executor& executor) {
  boost::asio::co_spawn(executor, run(std::move(session)), log_failure);
}

}  // namespace stayd::http
