// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <list>
#include <memory>

namespace stayd {

// Runs one task at a time; everyone who wants it while it runs waits for that run. One thread.
class SingleFlight : public std::enable_shared_from_this<SingleFlight> {
 public:
  using Errand = std::function<boost::asio::awaitable<void>()>;

  explicit SingleFlight(boost::asio::any_io_executor executor) : executor_(executor) {}

  bool under_way() const { return under_way_; }

  // Begins `errand` unless one is under way. It runs to its end whether or not anybody waits, and
  // keeps what it needs alive itself.
  void begin(Errand errand);

  // Waits for the end of what is under way; at once if nothing is.
  boost::asio::awaitable<void> wait();

  // Ends the waiting, not the errand.
  void release_all();

 private:
  boost::asio::any_io_executor executor_;
  bool under_way_ = false;
  std::list<boost::asio::steady_timer*> waiting_;
};

}  // namespace stayd
