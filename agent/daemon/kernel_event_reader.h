// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>

#include "gate/event_queue.h"
#include "intake/gate.h"

namespace stayd {

// Takes what the gatekeeper's thread has put into the queue, on the executor's thread: for a short
// time at once, so that those who answer are served while a workload is busy. What concerns
// people goes to the desk, the rest to whoever keeps the workloads.
class KernelEventReader {
 public:
  struct Receivers {
    std::function<void(DeskNotice)> desk;
    std::function<void()> cgroups_changed;
    std::function<void(const EntryChanged&)> entry_changed;
  };

  KernelEventReader(boost::asio::any_io_executor executor, Receivers receivers);

  // Any thread; must only be called while this lives.
  void put(KernelNotice notice) { queue_.put(std::move(notice)); }
  // Returns how many events are there and not delivered yet. Any thread.
  std::size_t unread() const { return queue_.size(); }
  // All that is there, at the end of an agent.
  void drain();

 private:
  void read();
  void deliver(KernelNotice notice);

  boost::asio::any_io_executor executor_;
  const Receivers receivers_;
  KernelEventQueue queue_;
};

}  // namespace stayd
