// SPDX-License-Identifier: Apache-2.0
// The part of a hold's life in which its program waits in place. The thread never leaves the trace
// of this agent, and the kernel kills it if the agent dies: docs/design/decisions/
// 0014-programs-wait-in-place.md.
#include <csignal>
#include <utility>

#include "gate/hold_table.h"

namespace stayd {

HoldTable::Tracee* HoldTable::tracee_of(std::int32_t thread) {
  const auto traced = tracees_.find(thread);
  return traced == tracees_.end() ? nullptr : &traced->second;
}

void HoldTable::enter(HoldId id, Hold& hold, Actions& actions) {
  hold.state = State::entering;
  ++hold.session;
  write(id, hold, STAYD_ANSWER_PASS, actions);
  actions.emplace_back(Enter{hold.thread});
}

Actions HoldTable::stopped_at_call(std::int32_t thread, CallStop where) {
  const Tracee* tracee = tracee_of(thread);
  if (tracee == nullptr || tracee->hold == 0) return stopped_after_hold(thread, 0);
  const HoldId id = tracee->hold;
  Hold& hold = holds_.at(id);
  if (hold.state != State::entering) return stopped(thread, 0);
  if (where == CallStop::entry) return {Enter{thread}};
  Actions actions;
  leave_call(id, hold, where, actions);
  return actions;
}

// The program has not been loaded. If the call is made again, the thread waits in it this time.
void HoldTable::leave_call(HoldId id, Hold& hold, CallStop where, Actions& actions) {
  hold.state = State::stopped;
  hold.may_load = false;
  if (where == CallStop::restart)
    send_away(id, hold, 0, actions);
  else
    end({id}, actions);
}

Actions HoldTable::stopped_at_exec(std::int32_t thread) {
  Tracee* tracee = tracee_of(thread);
  if (tracee == nullptr) return stopped_after_hold(thread, 0);
  if (tracee->hold != 0 && holds_.at(tracee->hold).state == State::entering)
    return {TakePlace{tracee->hold, thread}};
  if (tracee->hold == 0 && tracee->then == Then::let_go) return stopped_after_hold(thread, 0);
  // It was denied after the kernel side had let it pass, or nobody had allowed it to be loaded.
  *tracee = {.then = Then::end};
  return {End{thread}};
}

Actions HoldTable::loaded(HoldId id, const std::optional<ProgramStart>& start) {
  const auto found = holds_.find(id);
  if (found == holds_.end() || found->second.state != State::entering) return {};
  Hold& hold = found->second;
  Actions actions;
  hold.state = State::arriving;
  note_parked(id, hold, actions);
  if (start) {
    hold.start = *start;
    ++hold.session;
    write(id, hold, STAYD_ANSWER_IN_PLACE, actions);
    actions.emplace_back(Meet{hold.thread, 0});
  } else {  // it is dying, or has to
    actions.emplace_back(End{hold.thread});
    end({id}, actions);
  }
  return actions;
}

void HoldTable::meet_signal(Hold& hold, Actions& actions) {
  if (hold.state == State::arriving) {
    hold.signal_came = true;
  } else {
    hold.state = State::arriving;
    actions.emplace_back(Meet{hold.thread, 0});
  }
}

// It has arrived where it waits, or has gone wrong.
Actions HoldTable::faulted(std::int32_t thread) {
  const Tracee* tracee = tracee_of(thread);
  if (tracee == nullptr || tracee->hold == 0) {
    const bool loaded = tracee != nullptr && tracee->then != Then::let_go;
    return stopped_after_hold(thread, loaded ? 0 : SIGSEGV);
  }
  Hold& hold = holds_.at(tracee->hold);
  if (hold.state != State::arriving) return stopped(thread, SIGSEGV);
  if (std::exchange(hold.signal_came, false)) return {Meet{thread, 0}};
  hold.state = State::in_place;
  return {};
}

Actions HoldTable::stopped_with_process(std::int32_t thread) {
  const Tracee* tracee = tracee_of(thread);
  if (tracee == nullptr || tracee->hold == 0) return stopped_after_hold(thread, 0);
  Hold& hold = holds_.at(tracee->hold);
  if (hold.state != State::arriving) return stopped(thread, 0);
  return hold.left ? arriving_stopped(thread, hold, 0) : Actions{StayStopped{thread}};
}

Actions HoldTable::arriving_stopped(std::int32_t thread, Hold& hold, int signal) {
  if (std::exchange(hold.left, false)) return {Continue{thread}};
  return {Meet{thread, signal}};
}

Actions HoldTable::continued(std::int32_t thread, bool yes) {
  if (!yes) return ended(thread);
  const Tracee* tracee = tracee_of(thread);
  if (tracee == nullptr || tracee->hold == 0 || !holds_.at(tracee->hold).unwanted) return {};
  Actions actions;
  settle(tracee->hold, STAYD_ANSWER_DENY, 0, actions);
  return actions;
}

// The thread has no hold: it ended before the thread stopped, or the thread's id has changed by
// execve.
Actions HoldTable::stopped_after_hold(std::int32_t thread, int signal) {
  const auto traced = tracees_.find(thread);
  const Then then = traced == tracees_.end() ? Then::let_go : traced->second.then;
  if (then == Then::end) return {End{thread}};
  Actions actions;
  if (then == Then::run)
    actions.emplace_back(Run{thread, traced->second.start, signal});
  else
    actions.emplace_back(LetGo{thread, signal});
  if (traced != tracees_.end()) tracees_.erase(traced);
  return actions;
}

// The hold of a program in place is over. A thread that has not arrived is asked to stop once more,
// since it may be stopped with its process for long.
void HoldTable::leave_program(HoldId id, Hold& hold, Then then, Actions& actions) {
  const bool arrived = hold.state == State::in_place;
  hold.state = State::away;
  unpark(id, hold, actions);
  const auto traced = tracees_.find(hold.thread);
  if (traced == tracees_.end() || traced->second.hold != id) return;
  if (!arrived) {
    traced->second = {.then = then, .start = hold.start};
    actions.emplace_back(Seize{hold.thread});
  } else if (then == Then::run) {
    tracees_.erase(traced);
    actions.emplace_back(Run{hold.thread, hold.start, 0});
  } else {
    traced->second = {.then = then};
    actions.emplace_back(End{hold.thread});
  }
}

Actions HoldTable::adopt_in_place(HoldId id, const stayd_answer& place, bool waits) {
  Actions actions;
  Hold& hold = holds_[id];
  hold.thread = hold.process = static_cast<std::int32_t>(place.thread);
  hold.session = place.session;
  hold.start = {place.instruction, place.blocked_signals};
  hold.state = State::arriving;
  hold.handled = hold.left = true;
  hold.unwanted = !waits;
  note_parked(id, hold, actions);
  tracees_[hold.thread] = {.hold = id};
  actions.emplace_back(SeizeInPlace{hold.thread});
  return actions;
}

}  // namespace stayd
