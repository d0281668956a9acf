// SPDX-License-Identifier: Apache-2.0
#include "gate/mailbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <utility>

namespace stayd {

Result<> Mailbox::open() {
  readable_ = Fd(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!readable_) return errno_error("eventfd");
  return {};
}

void Mailbox::post(const GateCommand& command) {
  {
    std::lock_guard lock(mutex_);
    commands_.push_back(command);
  }
  wake();
}

void Mailbox::wake() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t ignored = ::write(readable_.get(), &one, sizeof(one));
}

std::vector<GateCommand> Mailbox::take() {
  std::uint64_t discarded = 0;
  [[maybe_unused]] const ssize_t ignored = ::read(readable_.get(), &discarded, sizeof(discarded));
  std::lock_guard lock(mutex_);
  return std::exchange(commands_, {});
}

}  // namespace stayd
