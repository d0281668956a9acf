// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "http/client/in_flight.h"
#include "http/stream.h"

namespace stayd::http {

struct PoolLimits {
  // Connections in use; further requests wait for their turn until their deadline.
  std::size_t busy = 32;
  std::size_t busy_per_origin = 8;
  // Connections kept for the next request; beyond it the oldest is closed.
  std::size_t idle = 16;
  std::chrono::milliseconds idle_time = std::chrono::seconds(30);
};

// The connections of one client, by origin ("https://host:port"). One thread.
class Pool : public std::enable_shared_from_this<Pool> {
 public:
  // The right to have one connection to an origin in use.
  class Turn {
   public:
    Turn() = default;
    Turn(std::shared_ptr<Pool> pool, std::string origin)
        : pool_(std::move(pool)), origin_(std::move(origin)) {}
    Turn(Turn&& other) noexcept = default;
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (pool_) pool_->give_back(origin_);
    }
    explicit operator bool() const { return pool_ != nullptr; }

   private:
    std::shared_ptr<Pool> pool_;
    std::string origin_;
  };

  Pool(boost::asio::any_io_executor executor, PoolLimits limits,
       std::shared_ptr<InFlight> in_flight);

  // Waits for a turn, first come first served among those of one origin; empty if there is none
  // by the deadline or the client is stopped.
  boost::asio::awaitable<Turn> wait_for_turn(std::string origin,
                                             std::chrono::steady_clock::time_point deadline);

  // The connection to `origin` that was used last, if one is there and nothing has come from the
  // other side since: neither its end nor anything else. Null: none.
  std::unique_ptr<Stream> take(const std::string& origin);
  void keep(const std::string& origin, std::unique_ptr<Stream> stream);

  // Closes what is kept.
  void clear();

 private:
  struct Idle {
    std::string origin;
    std::unique_ptr<Stream> stream;
    std::chrono::steady_clock::time_point since;
  };
  struct Waiting {
    const std::string& origin;
    boost::asio::steady_timer& timer;
    std::optional<Turn> turn;
  };

  bool has_room(const std::string& origin) const;
  Turn give(const std::string& origin);
  void give_back(const std::string& origin);
  void close_old_later();

  boost::asio::any_io_executor executor_;
  PoolLimits limits_;
  std::shared_ptr<InFlight> in_flight_;
  boost::asio::steady_timer aging_;
  std::list<Idle> idle_;                     // the oldest first
  std::list<Waiting*> waiting_;              // who waited longest first
  std::map<std::string, std::size_t> busy_;  // by origin; none is 0
  std::size_t busy_count_ = 0;
};

}  // namespace stayd::http
