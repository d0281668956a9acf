// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "base/result.h"
#include "kernel/decoder.h"
#include "kernel/programs.h"

struct ring_buffer;

namespace stayd {

// Reads what the kernel side reports, in order. Reports that an earlier agent left unread come
// first. One thread.
class EventRing {
 public:
  // Called by read(), once for each event; the error: an event that decode_event() refused.
  using Listener = std::function<void(Result<KernelEvent>)>;

  // `programs` need not outlive it.
  static Result<std::unique_ptr<EventRing>> open(const Programs& programs, Listener listener);
  ~EventRing();

  // Readable while there is something to read.
  int fd() const;
  void read();

 private:
  explicit EventRing(Listener listener) : listener_(std::move(listener)) {}

  Listener listener_;
  ring_buffer* ring_ = nullptr;  // owned
};

}  // namespace stayd
