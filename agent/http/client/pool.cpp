// SPDX-License-Identifier: Apache-2.0
#include "http/client/pool.h"

#include <sys/socket.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <iterator>
#include <utility>

namespace stayd::http {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::steady_clock;

namespace {

// A server ends an idle connection when it likes, and says so. Whatever else it might have said,
// a new connection costs less than to find out.
bool is_quiet(Stream& stream) {
  char byte = 0;
  const ssize_t size =
      ::recv(stream.tcp().socket().native_handle(), &byte, sizeof byte, MSG_PEEK | MSG_DONTWAIT);
  return size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

}  // namespace

Pool::Pool(asio::any_io_executor executor, PoolLimits limits, std::shared_ptr<InFlight> in_flight)
    : executor_(executor), limits_(limits), in_flight_(std::move(in_flight)), aging_(executor) {}

bool Pool::has_room(const std::string& origin) const {
  const auto used = busy_.find(origin);
  return busy_count_ < limits_.busy &&
         (used == busy_.end() || used->second < limits_.busy_per_origin);
}

Pool::Turn Pool::give(const std::string& origin) {
  ++busy_[origin];
  ++busy_count_;
  return Turn(shared_from_this(), origin);
}

void Pool::give_back(const std::string& origin) {
  const auto used = busy_.find(origin);
  if (--used->second == 0) busy_.erase(used);
  --busy_count_;
  for (Waiting* waiting : waiting_) {
    if (waiting->turn || !has_room(waiting->origin)) continue;
    // Given at once: a request that comes before the waiting one runs must not pass it.
    waiting->turn.emplace(give(waiting->origin));
    waiting->timer.cancel();
    return;
  }
}

asio::awaitable<Pool::Turn> Pool::wait_for_turn(std::string origin,
                                                steady_clock::time_point deadline) {
  if (has_room(origin)) co_return give(origin);
  const std::shared_ptr<Pool> self = shared_from_this();
  asio::steady_timer timer(executor_, deadline);
  const InFlight::Guard guard(in_flight_, [&timer] { timer.cancel(); });
  Waiting waiting{origin, timer, {}};
  const auto place = waiting_.insert(waiting_.end(), &waiting);
  // Also when this coroutine is cancelled or destroyed in the middle.
  const auto leave = [self, place](Waiting*) { self->waiting_.erase(place); };
  const std::unique_ptr<Waiting, decltype(leave)> left(&waiting, leave);
  error_code ignored;  // whether there is a turn is what counts
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  if (!waiting.turn) co_return Turn();
  co_return std::move(*waiting.turn);
}

std::unique_ptr<Stream> Pool::take(const std::string& origin) {
  for (auto last = idle_.end(); last != idle_.begin();) {
    --last;
    if (last->origin != origin) continue;
    std::unique_ptr<Stream> stream = std::move(last->stream);
    last = idle_.erase(last);
    if (is_quiet(*stream)) return stream;
  }
  return nullptr;
}

void Pool::keep(const std::string& origin, std::unique_ptr<Stream> stream) {
  if (in_flight_->ended() || limits_.idle == 0) return;
  stream->tcp().expires_never();
  idle_.push_back({origin, std::move(stream), steady_clock::now()});
  if (idle_.size() > limits_.idle) idle_.pop_front();
  if (idle_.size() == 1) close_old_later();
}

void Pool::close_old_later() {
  aging_.expires_at(idle_.front().since + limits_.idle_time);
  aging_.async_wait([weak = weak_from_this()](const error_code& error) {
    if (error) return;  // another wait has taken over, or there is nothing to wait for
    const std::shared_ptr<Pool> self = weak.lock();
    if (!self) return;
    const auto old = steady_clock::now() - self->limits_.idle_time;
    while (!self->idle_.empty() && self->idle_.front().since <= old) self->idle_.pop_front();
    if (!self->idle_.empty()) self->close_old_later();
  });
}

void Pool::clear() {
  idle_.clear();
  aging_.cancel();
}

}  // namespace stayd::http
