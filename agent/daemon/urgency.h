// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sched.h>

namespace stayd {

// While one agent takes over from another, held threads run round and round; whoever starts or
// ends must not stand in line with them. Best effort: without the right to, it takes longer.
class Urgency {
 public:
  Urgency() { set(SCHED_RR | SCHED_RESET_ON_FORK, 1); }
  ~Urgency() { set(SCHED_OTHER, 0); }
  Urgency(const Urgency&) = delete;
  Urgency& operator=(const Urgency&) = delete;

 private:
  static void set(int policy, int priority) {
    const sched_param parameters{.sched_priority = priority};
    ::sched_setscheduler(0, policy, &parameters);
  }
};

}  // namespace stayd
