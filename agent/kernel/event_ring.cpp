// SPDX-License-Identifier: Apache-2.0
#include "kernel/event_ring.h"

#include <bpf/libbpf.h>

#include <cstddef>
#include <utility>

namespace stayd {

Result<std::unique_ptr<EventRing>> EventRing::open(const Programs& programs, Listener listener) {
  std::unique_ptr<EventRing> ring(new EventRing(std::move(listener)));
  const auto on_sample = [](void* self, void* data, std::size_t size) {
    const Listener& tell = static_cast<EventRing*>(self)->listener_;
    tell(decode_event({static_cast<const std::byte*>(data), size}));
    return 0;
  };
  ring->ring_ = ring_buffer__new(programs.maps().events, on_sample, ring.get(), nullptr);
  if (ring->ring_ == nullptr) return errno_error("open event ring");
  return ring;
}

EventRing::~EventRing() { ring_buffer__free(ring_); }

int EventRing::fd() const { return ring_buffer__epoll_fd(ring_); }

void EventRing::read() { ring_buffer__consume(ring_); }

}  // namespace stayd
