// SPDX-License-Identifier: Apache-2.0
// The part of a hold's life that is about its thread: stopping it, parking it, letting it go.
#include <utility>

#include "gate/hold_table.h"

namespace stayd {

Actions HoldTable::resumed(const HoldResumed& resumed) {
  const auto found = holds_.find(resumed.hold);
  if (found == holds_.end() || found->second.state != State::away) return {};
  Hold& hold = found->second;
  hold.quiet = false;
  hold.thread = resumed.thread;
  hold.process = resumed.process;
  hold.slot = resumed.slot;
  hold.syscall = resumed.syscall;
  Actions actions;
  ask_to_stop(resumed.hold, hold, actions);
  return actions;
}

void HoldTable::ask_to_stop(HoldId id, Hold& hold, Actions& actions) {
  hold.state = State::spinning;
  leave_earlier(id, hold.thread, actions);
  tracees_[hold.thread] = {.hold = id};
  actions.emplace_back(Seize{hold.thread});
}

// A thread that is traced for another hold came here from a signal handler, which interrupted that
// one's call.
void HoldTable::leave_earlier(HoldId id, std::int32_t thread, Actions& actions) {
  const auto traced = tracees_.find(thread);
  const HoldId before = traced == tracees_.end() ? 0 : traced->second.hold;
  if (before == 0 || before == id) return;
  Hold& earlier = holds_.at(before);
  count_handled(earlier, actions);
  send_away(before, earlier, 0, actions);
}

Actions HoldTable::seized(std::int32_t thread, Seized result) {
  const auto traced = tracees_.find(thread);
  if (result == Seized::yes || traced == tracees_.end()) return {};
  const HoldId id = traced->second.hold;
  tracees_.erase(traced);
  if (id == 0) return {};
  Actions actions;
  if (result == Seized::refused) {
    const HoldGone gone{.hold = id, .why = HoldEnd::traced, .slot = holds_.at(id).slot};
    settle(id, STAYD_ANSWER_DENY, 0, actions);
    actions.emplace_back(Notify{gone});
  } else {
    end({id}, actions);
  }
  return actions;
}

Actions HoldTable::stopped(std::int32_t thread, int signal) {
  const auto traced = tracees_.find(thread);
  if (traced == tracees_.end() || traced->second.hold == 0) {
    // Its hold ended before it stopped, or its id has changed by execve.
    if (traced != tracees_.end()) tracees_.erase(traced);
    return {LetGo{thread, signal}};
  }
  const HoldId id = traced->second.hold;
  Hold& hold = holds_.at(id);
  if (hold.state == State::parked && signal == 0) return {};
  Actions actions;
  count_handled(hold, actions);
  if (hold.state != State::parked) hold.state = State::stopped;
  if (signal != 0)
    send_away(id, hold, signal, actions);
  else
    actions.emplace_back(LookAtRestart{id, thread, hold.syscall});
  return actions;
}

Actions HoldTable::at_restart(HoldId id, bool yes) {
  const auto found = holds_.find(id);
  if (found == holds_.end() || found->second.state != State::stopped) return {};
  Actions actions;
  if (yes)
    park(id, found->second, actions);
  else
    send_away(id, found->second, 0, actions);
  return actions;
}

void HoldTable::park(HoldId id, Hold& hold, Actions& actions) {
  hold.state = State::parked;
  ++hold.session;
  ++parked_;
  auto& siblings = parked_by_process_[hold.process];
  siblings.insert(id);
  actions.emplace_back(SetParkedThreads{hold.process, static_cast<std::uint32_t>(siblings.size())});
  write(id, hold, STAYD_ANSWER_PARKED, actions);
  // From here on the kernel side reports a signal; one may have come before.
  actions.emplace_back(LookForSignal{id, hold.thread});
}

Actions HoldTable::signal_pending(HoldId id, bool yes) {
  const auto found = holds_.find(id);
  if (!yes || found == holds_.end() || found->second.state != State::parked) return {};
  Actions actions;
  send_away(id, found->second, 0, actions);
  return actions;
}

Actions HoldTable::signal_sent(const SignalSent& signal) {
  const auto process = parked_by_process_.find(signal.process);
  if (process == parked_by_process_.end()) return {};
  Actions actions;
  const std::unordered_set<HoldId> parked = process->second;
  for (const HoldId id : parked) {
    Hold& hold = holds_.at(id);
    if (signal.to_process || hold.thread == signal.thread) send_away(id, hold, 0, actions);
  }
  return actions;
}

Actions HoldTable::ended(std::int32_t thread) {
  const auto traced = tracees_.find(thread);
  if (traced == tracees_.end()) return {};
  const HoldId id = traced->second.hold;
  tracees_.erase(traced);
  Actions actions;
  if (id != 0) end({id}, actions);
  return actions;
}

// The kernel side will report when the thread is back at this hold.
void HoldTable::send_away(HoldId id, Hold& hold, int signal, Actions& actions) {
  ++hold.session;
  write(id, hold, STAYD_ANSWER_AWAY, actions);
  leave_thread(id, hold, signal, actions);
  hold.quiet = false;
}

// The hold has no claim on its thread any more: a stopped one is let go, one that was asked to stop
// will be.
void HoldTable::leave_thread(HoldId id, Hold& hold, int signal, Actions& actions) {
  const State before = std::exchange(hold.state, State::away);
  if (before == State::parked) unpark(id, hold, actions);
  if (before == State::pending) --pending_;
  const auto traced = tracees_.find(hold.thread);
  if (traced == tracees_.end() || traced->second.hold != id) return;
  if (before == State::parked || before == State::stopped) {
    tracees_.erase(traced);
    actions.emplace_back(LetGo{hold.thread, signal});
  } else {
    traced->second = {};
  }
}

void HoldTable::unpark(HoldId id, const Hold& hold, Actions& actions) {
  --parked_;
  const auto siblings = parked_by_process_.find(hold.process);
  siblings->second.erase(id);
  actions.emplace_back(
      SetParkedThreads{hold.process, static_cast<std::uint32_t>(siblings->second.size())});
  if (siblings->second.empty()) parked_by_process_.erase(siblings);
}

}  // namespace stayd
