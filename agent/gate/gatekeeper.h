// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/result.h"
#include "gate/evaluator.h"
#include "gate/messages.h"
#include "kernel/programs.h"
#include "kernel/tables.h"

namespace stayd {

// Parks held threads and lets them go: one thread of its own, with a real-time priority, for
// the event ring and all ptrace calls. It never waits for one thread to stop: it seizes,
// interrupts and goes on, and takes each stop when the kernel reports it. What is to be done about
// each hold is HoldTable's to say.
//
// Bounded by STAYD_MAX_HOLDS in the kernel and per-workload limits there. Stopping it, or
// its death, detaches every tracee; those restart, and are denied unless another agent takes
// them over in time.
class Gatekeeper {
 public:
  // Called on the gatekeeper's thread: must only pass the notice on.
  using Listener = std::function<void(KernelNotice)>;

  // Blocks SIGCHLD in the calling thread and those that it starts from then on: the gatekeeper
  // takes it from a signalfd, and a thread that does not block it would take it away. To be
  // called before the process has a second thread.
  static Result<> block_child_signals();

  // After block_child_signals(). `programs`, `tables` and `evaluator` must outlive it. `waiting`:
  // holds of an earlier agent, whose threads report back and are parked again.
  static Result<std::unique_ptr<Gatekeeper>> start(const Programs& programs, Tables& tables,
                                                   Evaluator& evaluator, Listener listener,
                                                   const std::vector<HoldId>& waiting = {});
  virtual ~Gatekeeper() = default;

  // From any thread; returns at once.
  virtual void post(const GateCommand& command) = 0;
  void answer(HoldId hold, HoldAnswer answer, std::uint64_t expires_ns) {
    post(AnswerHold{hold, answer, expires_ns});
  }
  void rule(HoldId hold, const DeferredVerdict& verdict) { post(DeliverVerdict{hold, verdict}); }

  // From any thread; before the end of an agent that another one will follow. Carries out what was
  // posted before, then HandOver, and returns when that is done.
  virtual void hand_over() = 0;

  virtual GateLoad load() const = 0;
};

}  // namespace stayd
