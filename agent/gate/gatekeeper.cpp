// SPDX-License-Identifier: Apache-2.0
#include "gate/gatekeeper.h"

#include <bpf/libbpf.h>
#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/fd.h"
#include "base/log.h"
#include "gate/tracee.h"
#include "kernel/argument_pieces.h"
#include "kernel/decoder.h"

namespace stayd {
namespace {

constexpr int kRealTimePriority = 10;
constexpr int kEventStop = 128;  // PTRACE_EVENT_STOP, ptrace(2)
constexpr std::chrono::milliseconds kLookEvery{1000};
// What waited for an earlier agent and is not heard of for so long has ended meanwhile: what waits
// and is not parked goes round and round.
constexpr std::uint64_t kAdoptionNs = 10'000'000'000;

enum class Where {
  spinning,  // running through restarts; we have asked it to stop
  parked,    // stopped by us
  away,      // let go to meet a signal; the kernel tells when it is back
};

struct Hold {
  pid_t thread = 0;
  pid_t process = 0;
  std::uint32_t slot = 0;
  std::int32_t syscall = 0;
  std::uint32_t session = 0;
  std::uint64_t labels = 0;  // see DeferredVerdict
  Where where = Where::spinning;
  bool handled = false;  // counted as dealt with, see holds_handled
  bool quiet = false;    // neither parked nor heard of when look_for_ended() came by
};

struct Answer {
  HoldId hold;
  std::uint32_t state;  // STAYD_ANSWER_ALLOW, DENY or AGAIN
  std::uint64_t expires_ns;
};

std::uint32_t state_of(HoldAnswer answer) {
  switch (answer) {
    case HoldAnswer::allow:
      return STAYD_ANSWER_ALLOW;
    case HoldAnswer::judge_again:
      return STAYD_ANSWER_AGAIN;
    case HoldAnswer::deny:
      break;
  }
  return STAYD_ANSWER_DENY;
}

sigset_t child_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  return set;
}

Disposition disposition_of(const DeferredVerdict& verdict) {
  switch (verdict.what) {
    case DeferredVerdict::What::hold:
      return verdict.observed ? Disposition::would_hold : Disposition::held;
    case DeferredVerdict::What::deny:
      return verdict.observed ? Disposition::would_deny : Disposition::denied;
    default:
      return Disposition::audited;
  }
}

std::uint32_t answer_to(const DeferredVerdict& verdict) {
  if (verdict.what == DeferredVerdict::What::again) return STAYD_ANSWER_AGAIN;
  const bool denied = verdict.what == DeferredVerdict::What::deny && !verdict.observed;
  return denied ? STAYD_ANSWER_DENY : STAYD_ANSWER_ALLOW;
}

struct RingDeleter {
  void operator()(ring_buffer* ring) const { ring_buffer__free(ring); }
};

class RealGatekeeper final : public Gatekeeper {
 public:
  RealGatekeeper(const Programs& programs, Tables& tables, Evaluator& evaluator, Listener listener)
      : programs_(programs),
        tables_(tables),
        evaluator_(evaluator),
        listener_(std::move(listener)) {}
  ~RealGatekeeper() override;

  Result<> prepare(const std::vector<HoldId>& waiting);
  void run_in_background() {
    thread_ = std::thread([this] { run(); });
  }

  void answer(HoldId hold, HoldAnswer answer, std::uint64_t expires_ns) override {
    post({hold, state_of(answer), answer == HoldAnswer::allow ? expires_ns : 0});
  }
  void rule(HoldId hold, DeferredVerdict verdict) override;
  void hand_over() override;
  Load load() const override { return {waiting_, parked_, asked_count_, real_time_}; }

 private:
  void run();
  void adopt(const std::vector<HoldId>& waiting);
  void let_all_go();
  void reap();
  void look_for_ended();
  void post(const Answer& answer);
  void take_answers();
  void wake() const;

  static int on_sample(void* self, void* data, std::size_t size);
  void on(Operation& operation);
  void on(const HoldResumed& resumed);
  void on(const HoldGone& gone);
  void on(const SignalSent& signal);
  void on(const CgroupMade& made) { listener_(made); }
  void on(const LabelsRead& touched) { listener_(touched); }
  void on(const EntryChanged& changed) { listener_(changed); }
  void on(const ArgumentsChanged& changed) { listener_(changed); }
  void on(const DnsPacket& packet);

  void read_arguments_of(Operation& operation);
  void evaluate(Operation& operation);
  void carry_out(Operation operation, const DeferredVerdict& verdict);
  void ask_to_stop(HoldId id, Hold& hold);
  void on_stopped(pid_t thread, int status);
  void on_ended(pid_t thread);
  void park(HoldId id, Hold& hold);
  void send_away(HoldId id, Hold& hold, int signal);
  void settle(const Answer& answer);
  bool unpark(HoldId id, Hold& hold);
  void forget(const HoldGone& gone);
  void count_handled(Hold& hold);
  void publish_load();

  const Programs& programs_;
  Tables& tables_;
  Evaluator& evaluator_;
  Listener listener_;
  Fd epoll_, children_, wakeup_;
  std::unique_ptr<ring_buffer, RingDeleter> ring_;
  ArgumentPieces pieces_;
  std::thread thread_;
  std::uint64_t begun_ns_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> handing_over_ = false;
  std::atomic<std::uint64_t> waiting_ = 0, parked_ = 0, asked_count_ = 0;
  std::atomic<bool> real_time_ = false;

  std::mutex answers_mutex_;
  std::vector<Answer> answers_;
  std::vector<std::pair<HoldId, DeferredVerdict>> verdicts_;

  // All below belongs to the gatekeeper's thread.
  std::unordered_map<HoldId, Hold> holds_;
  // What the evaluator has not said yet.
  std::unordered_map<HoldId, Operation> asked_;
  // Every thread that we trace, and the hold it is traced for; 0: let go when it stops.
  std::unordered_map<pid_t, HoldId> tracees_;
  std::unordered_map<pid_t, std::unordered_set<HoldId>> parked_by_process_;
  std::uint64_t parked_count_ = 0;
};

RealGatekeeper::~RealGatekeeper() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  wake();
  thread_.join();
}

void RealGatekeeper::wake() const {
  std::uint64_t one = 1;
  [[maybe_unused]] ssize_t ignored = ::write(wakeup_.get(), &one, sizeof(one));
}

Result<> RealGatekeeper::prepare(const std::vector<HoldId>& waiting) {
  const sigset_t children = child_signals();
  children_ = Fd(::signalfd(-1, &children, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!children_) return errno_error("signalfd");
  wakeup_ = Fd(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!wakeup_) return errno_error("eventfd");
  epoll_ = Fd(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll_) return errno_error("epoll_create1");

  // What an earlier agent left unread is read first: some of it may still wait.
  ring_.reset(ring_buffer__new(programs_.maps().events, on_sample, this, nullptr));
  if (!ring_) return errno_error("open event ring");
  if (Result<> opened = pieces_.open(programs_); !opened) return opened;
  begun_ns_ = boot_time_ns();
  tables_.reset_handled();
  adopt(waiting);

  for (int fd : {ring_buffer__epoll_fd(ring_.get()), children_.get(), wakeup_.get()}) {
    epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event)) return errno_error("epoll_ctl");
  }
  return {};
}

// The threads of an earlier agent's holds are somewhere on their way round. Each is told to
// report, and is not counted as spinning: who had counted it is not known.
void RealGatekeeper::adopt(const std::vector<HoldId>& waiting) {
  // Not what the thread has seen before, so that its limit begins anew.
  const auto session = static_cast<std::uint32_t>(boot_time_ns() >> 20) | 1u;
  for (const HoldId id : waiting) {
    Hold& hold = holds_[id];
    hold.session = session;
    hold.where = Where::away;
    hold.handled = true;
    Result<> noted =
        tables_.set_answer(id, {.expires_ns = 0, .state = STAYD_ANSWER_AWAY, .session = session});
    if (!noted) log_error("hold {}: {}", id, noted.error().message);
  }
}

void RealGatekeeper::on(const DnsPacket& packet) {
  if (packet.time_ns < begun_ns_) return;  // to an earlier agent, and not counted
  evaluator_.on(packet);
  tables_.count_names_handled(packet.workload.slot);
}

void RealGatekeeper::hand_over() {
  handing_over_ = true;
  stopping_ = true;
  wake();
  if (thread_.joinable()) thread_.join();
}

// Those that have not stopped yet are let go by the kernel when this thread ends. What was only
// asked nobody else has heard of: it is asked again.
void RealGatekeeper::let_all_go() {
  for (auto& [id, hold] : holds_) {
    const bool stopped = hold.where == Where::parked;
    const std::uint32_t state = asked_.contains(id) ? STAYD_ANSWER_AGAIN : STAYD_ANSWER_AWAY;
    ++hold.session;
    Result<> noted =
        tables_.set_answer(id, {.expires_ns = 0, .state = state, .session = hold.session});
    if (!noted) log_error("hold {}: {}", id, noted.error().message);
    unpark(id, hold);
    if (stopped) tracee::let_go(hold.thread);
  }
}

void RealGatekeeper::run() {
  ::pthread_setname_np(::pthread_self(), "gatekeeper");
  sched_param priority{.sched_priority = kRealTimePriority};
  int error = ::pthread_setschedparam(::pthread_self(), SCHED_FIFO, &priority);
  real_time_ = error == 0;
  if (error != 0)
    log_warning(
        "gatekeeper runs without real-time priority ({}): under load, holds may end unanswered",
        errno_error("SCHED_FIFO", error).message);

  auto looked = std::chrono::steady_clock::now();
  while (!stopping_) {
    epoll_event events[4];
    const bool all_parked = holds_.size() == parked_count_;
    int count = ::epoll_wait(epoll_.get(), events, 4,
                             all_parked ? -1 : static_cast<int>(kLookEvery.count()));
    for (int i = 0; i < count; ++i) {
      if (events[i].data.fd == children_.get())
        reap();
      else if (events[i].data.fd == wakeup_.get())
        take_answers();
      else
        ring_buffer__consume(ring_.get());
    }
    if (const auto now = std::chrono::steady_clock::now(); now - looked >= kLookEvery) {
      look_for_ended();
      pieces_.drain();
      looked = now;
    }
    publish_load();
  }
  if (handing_over_) let_all_go();
}

void RealGatekeeper::publish_load() {
  waiting_ = holds_.size();
  parked_ = parked_count_;
  asked_count_ = asked_.size();
}

int RealGatekeeper::on_sample(void* self, void* data, std::size_t size) {
  auto* gatekeeper = static_cast<RealGatekeeper*>(self);
  Result<KernelEvent> event = decode_event({static_cast<const std::byte*>(data), size});
  if (!event) {
    // The operation it was about finds no answer, and is denied in time.
    log_error("event ring: {}", event.error().message);
    return 0;
  }
  std::visit([gatekeeper](auto& each) { gatekeeper->on(each); }, *event);
  return 0;
}

void RealGatekeeper::on(Operation& operation) {
  const bool held = operation.disposition == Disposition::held;
  const bool asked = operation.disposition == Disposition::deferred;
  const HoldId id = operation.hold_id;
  if (held || asked)
    holds_[id] = {.thread = operation.caller.thread,
                  .process = operation.caller.pid,
                  .slot = operation.workload.slot,
                  .syscall = operation.syscall};
  if (operation.incomplete) {
    evaluate(operation);
    return;
  }
  listener_(std::move(operation));
  if (held) ask_to_stop(id, holds_[id]);
}

// People are shown as much of them as a report without pieces would show.
void RealGatekeeper::read_arguments_of(Operation& operation) {
  auto judged = std::make_shared<JudgedArguments>(pieces_.take(operation.argument_facts));
  std::size_t shown = 0;
  if (!judged->words.empty()) operation.arguments.clear();
  for (const std::string& word : judged->words) {
    if (shown + word.size() + 1 > STAYD_ARGV_SIZE) break;
    shown += word.size() + 1;
    operation.arguments.push_back(word);
  }
  if (operation.arguments.empty() && !judged->words.empty())
    operation.arguments.push_back(judged->words.front().substr(0, STAYD_ARGV_SIZE));
  operation.arguments_incomplete = !judged->whole || shown != operation.argument_facts.size;
  operation.judged_arguments = std::move(judged);
}

void RealGatekeeper::evaluate(Operation& operation) {
  if (operation.kind == OperationKind::exec) read_arguments_of(operation);
  if (std::optional<DeferredVerdict> verdict = evaluator_.judge(operation)) {
    carry_out(std::move(operation), *verdict);
    return;
  }
  const HoldId id = operation.hold_id;
  if (id != 0) asked_.emplace(id, std::move(operation));
}

// The operation has not been spoken of to anybody but the evaluator until now.
void RealGatekeeper::carry_out(Operation operation, const DeferredVerdict& verdict) {
  const HoldId id = operation.hold_id;
  operation.rule = verdict.rule;
  operation.judged_arguments = nullptr;
  if (id == 0) {
    // It could not wait, and was refused. What is allowed will be when it is tried again.
    if (verdict.what == DeferredVerdict::What::hold)
      operation.disposition = Disposition::cannot_wait;
    else
      operation.disposition = Disposition::denied;
    listener_(std::move(operation));
    return;
  }
  operation.disposition = disposition_of(verdict);
  const auto found = holds_.find(id);
  if (found != holds_.end()) found->second.labels = verdict.labels;
  if (operation.disposition == Disposition::held) {
    listener_(std::move(operation));
    if (found != holds_.end()) ask_to_stop(id, found->second);
    return;
  }
  settle({id, answer_to(verdict), 0});
  const bool silent =
      verdict.what == DeferredVerdict::What::allow || verdict.what == DeferredVerdict::What::again;
  if (silent) return;
  operation.hold_id = 0;
  listener_(std::move(operation));
}

void RealGatekeeper::on(const HoldResumed& resumed) {
  auto found = holds_.find(resumed.hold);
  if (found == holds_.end() || found->second.where != Where::away) return;
  Hold& hold = found->second;
  hold.where = Where::spinning;
  hold.quiet = false;
  hold.thread = resumed.thread;
  hold.process = resumed.process;
  hold.slot = resumed.slot;
  hold.syscall = resumed.syscall;
  ask_to_stop(resumed.hold, hold);
}

void RealGatekeeper::on(const HoldGone& gone) { forget(gone); }

void RealGatekeeper::on(const SignalSent& signal) {
  auto process = parked_by_process_.find(signal.process);
  if (process == parked_by_process_.end()) return;
  std::vector<HoldId> woken;
  for (HoldId id : process->second)
    if (signal.to_process || holds_[id].thread == signal.thread) woken.push_back(id);
  for (HoldId id : woken) send_away(id, holds_[id], 0);
}

void RealGatekeeper::ask_to_stop(HoldId id, Hold& hold) {
  auto traced = tracees_.find(hold.thread);
  if (traced != tracees_.end()) {  // asked already, and not stopped yet
    traced->second = id;
    return;
  }
  switch (tracee::seize(hold.thread)) {
    case tracee::Seized::yes:
      tracees_[hold.thread] = id;
      break;
    case tracee::Seized::gone:
      forget({id});
      break;
    case tracee::Seized::refused:
      log_warning("thread {} cannot be parked, because another process traces it: denied",
                  hold.thread);
      settle({id, STAYD_ANSWER_DENY, 0});
      listener_(HoldGone{id});
      break;
  }
}

void RealGatekeeper::reap() {
  signalfd_siginfo discarded[16];
  while (::read(children_.get(), discarded, sizeof(discarded)) > 0) {
  }
  int status = 0;
  for (pid_t thread; (thread = ::waitpid(-1, &status, __WALL | __WNOTHREAD | WNOHANG)) > 0;) {
    if (WIFSTOPPED(status))
      on_stopped(thread, status);
    else
      on_ended(thread);
  }
}

// The kernel side reports exits, and since 7.2 can miss one (bpf/README.md, Traps). waitpid
// reports those of tracees; the others are looked for.
void RealGatekeeper::look_for_ended() {
  std::vector<HoldId> ended;
  const bool all_heard = boot_time_ns() - begun_ns_ > kAdoptionNs;
  for (auto& [id, hold] : holds_) {
    // An earlier agent's hold has no thread until it is heard of.
    if (hold.thread == 0 && all_heard) ended.push_back(id);
    if (hold.thread == 0 || hold.where == Where::parked || tracees_.contains(hold.thread)) continue;
    if (std::exchange(hold.quiet, true) && tracee::has_ended(hold.thread)) ended.push_back(id);
  }
  for (HoldId id : ended) forget({id});
}

void RealGatekeeper::on_stopped(pid_t thread, int status) {
  auto traced = tracees_.find(thread);
  auto found = traced == tracees_.end() ? holds_.end() : holds_.find(traced->second);
  bool for_signal = status >> 16 != kEventStop;
  int signal = for_signal ? WSTOPSIG(status) : 0;
  if (found == holds_.end()) {
    // Answered before it stopped, or a thread whose id changed by exec.
    if (traced != tracees_.end()) tracees_.erase(traced);
    tracee::let_go(thread, signal);
    return;
  }
  auto& [id, hold] = *found;
  count_handled(hold);
  if (for_signal || !tracee::hold_at_restart(thread, hold.syscall)) {
    send_away(id, hold, signal);
    return;
  }
  park(id, hold);
  // One that came before the kernel side knew to report it.
  if (tracee::has_pending_signal(thread)) send_away(id, hold, 0);
}

void RealGatekeeper::park(HoldId id, Hold& hold) {
  hold.where = Where::parked;
  ++hold.session;
  ++parked_count_;
  auto& siblings = parked_by_process_[hold.process];
  siblings.insert(id);
  tables_.set_parked_threads(hold.process, static_cast<std::uint32_t>(siblings.size()));
  Result<> noted = tables_.set_answer(
      id, {.expires_ns = 0, .labels = 0, .state = STAYD_ANSWER_PARKED, .session = hold.session});
  if (!noted) log_error("hold {}: {}", id, noted.error().message);
}

// Takes a parked thread, which is still stopped, out of the books. Returns whether it was one.
bool RealGatekeeper::unpark(HoldId id, Hold& hold) {
  if (hold.where != Where::parked) return false;
  hold.where = Where::away;
  --parked_count_;
  auto siblings = parked_by_process_.find(hold.process);
  siblings->second.erase(id);
  tables_.set_parked_threads(hold.process, static_cast<std::uint32_t>(siblings->second.size()));
  if (siblings->second.empty()) parked_by_process_.erase(siblings);
  return true;
}

void RealGatekeeper::send_away(HoldId id, Hold& hold, int signal) {
  unpark(id, hold);
  hold.where = Where::away;
  hold.quiet = false;
  ++hold.session;
  Result<> noted = tables_.set_answer(
      id, {.expires_ns = 0, .labels = 0, .state = STAYD_ANSWER_AWAY, .session = hold.session});
  if (!noted) log_error("hold {}: {}", id, noted.error().message);
  tracees_.erase(hold.thread);
  tracee::let_go(hold.thread, signal);
}

void RealGatekeeper::on_ended(pid_t thread) {
  auto traced = tracees_.find(thread);
  if (traced == tracees_.end()) return;
  HoldId id = traced->second;
  tracees_.erase(traced);
  forget({id});
}

// Ends a hold whose thread is gone or has been denied by the kernel side.
void RealGatekeeper::forget(const HoldGone& gone) {
  const HoldId id = gone.hold;
  auto found = holds_.find(id);
  if (found == holds_.end()) return;
  Hold& hold = found->second;
  count_handled(hold);
  unpark(id, hold);
  if (auto traced = tracees_.find(hold.thread); traced != tracees_.end() && traced->second == id)
    traced->second = 0;
  tables_.forget_answer(id);
  holds_.erase(found);
  if (asked_.erase(id) == 0) listener_(gone);  // else nobody has heard of it
}

void RealGatekeeper::count_handled(Hold& hold) {
  if (std::exchange(hold.handled, true)) return;
  tables_.count_handled(hold.slot);
}

void RealGatekeeper::post(const Answer& answer) {
  {
    std::lock_guard lock(answers_mutex_);
    answers_.push_back(answer);
  }
  wake();
}

void RealGatekeeper::rule(HoldId hold, DeferredVerdict verdict) {
  {
    std::lock_guard lock(answers_mutex_);
    verdicts_.emplace_back(hold, verdict);
  }
  wake();
}

void RealGatekeeper::take_answers() {
  std::uint64_t discarded = 0;
  [[maybe_unused]] ssize_t ignored = ::read(wakeup_.get(), &discarded, sizeof(discarded));
  std::vector<Answer> answers;
  std::vector<std::pair<HoldId, DeferredVerdict>> verdicts;
  {
    std::lock_guard lock(answers_mutex_);
    answers.swap(answers_);
    verdicts.swap(verdicts_);
  }
  for (const Answer& answer : answers) settle(answer);
  for (const auto& [id, verdict] : verdicts) {
    auto asked = asked_.extract(id);
    if (!asked.empty()) carry_out(std::move(asked.mapped()), verdict);
  }
}

void RealGatekeeper::settle(const Answer& answer) {
  auto found = holds_.find(answer.hold);
  if (found == holds_.end()) return;
  Hold& hold = found->second;
  Result<> written = tables_.set_answer(
      answer.hold, {.expires_ns = answer.expires_ns,
                    .labels = answer.state == STAYD_ANSWER_ALLOW ? hold.labels : 0,
                    .state = answer.state,
                    .session = hold.session});
  // Without the entry the thread finds no answer, and is denied in time.
  if (!written) log_error("hold {}: {}", answer.hold, written.error().message);
  count_handled(hold);
  if (unpark(answer.hold, hold)) {
    tracees_.erase(hold.thread);
    tracee::let_go(hold.thread);
  } else if (auto traced = tracees_.find(hold.thread);
             traced != tracees_.end() && traced->second == answer.hold) {
    traced->second = 0;
  }
  holds_.erase(found);
  asked_.erase(answer.hold);
}

}  // namespace

Result<> Gatekeeper::block_child_signals() {
  const sigset_t children = child_signals();
  if (int error = ::pthread_sigmask(SIG_BLOCK, &children, nullptr))
    return errno_error("block SIGCHLD", error);
  return {};
}

Result<std::unique_ptr<Gatekeeper>> Gatekeeper::start(const Programs& programs, Tables& tables,
                                                      Evaluator& evaluator, Listener listener,
                                                      const std::vector<HoldId>& waiting) {
  auto gatekeeper =
      std::make_unique<RealGatekeeper>(programs, tables, evaluator, std::move(listener));
  if (Result<> prepared = gatekeeper->prepare(waiting); !prepared)
    return in_context("start gatekeeper", prepared.error());
  gatekeeper->run_in_background();
  return std::unique_ptr<Gatekeeper>(std::move(gatekeeper));
}

}  // namespace stayd
