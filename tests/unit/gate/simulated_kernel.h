// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include "gate/actions.h"
#include "kernel/decoder.h"
#include "support/operation_builder.h"

namespace stayd::test {

// As much of bpf/lib/hold.bpf.h, bpf/lifecycle.bpf.h and ptrace(2) as a hold's life depends on:
// some threads that make system calls, spin at them, meet signals, call execve and die; programs
// that wait in place; the ring, the answers, and what waitpid has to say.
class SimulatedKernel {
 public:
  struct Call {
    HoldId hold = 0;
    std::int32_t syscall = 0;
    bool exec = false;
    bool in_place = false;  // an execve whose program may wait in place
    std::uint32_t session = 0;
    int spins = 0;
  };
  struct Thread {
    std::int32_t process = 0;
    bool alive = true;
    std::vector<Call> calls;  // each waits; the later ones are made by signal handlers
    bool signal = false;      // one is pending
    bool traced_by_other = false;
    bool traced = false, asked_to_stop = false, stopped = false;
    bool took_over_id = false;  // by execve
    bool spawned = false;       // forked for a program, and the only thread of its process
    // Only a spawned thread has these.
    bool entered = false, at_entry = false;  // makes its call under trace
    bool failed = false;                     // its call has, and it is still stopped there
    bool loaded = false;                     // the program of its call is loaded and has not begun
    bool ending = false;                     // has been told to end
    bool stopped_with_process = false;       // by a stop signal, with or without a tracer
  };
  enum class Stop : std::uint8_t { other, fault, with_process, entry, restart, failed, exec };
  struct Report {  // of waitpid
    std::int32_t thread = 0;
    bool ended = false;
    int signal = 0;  // of Stop::other
    Stop stop = Stop::other;
  };
  static constexpr int kMaxSpins = 60;  // then the hold is denied

  explicit SimulatedKernel(std::mt19937& random) : random_(random) {}

  void call(std::int32_t id) {
    Thread& thread = threads.at(id);
    if (!thread.alive || thread.stopped || thread.calls.size() > 2) return;
    const bool exec = thread.spawned || chance(8);
    thread.calls.push_back(
        {.syscall = chance(2) ? 257 : 2, .exec = exec, .in_place = thread.spawned && !chance(6)});
    raise(id, thread);
  }
  void call_if_idle(std::int32_t id) {
    if (threads.at(id).calls.empty()) call(id);
  }
  void signal_process(std::int32_t process) {
    for (auto& [id, thread] : threads)
      if (thread.process == process && thread.alive) thread.signal = true;
    report_signal(process, process, true);
  }
  void signal_thread(std::int32_t id) {
    Thread& thread = threads.at(id);
    if (!thread.alive) return;
    thread.signal = true;
    report_signal(thread.process, id, false);
  }
  void kill(std::int32_t id, bool reported_by_waitpid = true) {
    Thread& thread = threads.at(id);
    if (!thread.alive) return;
    thread.alive = thread.stopped = false;
    thread.entered = thread.loaded = thread.ending = thread.stopped_with_process = false;
    // The table can learn of an end that waitpid does not report from this report alone.
    const bool unreported = reported_by_waitpid && chance(8);
    for (const Call& each : thread.calls)
      if (!ended.contains(each.hold)) end_unanswered(each.hold, HoldEnd::caller_gone, unreported);
    thread.calls.clear();
    if (thread.traced && reported_by_waitpid) reports.push_back({id, true, 0});
    thread.traced = false;
  }
  // Comes back with another object.
  void swap_object(std::int32_t id) {
    Thread& thread = threads.at(id);
    if (!thread.alive || thread.stopped || thread.calls.empty() || thread.loaded || thread.failed)
      return;
    end_unanswered(thread.calls.back().hold, HoldEnd::superseded, false);
    raise(id, thread);
  }

  // One pass of a thread that is not stopped through its system call.
  void run(std::int32_t id) {
    Thread& thread = threads.at(id);
    if (!thread.alive || thread.stopped) return;
    if (thread.ending) {
      finish_ending(id, thread);
    } else if (thread.traced && thread.asked_to_stop) {
      const bool for_signal = thread.signal && chance(3);
      if (for_signal) thread.signal = false;
      thread.stopped = true;
      thread.asked_to_stop = false;
      reports.push_back({id, false, for_signal ? 10 : 0});
    } else if (thread.traced && (thread.entered || thread.loaded)) {
      run_traced(id, thread);
    } else if (thread.signal) {
      meet_signal(id, thread);
    } else if (!thread.calls.empty()) {
      consult(id, thread);
    }
  }

  Seized seize(std::int32_t id) {
    const auto found = threads.find(id);
    if (found == threads.end()) return Seized::gone;
    Thread& thread = found->second;
    if (!thread.alive) return chance(2) ? Seized::gone : Seized::refused;
    if (thread.traced_by_other) return Seized::refused;
    const bool unreported = std::ranges::any_of(
        reports, [id](const Report& each) { return each.thread == id && !each.ended; });
    EXPECT_TRUE(!thread.stopped || thread.stopped_with_process || unreported)
        << "thread " << id << " has stopped, which is known";
    thread.traced = thread.asked_to_stop = true;
    if (thread.stopped_with_process) {  // PTRACE_LISTEN, which an interrupt ends
      thread.asked_to_stop = thread.stopped_with_process = false;
      stop(id, thread, Stop::with_process);
    }
    return Seized::yes;
  }
  void let_go(std::int32_t id, int signal) {
    const auto found = threads.find(id);
    if (found == threads.end() || !found->second.alive) return;  // ESRCH
    Thread& thread = found->second;
    if (thread.took_over_id && !thread.stopped) return;  // ESRCH: it was the other's stop
    EXPECT_TRUE(thread.traced && thread.stopped) << "thread " << id << " let go while it runs";
    EXPECT_FALSE(thread.ending) << "thread " << id << " let go that was told to end";
    thread.traced = thread.stopped = thread.asked_to_stop = false;
    thread.entered = thread.at_entry = thread.stopped_with_process = false;
    thread.signal |= signal != 0;
    if (thread.loaded) begin_program(thread);
    if (std::exchange(thread.failed, false)) {
      end_unanswered(thread.calls.back().hold, HoldEnd::caller_gone, true);
      thread.calls.pop_back();
    }
  }

  // What agent/gate/in_place.h says.
  void enter(std::int32_t id) {
    Thread& thread = threads.at(id);
    if (!thread.alive) return;
    EXPECT_TRUE(thread.traced && thread.stopped) << "thread " << id;
    thread.entered = true;
    thread.stopped = false;
  }
  bool take_place(std::int32_t id) { return threads.at(id).alive; }
  void meet(std::int32_t id, int signal) {
    Thread& thread = threads.at(id);
    if (!thread.alive) return;
    EXPECT_TRUE(thread.traced && thread.stopped && thread.loaded) << "thread " << id;
    thread.stopped = false;
    if (signal == 0 || chance(3)) return;  // it is ignored
    if (chance(2)) return kill(id);
    stop(id, thread, Stop::with_process);
  }
  void stay_stopped(std::int32_t id) {
    Thread& thread = threads.at(id);
    if (thread.alive) thread.stopped_with_process = true;
  }
  void continue_process(std::int32_t id) {
    Thread& thread = threads.at(id);
    if (!thread.alive || !thread.stopped_with_process) return;
    EXPECT_TRUE(thread.traced) << "a program that waits in place runs";
    thread.stopped_with_process = false;
    stop(id, thread, Stop::other);
  }
  void run_program(std::int32_t id, int signal) {
    if (threads.at(id).alive) let_go(id, signal);
  }
  void end_program(std::int32_t id) {
    Thread& thread = threads.at(id);
    if (!thread.alive) return;
    EXPECT_TRUE(thread.traced && thread.stopped && thread.loaded) << "thread " << id;
    thread.stopped = thread.stopped_with_process = false;
    thread.ending = true;
  }
  void leave(std::int32_t id) {
    Thread& thread = threads.at(id);
    if (!thread.alive) return;
    EXPECT_TRUE(thread.traced && thread.stopped && thread.loaded) << "thread " << id;
    thread.traced = thread.entered = false;
    thread.stopped_with_process = true;
  }
  Seized seize_left(std::int32_t id) {
    Thread& thread = threads.at(id);
    if (!thread.alive) return Seized::gone;
    EXPECT_TRUE(thread.stopped_with_process && !thread.traced) << "thread " << id;
    thread.traced = thread.entered = true;
    thread.stopped_with_process = false;
    stop(id, thread, Stop::with_process);
    return Seized::yes;
  }
  bool continue_left(std::int32_t id) {
    Thread& thread = threads.at(id);
    thread.stopped = thread.stopped_with_process = false;
    return thread.alive;
  }
  bool is_at_restart(std::int32_t id, std::int32_t syscall) const {
    const Thread& thread = threads.at(id);
    return thread.stopped && !thread.failed && !thread.calls.empty() &&
           thread.calls.back().syscall == syscall;
  }
  bool is_traced(std::int32_t id) const {
    const auto found = threads.find(id);
    return found != threads.end() && found->second.alive && found->second.traced;
  }
  bool is_alive(std::int32_t id) const {
    const auto found = threads.find(id);
    return found != threads.end() && found->second.alive;
  }
  bool has_signal(std::int32_t id) const { return is_alive(id) && threads.at(id).signal; }
  std::vector<std::int32_t> ids() const {
    std::vector<std::int32_t> result;
    for (const auto& [id, thread] : threads) result.push_back(id);
    return result;
  }
  // The agent has ended.
  void detach_all() {
    for (auto& [id, thread] : threads) {
      if (thread.traced && thread.entered) kill(id, false);  // PTRACE_O_EXITKILL
      if (thread.stopped_with_process) continue;
      thread.traced = thread.stopped = thread.asked_to_stop = false;
    }
    reports.clear();
  }

  std::map<std::int32_t, Thread> threads;
  std::deque<KernelEvent> ring;
  std::deque<Report> reports;
  std::map<HoldId, stayd_answer> answers;
  std::map<std::int32_t, std::uint32_t> parked;  // by process
  std::set<HoldId> raised, ended, missed;
  std::set<HoldId> begun;  // programs that waited in place
  std::size_t denied_in_time = 0, execs = 0, nested = 0, loads = 0;

 private:
  bool chance(unsigned one_in) { return random_() % one_in == 0; }

  void stop(std::int32_t id, Thread& thread, Stop how, int signal = 0) {
    thread.stopped = true;
    reports.push_back({id, false, signal, how});
  }
  void begin_program(Thread& thread) {
    begun.insert(thread.calls.back().hold);
    if (!ended.contains(thread.calls.back().hold)) end(thread.calls.back().hold);
    thread.calls.pop_back();
    for (const Call& each : thread.calls) end_unanswered(each.hold, HoldEnd::caller_gone, false);
    thread.calls.clear();
    thread.loaded = false;
  }
  void finish_ending(std::int32_t id, Thread& thread) {
    if (chance(2)) return stop(id, thread, Stop::entry);
    if (chance(4)) return stop(id, thread, Stop::other, 10);
    kill(id);
  }
  // A step of one whose program may wait in place.
  void run_traced(std::int32_t id, Thread& thread) {
    if (thread.signal) {
      thread.signal = false;
      return stop(id, thread, Stop::other, 10);
    }
    if (thread.loaded) return stop(id, thread, Stop::fault);
    thread.at_entry = !thread.at_entry;
    if (thread.at_entry) return stop(id, thread, Stop::entry);
    if (chance(8)) return stop(id, thread, Stop::restart);
    const HoldId hold = thread.calls.back().hold;
    const auto answer = answers.find(hold);
    const std::uint32_t state = answer == answers.end() ? 0 : answer->second.state;
    if (state == STAYD_ANSWER_DENY || state == STAYD_ANSWER_AGAIN ||
        (state == STAYD_ANSWER_PASS && chance(6))) {
      thread.failed = true;
      return stop(id, thread, Stop::failed);
    }
    if (state != STAYD_ANSWER_PASS && state != STAYD_ANSWER_ALLOW)
      return stop(id, thread, Stop::restart);
    if (state == STAYD_ANSWER_ALLOW) end(hold);
    ++loads;
    thread.loaded = true;
    stop(id, thread, Stop::exec);
  }

  void raise(std::int32_t id, Thread& thread) {
    Call& call = thread.calls.back();
    call.hold = ++last_hold_;
    call.session = 0;
    call.spins = 0;
    raised.insert(call.hold);
    Operation operation = an_operation(call.hold);
    operation.caller.pid = thread.process;
    operation.caller.thread = id;
    operation.syscall = call.syscall;
    operation.in_place = call.in_place;
    if (chance(4)) {
      operation.disposition = Disposition::deferred;
      operation.incomplete = true;
    }
    ring.emplace_back(std::move(operation));
  }
  void end(HoldId hold) {
    EXPECT_TRUE(ended.insert(hold).second) << "hold " << hold << " ended twice";
    answers.erase(hold);
  }
  void end_unanswered(HoldId hold, HoldEnd why, bool is_missed) {
    end(hold);
    if (is_missed)
      missed.insert(hold);
    else
      ring.emplace_back(HoldGone{hold, why});
  }
  void report_signal(std::int32_t process, std::int32_t thread, bool to_process) {
    if (parked[process] != 0) ring.emplace_back(SignalSent{process, thread, 10, to_process});
  }
  void meet_signal(std::int32_t id, Thread& thread) {
    thread.signal = false;
    if (thread.calls.empty()) return;
    if (chance(3)) {  // EINTR
      end_unanswered(thread.calls.back().hold, HoldEnd::caller_gone, false);
      thread.calls.pop_back();
    } else if (chance(3)) {
      ++nested;
      call(id);
    }
  }
  void pass(std::int32_t id, Thread& thread) {
    const bool exec = thread.calls.back().exec;
    thread.calls.pop_back();
    if (!exec) return;
    ++execs;
    // The others end; the process's first thread vanishes, and the caller takes its id.
    for (const Call& each : thread.calls) end_unanswered(each.hold, HoldEnd::caller_gone, false);
    thread.calls.clear();
    const std::int32_t process = thread.process;
    for (auto& [other, sibling] : threads)
      if (other != id && sibling.process == process) kill(other, other != process);
    if (id == process) return;
    thread.took_over_id = true;
    threads[process] = thread;
    threads.erase(id);
  }
  void consult(std::int32_t id, Thread& thread) {
    Call& call = thread.calls.back();
    const auto answer = answers.find(call.hold);
    const std::uint32_t state = answer == answers.end() ? 0 : answer->second.state;
    if (state == STAYD_ANSWER_ALLOW) {
      end(call.hold);
      pass(id, thread);
      return;
    }
    if (state == STAYD_ANSWER_DENY || state == STAYD_ANSWER_AGAIN) {
      end(call.hold);
      if (state == STAYD_ANSWER_AGAIN && chance(2))
        raise(id, thread);
      else
        thread.calls.pop_back();
      return;
    }
    if (answer != answers.end() && answer->second.session != call.session) {
      call.session = answer->second.session;
      call.spins = 0;
    }
    if (state == STAYD_ANSWER_AWAY) {
      answer->second.state = STAYD_ANSWER_SEEN;
      ring.emplace_back(
          HoldResumed{call.hold, thread.process, id, 3, call.syscall, call.in_place});
    }
    if (++call.spins <= kMaxSpins) return;
    ++denied_in_time;
    end_unanswered(call.hold, HoldEnd::caller_gone, false);
    thread.calls.pop_back();
  }

  std::mt19937& random_;
  HoldId last_hold_ = 0;
};

}  // namespace stayd::test
