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
  std::size_t pended = 0, judged_again = 0;
};

// A kernel, agents that follow one another, and a desk that outlives them, in a random order of
// everything that need not be in order.
class World {
 public:
  World(std::uint32_t seed, bool agents_change, Seen& seen)
      : random_(seed), agents_change_(agents_change), seen_(seen) {
    for (std::int32_t process = 100; process < 400; process += 100)
      for (std::int32_t thread = process; thread < process + 3; ++thread)
        kernel_.threads[thread].process = process;
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
    std::advance(at, static_cast<long>(random_() % kernel_.threads.size()));
    return at->first;
  }

  void step() {
    now_ += random_() % 50'000'000;
    switch (random_() % 24) {
      case 0:
      case 1:
      case 2:
        return kernel_.call_if_idle(any_thread());
      case 3:
        return chance(2)
                   ? kernel_.signal_process(static_cast<std::int32_t>(1 + random_() % 3) * 100)
                   : kernel_.signal_thread(any_thread());
      case 4:
        if (chance(4)) replace_thread(any_thread());
        return;
      case 5:
        if (chance(4)) kernel_.close_any_socket();
        return kernel_.swap_object(any_thread());
      case 6:
      case 7:
        return answer_any();
      case 8:
        return deliver_any();
      case 9:
        if (chance(3)) carry_out(table_->tick(now_));
        return;
      case 10:
        if (agents_change_ && chance(6)) change_agent();
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
    kernel_.kill(id);
    SimulatedKernel::Thread& fresh = kernel_.threads[next_thread_++];
    fresh.process = process;
    fresh.traced_by_other = chance(6);
  }

  void begin_agent() {
    table_ = std::make_unique<HoldTable>();
    kernel_.parked.clear();
    seen_.adopted += open_.size();
    for (auto& [hold, answer] : kernel_.answers)
      if (STAYD_ANSWER_STATE(answer.word) == STAYD_ANSWER_PEND && !open_.contains(hold))
        answer.word = STAYD_ANSWER_WORD(hold, STAYD_ANSWER_AGAIN);
    carry_out(table_->adopt({open_.begin(), open_.end()}, now_, kernel_.connections));
    for (const HoldId hold : std::set<HoldId>(kernel_.connections))
      if (!open_.contains(hold)) kernel_.end_connection(hold);  // refused
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
      carry_out(table_->stopped(report.thread, report.signal));
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
    carry_out(table_->answer({hold, answer, 0}));
    if (answer != HoldAnswer::judge_again && chance(8))
      carry_out(table_->answer({hold, HoldAnswer::allow, 0}));  // has no effect
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
  void act(const JudgeAgain& judge) {
    ++seen_.judged_again;
    ASSERT_NE(table_->to_judge_again(judge.hold, 5), nullptr);
    if (chance(3))
      deferred_.insert(judge.hold);
    else
      carry_out(table_->verdict_arrived({judge.hold, any_verdict()}));
  }
  void act(const ReachNetwork&) {}
  void act(const Connect& connect) {
    if (!kernel_.connections.contains(connect.hold)) return;
    ASSERT_EQ(STAYD_ANSWER_STATE(kernel_.answers.at(connect.hold).word), STAYD_ANSWER_ALLOW);
    kernel_.end_connection(connect.hold);
  }
  void act(const Refuse& refuse) {
    if (!kernel_.connections.contains(refuse.hold)) return;
    ASSERT_EQ(STAYD_ANSWER_STATE(kernel_.answers.at(refuse.hold).word), STAYD_ANSWER_DENY);
    kernel_.end_connection(refuse.hold);
  }
  void act(const LetGo& let) { kernel_.let_go(let.thread, let.signal); }
  void act(const WriteAnswer& write) {
    ASSERT_FALSE(answered_.contains(write.hold)) << "hold " << write.hold << " answered twice";
    const std::uint32_t state = STAYD_ANSWER_STATE(write.answer.word);
    if (state == STAYD_ANSWER_AWAY) ++seen_.away;
    if (state != STAYD_ANSWER_AWAY && state != STAYD_ANSWER_PARKED && state != STAYD_ANSWER_PEND)
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
        if (kernel_.threads.contains(id)) kernel_.run(id);
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
      ASSERT_EQ(kernel_.answers.at(hold).word, STAYD_ANSWER_WORD(hold, STAYD_ANSWER_PARKED))
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
    seen_.execs += kernel_.execs;
    seen_.nested += kernel_.nested;
    seen_.pended += kernel_.pended;
    seen_.denied_in_time += kernel_.denied_in_time;
  }

  std::mt19937 random_;
  const bool agents_change_;
  Seen& seen_;
  SimulatedKernel kernel_{random_};
  std::unique_ptr<HoldTable> table_;
  std::uint64_t now_ = 1'000'000'000'000;
  std::int32_t next_thread_ = 0;
  std::size_t handled_ = 0;
  std::set<HoldId> deferred_;  // of the evaluator
  std::set<HoldId> open_;      // of the desk
  std::set<HoldId> answered_, told_gone_;
};

Seen run_worlds(bool agents_change) {
  Seen seen;
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World(seed, agents_change, seen).run(2000);
    if (::testing::Test::HasFailure()) break;
  }
  return seen;
}

TEST(HoldTableProperties, EveryHoldEndsOnceAndNoThreadStaysParked) {
  const Seen seen = run_worlds(false);
  // Else the orders would show less than the name says.
  EXPECT_GT(seen.parked, 1000u);
  EXPECT_GT(seen.away, 500u);
  EXPECT_GT(seen.answered, 1000u);
  EXPECT_GT(seen.gone, 500u);
  EXPECT_GT(seen.deferred, 300u);
  EXPECT_GT(seen.refused, 50u);
  EXPECT_GT(seen.found_ended, 3u);
  EXPECT_GT(seen.nested, 100u);
  EXPECT_GT(seen.pended, 100u);
  EXPECT_GT(seen.judged_again, 50u);
  EXPECT_GT(seen.execs, 80u);
}

TEST(HoldTableProperties, NoHoldIsLostOrAnsweredTwiceWhenAgentsFollowOneAnother) {
  const Seen seen = run_worlds(true);
  EXPECT_GT(seen.adopted, 400u);
  EXPECT_GT(seen.parked, 1000u);
  EXPECT_GT(seen.answered, 1000u);
}

}  // namespace
}  // namespace stayd::test
