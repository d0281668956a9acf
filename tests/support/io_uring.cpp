// SPDX-License-Identifier: Apache-2.0
#include "support/io_uring.h"

#include <sys/mman.h>
#include <sys/syscall.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

#include "support/waiting.h"

namespace stayd::test {

IoUring::IoUring(std::uint32_t flags) {
  params_.flags = flags;
  params_.sq_thread_idle = 1000;
  fd_ = Fd(static_cast<int>(::syscall(SYS_io_uring_setup, 4, &params_)));
  if (!fd_) return;
  const int both = PROT_READ | PROT_WRITE;
  // One mapping for both rings (IORING_FEAT_SINGLE_MMAP, Linux 5.4).
  const std::size_t size =
      std::max<std::size_t>(params_.sq_off.array + params_.sq_entries * sizeof(std::uint32_t),
                            params_.cq_off.cqes + params_.cq_entries * sizeof(io_uring_cqe));
  rings_ = ::mmap(nullptr, size, both, MAP_SHARED | MAP_POPULATE, fd_.get(), IORING_OFF_SQ_RING);
  void* entries = ::mmap(nullptr, params_.sq_entries * sizeof(io_uring_sqe), both,
                         MAP_SHARED | MAP_POPULATE, fd_.get(), IORING_OFF_SQES);
  entries_ = static_cast<io_uring_sqe*>(entries);
  if (rings_ == MAP_FAILED || entries == MAP_FAILED) fd_.reset();
}

IoUring::~IoUring() = default;  // the mappings end with the actor

std::uint32_t* IoUring::at(std::uint32_t offset) const {
  return reinterpret_cast<std::uint32_t*>(static_cast<char*>(rings_) + offset);
}

std::optional<std::int32_t> IoUring::run(const io_uring_sqe& request) {
  std::atomic_ref tail(*at(params_.sq_off.tail));
  const std::uint32_t index = tail & *at(params_.sq_off.ring_mask);
  entries_[index] = request;
  at(params_.sq_off.array)[index] = index;
  tail.store(tail + 1, std::memory_order_release);
  if (!(params_.flags & IORING_SETUP_SQPOLL)) {
    if (::syscall(SYS_io_uring_enter, fd_.get(), 1, 0, 0, nullptr, 0) < 0) return -errno;
  } else if (std::atomic_ref(*at(params_.sq_off.flags)) & IORING_SQ_NEED_WAKEUP) {
    ::syscall(SYS_io_uring_enter, fd_.get(), 1, 0, IORING_ENTER_SQ_WAKEUP, nullptr, 0);
  }
  std::atomic_ref done(*at(params_.cq_off.tail));
  std::atomic_ref seen(*at(params_.cq_off.head));
  const bool completed = eventually(
      [&] {
        // Also runs what the kernel left for this task to do.
        ::syscall(SYS_io_uring_enter, fd_.get(), 0, 0, IORING_ENTER_GETEVENTS, nullptr, 0);
        return done.load(std::memory_order_acquire) != seen;
      },
      seconds(10));
  if (!completed) return std::nullopt;
  const auto* results = reinterpret_cast<const io_uring_cqe*>(at(params_.cq_off.cqes));
  const std::int32_t result = results[seen & *at(params_.cq_off.ring_mask)].res;
  seen.store(seen + 1, std::memory_order_release);
  return result;
}

}  // namespace stayd::test
