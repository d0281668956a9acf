// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pthread.h>

#include <memory>
#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "context/mounts.h"

namespace stayd {

// The mounts of this process's mount namespace: the host's. The only reader of mountinfo, which
// is read when it has changed and not for each question. Any thread; one that waits while another
// reads mountinfo lends it its priority.
class MountTable {
 public:
  // `file`: a mountinfo of a process in this mount namespace, proc(5).
  explicit MountTable(std::string file = "/proc/self/mountinfo") : file_(std::move(file)) {}

  // The mounts as they are now: one made before the call is there. Costs a poll(2) while nothing
  // has changed. While mountinfo cannot be read there are no mounts; the first such failure in a
  // row is logged, the next call tries again. Never nullptr.
  std::shared_ptr<const Mounts> now();

  // A descriptor on which poll(2) reports POLLPRI, once for each call of it, when a mount came or
  // went since. It has a position and a memory of its own, so that whoever waits on it and now()
  // do not take changes from each other.
  Result<Fd> open_watch() const;

 private:
  // A mutex with PTHREAD_PRIO_INHERIT, pthread_mutexattr_setprotocol(3): the gatekeeper's thread,
  // which has a real-time priority, must not wait for one that is not scheduled.
  class Mutex {
   public:
    Mutex();
    ~Mutex() { ::pthread_mutex_destroy(&mutex_); }
    Mutex(const Mutex&) = delete;
    Mutex& operator=(const Mutex&) = delete;
    void lock() { ::pthread_mutex_lock(&mutex_); }
    void unlock() { ::pthread_mutex_unlock(&mutex_); }

   private:
    pthread_mutex_t mutex_;
  };

  const std::string file_;
  Mutex mutex_;
  Fd opened_;
  std::shared_ptr<const Mounts> mounts_ = std::make_shared<const Mounts>();
  bool failed_ = false;
};

}  // namespace stayd
