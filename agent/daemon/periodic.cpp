// SPDX-License-Identifier: Apache-2.0
#include "daemon/periodic.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <csignal>
#include <utility>

#include "base/log.h"

namespace stayd {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::milliseconds kFlushAfter{20};
constexpr std::chrono::milliseconds kApplyAgainAfter{2};
constexpr std::chrono::seconds kPeriod{30};

}  // namespace

Periodic::Periodic(asio::any_io_executor executor, MountTable& mounts, Tasks tasks)
    : executor_(executor),
      mounts_(mounts),
      tasks_(std::move(tasks)),
      stop_signals_(executor, SIGTERM, SIGINT),
      reload_signal_(executor, SIGHUP),
      mounts_watch_(executor),
      clock_watch_(executor, tasks_.clock_set),
      deadline_timer_(executor),
      look_after_timer_(executor),
      flush_timer_(executor),
      apply_timer_(executor) {}

void Periodic::start() {
  watch_mounts();
  watch_reload();
  watch_time();
  clock_watch_.begin();
}

void Periodic::wait_for_signals() {
  stop_signals_.async_wait([this](const boost::system::error_code& error, int) {
    if (!error) tasks_.stop();
  });
}

void Periodic::stop() { deadline_timer_.cancel(); }

// The kernel says with POLLPRI that a mount came or went (proc(5) /proc/pid/mounts).
void Periodic::watch_mounts() {
  if (!mounts_watch_.is_open()) {
    Result<Fd> watch = mounts_.open_watch();
    if (!watch)
      return log_warning("cannot watch mounts ({}): labels below new ones wait for a reload",
                         watch.error().message);
    mounts_watch_.assign(watch->release());
  }
  mounts_watch_.async_wait(asio::posix::descriptor_base::wait_error,
                           [this](const boost::system::error_code& error) {
                             if (error) return;
                             tasks_.mounts_changed();
                             watch_mounts();
                           });
}

void Periodic::watch_reload() {
  reload_signal_.async_wait([this](const boost::system::error_code& error, int) {
    if (error) return;
    tasks_.reload();
    watch_reload();
  });
}

void Periodic::watch_time() {
  look_after_timer_.expires_after(kPeriod);
  look_after_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    tasks_.look_after();
    watch_time();
  });
}

void Periodic::arm(std::optional<TimePoint> due) {
  if (due != armed_for_) arm_again(due);
}

void Periodic::arm_again(std::optional<TimePoint> due) {
  armed_for_ = due;
  deadline_timer_.cancel();
  if (!due) return;
  deadline_timer_.expires_after(std::max(*due - wall_clock(), std::chrono::milliseconds(0)));
  deadline_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    armed_for_.reset();
    tasks_.deadline();
  });
}

void Periodic::flush_soon() {
  if (std::exchange(flush_due_, true)) return;
  flush_timer_.expires_after(kFlushAfter);
  flush_timer_.async_wait([this](const boost::system::error_code& error) {
    flush_due_ = false;
    if (!error) tasks_.flush();
  });
}

void Periodic::apply_soon() {
  if (std::exchange(apply_due_, true)) return;
  asio::post(executor_, [this] { run_apply(); });
}

void Periodic::apply_again() {
  if (std::exchange(apply_due_, true)) return;
  apply_timer_.expires_after(kApplyAgainAfter);
  apply_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) run_apply();
  });
}

void Periodic::run_apply() {
  apply_due_ = false;
  tasks_.apply_policies();
}

}  // namespace stayd
