// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <optional>

#include "base/time.h"
#include "context/mount_table.h"
#include "daemon/clock_watch.h"

namespace stayd {

// Starts what nobody asked for: on signals, at times, after changes of the host. It knows when, and
// not what, has to be done. On the executor's thread; no task runs once this is gone.
class Periodic {
 public:
  struct Tasks {
    std::function<void()> stop;            // SIGTERM or SIGINT, the first of them
    std::function<void()> reload;          // SIGHUP
    std::function<void()> mounts_changed;  // a mount came or went
    std::function<void()> clock_set;       // somebody set the host's clock, or it woke up
    std::function<void()> deadline;        // the time given to arm() has come
    std::function<void()> look_after;      // every 30 s
    std::function<void()> flush;           // 20 ms after flush_soon()
    std::function<void()> apply_policies;  // after apply_soon() or apply_again()
  };

  // `mounts` must outlive it.
  Periodic(boost::asio::any_io_executor executor, MountTable& mounts, Tasks tasks);

  void start();
  void wait_for_signals();
  void stop();

  // Runs Tasks::deadline at that time of day, in place of what was armed before; nothing: never.
  void arm(std::optional<TimePoint> due);
  // As arm(), also if it was armed for that time already: the clock was set.
  void arm_again(std::optional<TimePoint> due);
  // Each of these once for any number of calls until the task runs.
  void flush_soon();
  void apply_soon();
  // After 2 ms: a cgroup is reported a moment before its directory can be seen.
  void apply_again();

 private:
  void watch_reload();
  void watch_mounts();
  void watch_time();
  void run_apply();

  boost::asio::any_io_executor executor_;
  MountTable& mounts_;
  const Tasks tasks_;
  boost::asio::signal_set stop_signals_;
  boost::asio::signal_set reload_signal_;
  boost::asio::posix::stream_descriptor mounts_watch_;
  ClockWatch clock_watch_;
  boost::asio::steady_timer deadline_timer_;
  boost::asio::steady_timer look_after_timer_;
  boost::asio::steady_timer flush_timer_;
  boost::asio::steady_timer apply_timer_;
  std::optional<TimePoint> armed_for_;
  bool flush_due_ = false;
  bool apply_due_ = false;
};

}  // namespace stayd
