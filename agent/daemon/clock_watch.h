// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>

namespace stayd {

// Tells when somebody sets the host's clock, or it wakes from sleep: what was to happen at a time
// of day may be due at once. timerfd_create(2), TFD_TIMER_CANCEL_ON_SET. On the executor's thread;
// nothing more is told once this is gone.
class ClockWatch {
 public:
  ClockWatch(boost::asio::any_io_executor executor, std::function<void()> was_set);

  void begin();

 private:
  bool arm();
  void wait();

  boost::asio::posix::stream_descriptor timer_;
  std::function<void()> was_set_;
};

}  // namespace stayd
