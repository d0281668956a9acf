// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "gate/actions.h"
#include "kernel/decoder.h"
#include "support/operation_builder.h"

namespace stayd::test {

// As much of bpf/lib/hold.bpf.h, bpf/lifecycle.bpf.h and ptrace(2) as a hold's life depends on:
// some threads that make system calls, spin at them, meet signals, call execve and die; the ring,
// the answers, and what waitpid has to say.
class SimulatedKernel {
 public:
  struct Call {
    HoldId hold = 0;
    std::int32_t syscall = 0;
    bool exec = false;
    bool may_pend = false;
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
  };
  struct Report {  // of waitpid
    std::int32_t thread = 0;
    bool ended = false;
    int signal = 0;
  };
  static constexpr int kMaxSpins = 60;  // then the hold is denied

  explicit SimulatedKernel(std::mt19937& random) : random_(random) {}

  void call(std::int32_t id) {
    Thread& thread = threads.at(id);
    if (!thread.alive || thread.stopped || thread.calls.size() > 2) return;
    thread.calls.push_back(
        {.syscall = chance(2) ? 257 : 2, .exec = chance(8), .may_pend = chance(5)});
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
    // The table can learn of an end that waitpid does not report from this report alone.
    const bool unreported = reported_by_waitpid && chance(8);
    for (const Call& each : thread.calls)
      end_unanswered(each.hold, HoldEnd::caller_gone, unreported);
    thread.calls.clear();
    if (thread.traced && reported_by_waitpid) reports.push_back({id, true, 0});
    thread.traced = false;
  }
  // Comes back with another object.
  void swap_object(std::int32_t id) {
    Thread& thread = threads.at(id);
    if (!thread.alive || thread.stopped || thread.calls.empty()) return;
    end_unanswered(thread.calls.back().hold, HoldEnd::superseded, false);
    raise(id, thread);
  }

  // The socket of a pending connection is closed.
  void close_any_socket() {
    if (connections.empty()) return;
    const HoldId hold = *connections.begin();
    connections.erase(hold);
    end_unanswered(hold, HoldEnd::caller_gone, false);
  }
  // Its seal is opened, or the connection refused.
  void end_connection(HoldId hold) {
    if (connections.erase(hold) != 0) end(hold);
  }

  // One pass of a thread that is not stopped through its system call.
  void run(std::int32_t id) {
    Thread& thread = threads.at(id);
    if (!thread.alive || thread.stopped) return;
    if (thread.traced && thread.asked_to_stop) {
      const bool for_signal = thread.signal && chance(3);
      if (for_signal) thread.signal = false;
      thread.stopped = true;
      thread.asked_to_stop = false;
      reports.push_back({id, false, for_signal ? 10 : 0});
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
    EXPECT_TRUE(!thread.stopped || unreported) << "thread " << id << " has stopped, which is known";
    thread.traced = thread.asked_to_stop = true;
    return Seized::yes;
  }
  void let_go(std::int32_t id, int signal) {
    const auto found = threads.find(id);
    if (found == threads.end() || !found->second.alive) return;  // ESRCH
    Thread& thread = found->second;
    if (thread.took_over_id && !thread.stopped) return;  // ESRCH: it was the other's stop
    EXPECT_TRUE(thread.traced && thread.stopped) << "thread " << id << " let go while it runs";
    thread.traced = thread.stopped = thread.asked_to_stop = false;
    thread.signal |= signal != 0;
  }
  bool is_at_restart(std::int32_t id, std::int32_t syscall) const {
    const Thread& thread = threads.at(id);
    return thread.stopped && !thread.calls.empty() && thread.calls.back().syscall == syscall;
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
    for (auto& [id, thread] : threads)
      thread.traced = thread.stopped = thread.asked_to_stop = false;
    reports.clear();
  }

  std::map<std::int32_t, Thread> threads;
  std::deque<KernelEvent> ring;
  std::deque<Report> reports;
  std::map<HoldId, stayd_answer> answers;
  std::map<std::int32_t, std::uint32_t> parked;  // by process
  std::set<HoldId> raised, ended, missed;
  std::set<HoldId> connections;  // that are pending
  std::size_t denied_in_time = 0, execs = 0, nested = 0, pended = 0;

 private:
  bool chance(unsigned one_in) { return random_() % one_in == 0; }

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
    operation.pending = call.may_pend;
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
    const std::uint32_t state =
        answer == answers.end() ? 0 : STAYD_ANSWER_STATE(answer->second.word);
    if (state == STAYD_ANSWER_ALLOW) {
      end(call.hold);
      pass(id, thread);
      return;
    }
    if (state == STAYD_ANSWER_PEND) {
      ASSERT_TRUE(call.may_pend) << "hold " << call.hold;
      connections.insert(call.hold);
      thread.calls.pop_back();
      ++pended;
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
      if (state == STAYD_ANSWER_AWAY)
        ring.emplace_back(HoldResumed{call.hold, thread.process, id, 3, call.syscall});
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
