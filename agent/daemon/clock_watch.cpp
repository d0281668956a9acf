// SPDX-License-Identifier: Apache-2.0
#include "daemon/clock_watch.h"

#include <sys/timerfd.h>

#include <limits>

#include "base/log.h"

namespace stayd {

ClockWatch::ClockWatch(boost::asio::any_io_executor executor, std::function<void()> was_set)
    : timer_(std::move(executor)), was_set_(std::move(was_set)) {}

void ClockWatch::begin() {
  const int timer = ::timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
  if (timer >= 0) timer_.assign(timer);
  if (timer < 0 || !arm())
    return log_warning("cannot watch the clock: if it is set, tickets may end late");
  wait();
}

// The kernel ends the wait when the clock is set; by itself it never ends.
bool ClockWatch::arm() {
  const itimerspec never{
      .it_interval = {},
      .it_value = {.tv_sec = std::numeric_limits<std::int32_t>::max() * std::int64_t{4},
                   .tv_nsec = 0}};
  return ::timerfd_settime(timer_.native_handle(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET,
                           &never, nullptr) == 0;
}

void ClockWatch::wait() {
  timer_.async_wait(timer_.wait_read, [this](const boost::system::error_code& error) {
    if (error) return;
    std::uint64_t times = 0;
    [[maybe_unused]] const ssize_t size =
        ::read(timer_.native_handle(), &times, sizeof(times));  // ECANCELED: it was set
    was_set_();
    if (arm()) wait();
  });
}

}  // namespace stayd
