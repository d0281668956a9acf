// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sched.h>

namespace stayd {

// Real-time priority for an agent that starts or stops: held threads keep restarting their system
// calls while one agent takes over from another, and must not starve it. Best effort: without the
// right to it, the handover takes longer.
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
