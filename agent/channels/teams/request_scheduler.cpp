// SPDX-License-Identifier: Apache-2.0
#include "channels/teams/request_scheduler.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <set>

namespace stayd::teams {

namespace asio = boost::asio;

asio::awaitable<bool> RequestScheduler::wait(std::string lane, Priority priority) {
  if (stopped_) co_return false;
  asio::steady_timer timer(executor_, asio::steady_timer::time_point::max());
  Waiting self{.lane = lane, .timer = timer};
  waiting_.emplace(std::pair(priority, ++last_), &self);
  serve();
  boost::system::error_code cancelled;
  while (!self.passed && !stopped_)
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  co_return self.passed;
}

void RequestScheduler::serve() {
  const auto now = Pacing::Time::clock::now();
  std::optional<Pacing::Time> next;
  std::set<std::string> blocked;
  for (auto each = waiting_.begin(); each != waiting_.end() && under_way_ < kMaxUnderWay;) {
    Waiting& waiting = *each->second;
    if (blocked.contains(waiting.lane)) {
      ++each;
      continue;
    }
    const std::optional<Pacing::Time> ready = pacing_.ready_at(waiting.lane, now);
    if (!ready || *ready > now) {
      blocked.insert(waiting.lane);
      if (ready && (!next || *ready < *next)) next = ready;
      ++each;
      continue;
    }
    pacing_.sent(waiting.lane);
    ++under_way_;
    waiting.passed = true;
    waiting.timer.expires_at(asio::steady_timer::time_point::min());
    each = waiting_.erase(each);
  }
  timer_.cancel();
  if (!next) return;
  timer_.expires_at(*next);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) serve();
  });
}

void RequestScheduler::answered(const std::string& lane, std::chrono::milliseconds retry_after) {
  const auto now = Pacing::Time::clock::now();
  if (under_way_ > 0) --under_way_;
  pacing_.answered(lane, now);
  if (retry_after.count() > 0) pacing_.hold(lane, now + retry_after);
  serve();
}

void RequestScheduler::unused(const std::string& lane) {
  if (under_way_ > 0) --under_way_;
  pacing_.unsent(lane);
  serve();
}

void RequestScheduler::stop() {
  stopped_ = true;
  timer_.cancel();
  for (const auto& [key, waiting] : std::exchange(waiting_, {}))
    waiting->timer.expires_at(asio::steady_timer::time_point::min());
}

}  // namespace stayd::teams
