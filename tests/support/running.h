// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <future>
#include <stdexcept>
#include <utility>

#include "support/waiting.h"

namespace stayd::test {

// Runs what is ready and what becomes so until `condition()` holds; false if it does not in time.
template <class Condition>
bool run_until(boost::asio::io_context& context, Condition condition,
               milliseconds limit = kPatience) {
  const std::int64_t begun = now_ns();
  while (!condition()) {
    if (since_ns(begun) > limit) return false;
    if (context.stopped()) context.restart();
    context.run_one_for(milliseconds(20));
  }
  return true;
}

// Runs `task` to its end, and everything else that becomes ready in between; returns what it
// returns.
template <class T>
T run(boost::asio::io_context& context, boost::asio::awaitable<T> task) {
  std::future<T> result = boost::asio::co_spawn(context, std::move(task), boost::asio::use_future);
  const auto done = [&result] {
    return result.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  };
  if (!run_until(context, done)) throw std::runtime_error("the task does not end");
  return result.get();
}

}  // namespace stayd::test
