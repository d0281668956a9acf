// SPDX-License-Identifier: Apache-2.0
#include "context/mount_table.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <mutex>
#include <utility>

#include "base/log.h"

namespace stayd {
namespace {

Result<std::string> read_from_start(const Fd& file) {
  std::string text;
  char buffer[16384];
  if (::lseek(file.get(), 0, SEEK_SET) != 0) return errno_error("lseek");
  for (;;) {
    const ssize_t size = ::read(file.get(), buffer, sizeof(buffer));
    if (size < 0) return errno_error("read");
    if (size == 0) return {boost::system::in_place_value, std::move(text)};
    text.append(buffer, static_cast<std::size_t>(size));
  }
}

// The kernel remembers for each open file which state of the mounts poll(2) has reported on it
// (fs/proc_namespace.c, mounts_poll()): a change between poll and read is reported again.
bool has_changed(const Fd& file) {
  pollfd changed{.fd = file.get(), .events = POLLPRI, .revents = 0};
  return ::poll(&changed, 1, 0) != 0;
}

}  // namespace

MountTable::Mutex::Mutex() {
  pthread_mutexattr_t attributes;
  ::pthread_mutexattr_init(&attributes);
  ::pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
  ::pthread_mutex_init(&mutex_, &attributes);
  ::pthread_mutexattr_destroy(&attributes);
}

std::shared_ptr<const Mounts> MountTable::now() {
  std::lock_guard lock(mutex_);
  const bool is_first = !opened_;
  if (is_first) opened_ = Fd(::open(file_.c_str(), O_RDONLY | O_CLOEXEC));
  Result<std::string> text = errno_error("open");
  if (opened_) {
    if (!has_changed(opened_) && !is_first) return mounts_;
    text = read_from_start(opened_);
  }
  if (!text) {
    opened_ = Fd();
    mounts_ = std::make_shared<const Mounts>();
    if (!std::exchange(failed_, true))
      log_error("{}: {}; paths are shown as their file systems have them", file_,
                text.error().message);
    return mounts_;
  }
  failed_ = false;
  mounts_ = std::make_shared<const Mounts>(*text);
  return mounts_;
}

Result<Fd> MountTable::open_watch() const {
  Fd file(::open(file_.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return errno_error(file_);
  return file;
}

}  // namespace stayd
