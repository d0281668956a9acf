// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <memory>
#include <numeric>
#include <random>
#include <set>
#include <utility>

#include "gate/hold_table.h"
#include "unit/gate/simulated_kernel.h"

namespace stayd::test {
namespace {

struct Seen {
  std::size_t parked = 0, away = 0, adopted = 0, refused = 0, found_ended = 0, deferred = 0;
  std::size_t execs = 0, nested = 0, denied_in_time = 0, answered = 0, gone = 0;
  std::size_t loads = 0, begun = 0, told_to_end = 0, left = 0, met = 0, stayed_stopped = 0;
};

struct Mix {
  bool agents_change = false;
  int processes = 3;  // with three threads each
  int spawned = 0;    // with one, whose programs wait in place
};

// A kernel, agents that follow one another, and a desk that outlives them, in a random order of
// everything that need not be in order.
class World {
 public:
  World(std::uint32_t seed, Mix mix, Seen& seen)
      : random_(seed), agents_change_(mix.agents_change), patient_(mix.spawned > 0), seen_(seen) {
    for (std::int32_t process = 100; process < 100 * (1 + mix.processes); process += 100)
      for (std::int32_t thread = process; thread < process + 3; ++thread)
        kernel_.threads[thread].process = process;
    for (std::int32_t id = 501; id < 501 + mix.spawned; ++id) add_spawned(id);
    next_thread_ = 1000;
    begin_agent();
  }

  void run(int steps) {
    for (int i = 0; i < steps && !::testing::Test::HasFailure(); ++i) {
      step();
      expect_counts_agree();
    }
    settle();
    expect_all_parked();
    for (int round = 0; round < 200 && !open_.empty(); ++round) {
      for (const HoldId hold : std::set<HoldId>(open_)) answer(hold);
      settle();
    }
    expect_nothing_left();
  }

 private:
  bool chance(unsigned one_in) { return random_() % one_in == 0; }
  std::int32_t any_thread() {
    auto at = kernel_.threads.begin();
    do {
      at = kernel_.threads.begin();
      std::advance(at, static_cast<long>(random_() % kernel_.threads.size()));
    } while (patient_ && !at->second.alive);
    return at->first;
  }

  void add_spawned(std::int32_t id) {
    SimulatedKernel::Thread& thread = kernel_.threads[id];
    thread.process = id;
    thread.spawned = true;
  }

  void step() {
    now_ += random_() % 50'000'000;
    switch (random_() % 24) {
      case 0:
      case 1:
      case 2:
        return kernel_.call_if_idle(any_thread());
      case 3:
        return chance(2) ? kernel_.signal_process(kernel_.threads.at(any_thread()).process)
                         : kernel_.signal_thread(any_thread());
      case 4:
        if (chance(4)) replace_thread(any_thread());
        return;
      case 5:
        return chance(2) ? kernel_.swap_object(any_thread()) : continue_process(any_thread());
      case 6:
      case 7:
        if (!patient_ || chance(12)) answer_any();
        return;
      case 8:
        return deliver_any();
      case 9:
        if (chance(3)) carry_out(table_->tick(now_));
        return;
      case 10:
        if (agents_change_ && chance(patient_ ? 18 : 6)) change_agent();
        return;
      case 11:
      case 12:
      case 13:
      case 14:
        return read_ring();
      case 15:
      case 16:
      case 17:
        return read_reports();
      default:
        return kernel_.run(any_thread());
    }
  }

  // A thread ends, and its process, or the one that its number goes to, begins another.
  void replace_thread(std::int32_t id) {
    const std::int32_t process = kernel_.threads.at(id).process;
    const bool spawned = kernel_.threads.at(id).spawned;
    kernel_.kill(id);
    if (spawned) return add_spawned(next_thread_++);
    SimulatedKernel::Thread& fresh = kernel_.threads[next_thread_++];
    fresh.process = process;
    fresh.traced_by_other = chance(6);
  }

  void continue_process(std::int32_t id) {
    if (kernel_.threads.at(id).traced) kernel_.continue_process(id);
  }

  void begin_agent() {
    table_ = std::make_unique<HoldTable>();
    kernel_.parked.clear();
    seen_.adopted += open_.size();
    std::set<HoldId> waiting = open_;
    std::vector<std::pair<HoldId, stayd_answer>> in_place;
    for (const auto& each : kernel_.answers)
      if (each.second.state == STAYD_ANSWER_IN_PLACE) in_place.push_back(each);
    for (const auto& [hold, place] : in_place) waiting.erase(hold);
    carry_out(table_->adopt({waiting.begin(), waiting.end()}, now_));
    for (const auto& [hold, place] : in_place)
      carry_out(table_->adopt_in_place(hold, place, open_.contains(hold)));
  }
  // On purpose, or by a crash, perhaps of the moment in which a report is half taken from the ring.
  void change_agent() {
    bool half_read = false;
    if (chance(2)) {
      carry_out(table_->hand_over());
      EXPECT_EQ(table_->load().waiting, 0u);
    } else if (chance(2) && !kernel_.ring.empty()) {
      const KernelEvent event = kernel_.ring.front();
      read_ring();
      const auto* operation = std::get_if<Operation>(&event);
      half_read = operation != nullptr && open_.contains(operation->hold_id);
      if (half_read) kernel_.ring.push_front(event);
    }
    kernel_.detach_all();
    deferred_.clear();
    begin_agent();
    if (half_read) read_ring();  // before anything else
  }

  void read_ring() {
    if (kernel_.ring.empty()) return;
    const KernelEvent event = std::move(kernel_.ring.front());
    kernel_.ring.pop_front();
    std::visit([this](const auto& each) { on(each); }, event);
  }
  void on(const Operation& operation) {
    std::optional<DeferredVerdict> verdict;
    if (operation.incomplete && chance(2)) verdict = any_verdict();
    if (operation.incomplete && !verdict) deferred_.insert(operation.hold_id);
    carry_out(table_->reported(operation, verdict));
  }
  void on(const HoldResumed& resumed) { carry_out(table_->resumed(resumed)); }
  void on(const HoldGone& gone) { carry_out(table_->gone(gone)); }
  void on(const SignalSent& signal) { carry_out(table_->signal_sent(signal)); }
  template <class Other>
  void on(const Other&) {}

  // Of different threads they come in any order.
  void read_reports() {
    if (kernel_.reports.empty()) return;
    auto at = kernel_.reports.begin();
    std::advance(at, static_cast<long>(random_() % kernel_.reports.size()));
    at = std::ranges::find(kernel_.reports, at->thread, &SimulatedKernel::Report::thread);
    const SimulatedKernel::Report report = *at;
    kernel_.reports.erase(at);
    // A thread that was killed in between is not stopped any more, and ptrace says ESRCH.
    if (report.ended)
      carry_out(table_->ended(report.thread));
    else
      carry_out(take_stop(report));
  }
  Actions take_stop(const SimulatedKernel::Report& report) {
    using Stop = SimulatedKernel::Stop;
    switch (report.stop) {
      case Stop::fault:
        return table_->faulted(report.thread);
      case Stop::with_process:
        return table_->stopped_with_process(report.thread);
      case Stop::entry:
        return table_->stopped_at_call(report.thread, CallStop::entry);
      case Stop::restart:
        return table_->stopped_at_call(report.thread, CallStop::restart);
      case Stop::failed:
        return table_->stopped_at_call(report.thread, CallStop::failed);
      case Stop::exec:
        return table_->stopped_at_exec(report.thread);
      case Stop::other:
        break;
    }
    return table_->stopped(report.thread, report.signal);
  }

  DeferredVerdict any_verdict() {
    return {.what = static_cast<DeferredVerdict::What>(random_() % 5), .observed = chance(5)};
  }
  void deliver_any() {
    if (deferred_.empty()) return;
    ++seen_.deferred;
    const HoldId hold = *deferred_.begin();
    deferred_.erase(deferred_.begin());
    carry_out(table_->verdict_arrived({hold, any_verdict()}));
  }
  void answer_any() {
    if (open_.empty()) return;
    auto at = open_.begin();
    std::advance(at, static_cast<long>(random_() % open_.size()));
    answer(*at);
  }
  void answer(HoldId hold) {
    if (open_.erase(hold) == 0) return;
    ++seen_.answered;
    const auto answer = static_cast<HoldAnswer>(random_() % 3);
    if (answer == HoldAnswer::allow) allowed_.insert(hold);
    carry_out(table_->answer({hold, answer, 0}));
    if (chance(8)) carry_out(table_->answer({hold, HoldAnswer::allow, 0}));  // has no effect
  }

  void carry_out(const Actions& actions) {
    for (const Action& each : actions) std::visit([this](const auto& one) { act(one); }, each);
  }
  void act(const Seize& seize) {
    const Seized result = kernel_.seize(seize.thread);
    if (result == Seized::refused) ++seen_.refused;
    if (result == Seized::yes && chance(4)) {  // the stop is reported before the seize
      kernel_.run(seize.thread);
      read_reports();
    }
    carry_out(table_->seized(seize.thread, result));
  }
  void act(const LookAtRestart& look) {
    const auto thread = kernel_.threads.find(look.thread);
    const bool yes =
        thread != kernel_.threads.end() && kernel_.is_at_restart(look.thread, look.syscall);
    if (chance(8)) read_ring();
    carry_out(table_->at_restart(look.hold, yes));
  }
  void act(const LookForSignal& look) {
    ++seen_.parked;
    carry_out(table_->signal_pending(look.hold, kernel_.has_signal(look.thread)));
  }
  void act(const LookForEnd& look) {
    const bool ended =
        look.hold != 0 ? !kernel_.is_alive(look.thread) : !kernel_.is_traced(look.thread);
    if (!ended) return;
    ++seen_.found_ended;
    carry_out(table_->found_ended(look));
  }
  void act(const TakePlace& take) {
    const auto thread = kernel_.threads.find(take.thread);
    std::optional<ProgramStart> start;
    if (thread != kernel_.threads.end() && thread->second.alive)
      start = {.instruction = start_of(take.thread), .blocked_signals = 0};
    carry_out(table_->loaded(take.hold, start));
  }
  void act(const SeizeInPlace& seize) {
    carry_out(table_->seized(seize.thread, kernel_.seize_left(seize.thread)));
  }
  void act(const Continue& what) {
    carry_out(table_->continued(what.thread, kernel_.continue_left(what.thread)));
  }
  void act(const Enter& enter) { kernel_.enter(enter.thread); }
  void act(const Meet& meet) {
    ++seen_.met;
    kernel_.meet(meet.thread, meet.signal);
  }
  void act(const StayStopped& stay) {
    ++seen_.stayed_stopped;
    kernel_.stay_stopped(stay.thread);
  }
  void act(const Run& run) {
    ASSERT_EQ(run.start.instruction, start_of(run.thread));
    kernel_.run_program(run.thread, run.signal);
  }
  void act(const End& end) {
    ++seen_.told_to_end;
    kernel_.end_program(end.thread);
  }
  void act(const LeaveInPlace& leave) {
    ++seen_.left;
    kernel_.leave(leave.thread);
  }
  void act(const LetGo& let) { kernel_.let_go(let.thread, let.signal); }
  void act(const WriteAnswer& write) {
    ASSERT_FALSE(answered_.contains(write.hold)) << "hold " << write.hold << " answered twice";
    const std::uint32_t state = write.answer.state;
    if (state == STAYD_ANSWER_AWAY) ++seen_.away;
    if (state == STAYD_ANSWER_ALLOW) allowed_.insert(write.hold);
    if (state == STAYD_ANSWER_ALLOW || state == STAYD_ANSWER_DENY || state == STAYD_ANSWER_AGAIN)
      answered_.insert(write.hold);
    kernel_.answers[write.hold] = write.answer;
  }
  void act(const ForgetAnswer& forget) { kernel_.answers.erase(forget.hold); }
  void act(const SetParkedThreads& set) { kernel_.parked[set.process] = set.threads; }
  void act(const CountHandled&) { ++handled_; }
  void act(const Notify& notify) {
    if (const auto* gone = std::get_if<HoldGone>(&notify.notice)) {
      ++seen_.gone;
      ASSERT_EQ(open_.erase(gone->hold), 1u) << "hold " << gone->hold << " is not the desk's";
      ASSERT_TRUE(told_gone_.insert(gone->hold).second);
      return;
    }
    const auto& operation = std::get<Operation>(notify.notice);
    if (operation.hold_id == 0) return;
    ASSERT_EQ(operation.disposition, Disposition::held);
    ASSERT_FALSE(answered_.contains(operation.hold_id) || told_gone_.contains(operation.hold_id));
    open_.insert(operation.hold_id);
  }

  static std::uint64_t start_of(std::int32_t thread) {
    return 0x400000 + static_cast<std::uint64_t>(thread);
  }
  void expect_counts_agree() const {
    const std::size_t parked =
        std::accumulate(kernel_.parked.begin(), kernel_.parked.end(), std::size_t{0},
                        [](std::size_t sum, const auto& each) { return sum + each.second; });
    ASSERT_EQ(table_->load().parked, parked);
    if (!agents_change_) {
      ASSERT_LE(handled_, kernel_.raised.size()) << "a hold was counted twice";
    }
  }

  // Nobody does anything new, and what is under way comes to rest.
  void settle() {
    for (int round = 0; round < 3 * SimulatedKernel::kMaxSpins; ++round) {
      now_ += 20'000'000;
      while (!deferred_.empty()) deliver_any();
      while (!kernel_.ring.empty()) read_ring();
      while (!kernel_.reports.empty()) read_reports();
      for (const std::int32_t id : kernel_.ids())
        if (kernel_.threads.contains(id)) {
          continue_process(id);
          kernel_.run(id);
        }
      if (round % 20 == 0) carry_out(table_->tick(now_));
    }
  }
  void expect_all_parked() const {
    std::size_t stopped = 0;
    for (const auto& [id, thread] : kernel_.threads) {
      if (!thread.alive) continue;
      stopped += thread.stopped;
      ASSERT_EQ(thread.stopped, !thread.calls.empty()) << "thread " << id;
      if (!thread.stopped) continue;
      const HoldId hold = thread.calls.back().hold;
      ASSERT_TRUE(open_.contains(hold)) << "the desk does not know of hold " << hold;
      ASSERT_EQ(kernel_.answers.at(hold).state,
                thread.loaded ? STAYD_ANSWER_IN_PLACE : STAYD_ANSWER_PARKED)
          << "hold " << hold;
      ASSERT_FALSE(thread.signal) << "thread " << id << " is parked and does not meet its signal";
    }
    ASSERT_EQ(table_->load().parked, stopped);
    ASSERT_EQ(table_->load().waiting, open_.size());
  }
  void expect_nothing_left() const {
    ASSERT_TRUE(open_.empty());
    for (const auto& [id, thread] : kernel_.threads)
      ASSERT_FALSE(thread.stopped || thread.traced || !thread.calls.empty()) << "thread " << id;
    ASSERT_EQ(kernel_.ended, kernel_.raised) << "a hold did not end";
    ASSERT_EQ(table_->load().waiting, 0u);
    ASSERT_EQ(table_->load().deferred, 0u);
    ASSERT_FALSE(table_->needs_tick()) << "a thread is noted as traced";
    for (const auto& [hold, answer] : kernel_.answers)
      ASSERT_TRUE(kernel_.missed.contains(hold)) << "the answer of hold " << hold << " stays";
    if (!agents_change_) {
      ASSERT_EQ(handled_, kernel_.raised.size());
    }
    for (const HoldId hold : kernel_.begun)
      ASSERT_TRUE(allowed_.contains(hold)) << "the program of hold " << hold << " runs";
    seen_.loads += kernel_.loads;
    seen_.begun += kernel_.begun.size();
    seen_.execs += kernel_.execs;
    seen_.nested += kernel_.nested;
    seen_.denied_in_time += kernel_.denied_in_time;
  }

  std::mt19937 random_;
  const bool agents_change_;
  const bool patient_;  // answers come late: the way to where a program waits is long
  Seen& seen_;
  SimulatedKernel kernel_{random_};
  std::unique_ptr<HoldTable> table_;
  std::uint64_t now_ = 1'000'000'000'000;
  std::int32_t next_thread_ = 0;
  std::size_t handled_ = 0;
  std::set<HoldId> deferred_;  // of the evaluator
  std::set<HoldId> open_;      // of the desk
  std::set<HoldId> answered_, told_gone_, allowed_;
};

Seen run_worlds(Mix mix) {
  Seen seen;
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World(seed, mix, seen).run(mix.spawned > 0 ? 5000 : 2000);
    if (::testing::Test::HasFailure()) break;
  }
  return seen;
}

TEST(HoldTableProperties, EveryHoldEndsOnceAndNoThreadStaysParked) {
  const Seen seen = run_worlds({});
  // Else the orders would show less than the name says.
  EXPECT_GT(seen.parked, 1000u);
  EXPECT_GT(seen.away, 500u);
  EXPECT_GT(seen.answered, 1000u);
  EXPECT_GT(seen.gone, 500u);
  EXPECT_GT(seen.deferred, 300u);
  EXPECT_GT(seen.refused, 50u);
  EXPECT_GT(seen.found_ended, 3u);
  EXPECT_GT(seen.nested, 100u);
  EXPECT_GT(seen.execs, 80u);
}

TEST(HoldTableProperties, NoHoldIsLostOrAnsweredTwiceWhenAgentsFollowOneAnother) {
  const Seen seen = run_worlds({.agents_change = true});
  EXPECT_GT(seen.adopted, 400u);
  EXPECT_GT(seen.parked, 1000u);
  EXPECT_GT(seen.answered, 1000u);
}

TEST(HoldTableProperties, NoProgramInPlaceBeginsUnlessItIsAllowed) {
  const Seen seen = run_worlds({.processes = 1, .spawned = 3});
  EXPECT_GT(seen.loads, 200u);
  EXPECT_GT(seen.begun, 40u);
  EXPECT_GT(seen.told_to_end, 150u);
  EXPECT_GT(seen.met, 500u);
  EXPECT_GT(seen.stayed_stopped, 20u);
}

TEST(HoldTableProperties, NoProgramInPlaceBeginsOrIsLostWhenAgentsFollowOneAnother) {
  const Seen seen = run_worlds({.agents_change = true, .processes = 1, .spawned = 3});
  EXPECT_GT(seen.left, 25u);
  EXPECT_GT(seen.begun, 15u);
}

}  // namespace
}  // namespace stayd::test
