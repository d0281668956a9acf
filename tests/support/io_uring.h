// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/io_uring.h>

#include <cstdint>
#include <optional>

#include "base/fd.h"

namespace stayd::test {

// Just enough io_uring to make one request at a time, by bare system calls.
class IoUring {
 public:
  // `flags`: IORING_SETUP_*. Not valid(), with errno, if the kernel will not.
  explicit IoUring(std::uint32_t flags = 0);
  ~IoUring();
  IoUring(const IoUring&) = delete;
  IoUring& operator=(const IoUring&) = delete;

  bool valid() const { return static_cast<bool>(fd_); }
  // Submits, and waits for the result: what the system call would return, or -errno.
  // Nothing if none came within some seconds.
  std::optional<std::int32_t> run(const io_uring_sqe& request);

 private:
  std::uint32_t* at(std::uint32_t offset) const;  // in the rings

  io_uring_params params_{};
  Fd fd_;
  void* rings_ = nullptr;
  io_uring_sqe* entries_ = nullptr;
};

}  // namespace stayd::test
