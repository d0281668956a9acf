// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "gate/actions.h"
#include "gate/messages.h"
#include "kernel/decoder.h"

namespace stayd {

// The life of every hold, as a pure state machine: no system call, no map, no clock (time is an
// argument, CLOCK_BOOTTIME in ns), one thread. Each function takes what happened and returns what
// is to be done about it.
//
//   deferred  the thread spins through restarts until the evaluator has given a verdict
//   spinning  the thread spins through restarts until it stops, which it has been asked to
//   stopped   the thread is stopped, and it is being found out whether at its system call
//   parked    the thread is stopped where it will make its system call again
//   away      the thread is at something else, such as a signal; the kernel side reports its return
//   pending   the thread goes on, and what waits is the connection that it began; the kernel side
//             reports its end
//
// A hold ends in exactly one of three ways: it is answered, it is gone (the desk is told, if it
// knew of it), or it is handed over to the next agent, whose table adopts it as `away`. Then the
// table knows nothing of it, and what is said of it has no effect.
//
// Reports of one thread come in the order in which it made them, but not in order with its stops:
// the newest report says at which hold a thread is, and a hold that it left is `away`. No thread is
// stopped unless the table has a hold for it.
//
// Bounded by the kernel side's limits for holds: STAYD_MAX_HOLDS, and those of each workload.
class HoldTable {
 public:
  // A hold of an earlier agent whose thread has not reported within this time has ended: a live
  // thread that is not parked makes its call again and again, and reports each time.
  static constexpr std::uint64_t kAdoptionNs = 10'000'000'000;

  // Holds of an earlier agent, before anything else happens. Each thread is told to report. It is
  // not counted as spinning, as nobody knows who had counted it.
  // Under those in `pending` a connection is, and no thread.
  Actions adopt(const std::vector<HoldId>& holds, std::uint64_t now_ns,
                const std::set<HoldId>& pending = {});

  // The kernel side reports an operation. `verdict` is the evaluator's on one that is incomplete;
  // nothing: it comes later.
  Actions reported(Operation operation, const std::optional<DeferredVerdict>& verdict);
  Actions resumed(const HoldResumed& resumed);
  Actions gone(const HoldGone& gone);
  Actions signal_sent(const SignalSent& signal);

  // waitpid(2) reports a stop of a thread that is traced; `signal` is the one that it is about to
  // meet, 0 if it stopped as asked.
  Actions stopped(std::int32_t thread, int signal);
  Actions ended(std::int32_t thread);

  // What came of actions.
  Actions seized(std::int32_t thread, Seized result);
  Actions at_restart(HoldId hold, bool yes);
  Actions signal_pending(HoldId hold, bool yes);
  Actions found_ended(const LookForEnd& what);

  Actions answer(const AnswerHold& answer);
  Actions verdict_arrived(const DeliverVerdict& delivered);

  // The operation of a hold that is to be judged again, by this policy; nullptr: there is none.
  const Operation* to_judge_again(HoldId hold, std::uint32_t policy);

  // About once a second, while needs_tick(): looks for threads whose end nobody reported. The
  // kernel side can miss one since 7.2 (bpf/README.md, Traps).
  Actions tick(std::uint64_t now_ns);
  bool needs_tick() const {
    return holds_.size() > parked_ + pending_ || tracees_.size() > parked_;
  }

  // The table is empty afterwards. What the desk has not been told is judged again by the next
  // agent. Threads that have not stopped yet are let go by the kernel when this one ends.
  Actions hand_over();

  GateLoad load() const;
  // True if the hold has neither been answered nor ended.
  bool knows(HoldId hold) const { return holds_.contains(hold); }

 private:
  enum class State : std::uint8_t { deferred, spinning, stopped, parked, away, pending };
  struct Hold {
    std::int32_t thread = 0;  // 0: adopted, and nothing reported yet
    std::int32_t process = 0;
    std::uint32_t slot = 0;
    std::int32_t syscall = 0;
    std::uint32_t session = 0;  // see stayd_answer
    std::uint64_t labels = 0;   // see DeferredVerdict
    State state = State::spinning;
    bool handled = false;                 // counted as such
    bool quiet = false;                   // nothing was reported since the last tick
    bool has_connection = false;          // that is pending, or about to be
    bool too_early = false;               // to be judged again at the next tick
    std::unique_ptr<Operation> deferred;  // what the desk has not been told
    std::unique_ptr<Operation> pending;   // what it has been told, to judge it again
  };
  // A thread that is traced. A stopped one has a hold.
  struct Tracee {
    HoldId hold = 0;  // 0: let go when it stops
    bool quiet = false;
  };

  Hold& meet(const Operation& operation, Actions& actions);
  void apply(Operation operation, const DeferredVerdict& verdict, Actions& actions);
  void begin_wait(HoldId id, Hold& hold, Operation operation, Actions& actions);
  void judge_again(HoldId id, Hold& hold, Actions& actions);
  void ask_to_stop(HoldId id, Hold& hold, Actions& actions);
  void leave_earlier(HoldId id, std::int32_t thread, Actions& actions);
  void park(HoldId id, Hold& hold, Actions& actions);
  void unpark(HoldId id, const Hold& hold, Actions& actions);
  void send_away(HoldId id, Hold& hold, int signal, Actions& actions);
  void leave_thread(HoldId id, Hold& hold, int signal, Actions& actions);
  void settle(HoldId id, std::uint32_t state, std::uint64_t expires_ns, Actions& actions);
  void end(const HoldGone& gone, Actions& actions);
  static void write(HoldId id, const Hold& hold, std::uint32_t state, Actions& actions);
  static void count_handled(Hold& hold, Actions& actions);

  std::unordered_map<HoldId, Hold> holds_;
  std::unordered_map<std::int32_t, Tracee> tracees_;
  std::unordered_map<std::int32_t, std::unordered_set<HoldId>> parked_by_process_;
  std::size_t parked_ = 0;
  std::size_t deferred_ = 0;
  std::size_t pending_ = 0;
  std::uint64_t begun_ns_ = 0;
};

}  // namespace stayd
