// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <variant>
#include <vector>

#include "base/result.h"
#include "context/operation.h"
#include "gate/evaluator.h"
#include "kernel/decoder.h"
#include "kernel/programs.h"
#include "kernel/tables.h"

namespace stayd {

// What the gatekeeper tells the desk. HoldGone: the caller went away, was denied before an
// answer, or asks for something else.
using KernelNotice =
    std::variant<Operation, HoldGone, CgroupMade, LabelsRead, EntryChanged, ArgumentsChanged>;

// Parks held threads and lets them go: one thread of its own, with a real-time priority, for
// the event ring and all ptrace calls. It never waits for one thread to stop: it seizes,
// interrupts and goes on, and takes each stop when the kernel reports it.
//
// Bounded by STAYD_MAX_HOLDS in the kernel and per-workload limits there. Stopping it, or
// its death, detaches every tracee; those restart, and are denied unless another agent takes
// them over in time.
class Gatekeeper {
 public:
  // Called on the gatekeeper's thread: must only pass the notice on.
  using Listener = std::function<void(KernelNotice)>;

  struct Load {
    std::uint64_t waiting = 0;  // holds without an answer
    std::uint64_t parked = 0;   // of them, threads stopped by us
    std::uint64_t asked = 0;    // of them, waiting for the evaluator
    bool real_time = false;
  };

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

  // From any thread; returns at once. An answer to a hold that is over does nothing.
  // `expires_ns`: CLOCK_BOOTTIME after which an approval lets nobody through; 0: never.
  virtual void answer(HoldId hold, HoldAnswer answer, std::uint64_t expires_ns) = 0;

  // From any thread; what the evaluator could not say at once.
  virtual void rule(HoldId hold, DeferredVerdict verdict) = 0;

  // From any thread; before the end of an agent that another one will follow: every held
  // thread is let go in such a way that it reports to that one. Returns when that is done.
  virtual void hand_over() = 0;

  virtual Load load() const = 0;
};

}  // namespace stayd
