// SPDX-License-Identifier: Apache-2.0
#include "gate/gatekeeper.h"

#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <set>
#include <thread>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/fd.h"
#include "base/log.h"
#include "gate/connections.h"
#include "gate/hold_table.h"
#include "gate/judged_arguments.h"
#include "gate/mailbox.h"
#include "gate/tracee.h"
#include "kernel/argument_pieces.h"
#include "kernel/event_ring.h"

namespace stayd {
namespace {

constexpr int kRealTimePriority = 10;
constexpr int kEventStop = 128;  // PTRACE_EVENT_STOP, ptrace(2)
constexpr std::chrono::milliseconds kTickEvery{1000};

sigset_t child_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  return set;
}

class RealGatekeeper final : public Gatekeeper {
 public:
  RealGatekeeper(const Programs& programs, Tables& tables, Evaluator& evaluator, Listener listener)
      : tables_(tables),
        evaluator_(evaluator),
        listener_(std::move(listener)),
        connections_(programs, tables) {}
  ~RealGatekeeper() override;

  Result<> prepare(const Programs& programs, const std::vector<HoldId>& waiting);
  void adopt(const std::vector<HoldId>& waiting);
  void run_in_background() {
    thread_ = std::thread([this] { run(); });
  }

  void post(const GateCommand& command) override { mailbox_.post(command); }
  void hand_over() override;
  GateLoad load() const override { return {waiting_, parked_, deferred_, pending_, real_time_}; }

 private:
  void run();
  void take_real_time_priority();
  void reap();
  void publish_load();

  void on(Result<KernelEvent> event);
  void on(Operation& operation);
  void on(const HoldResumed& resumed) { carry_out(table_.resumed(resumed)); }
  void on(const HoldGone& gone) { carry_out(table_.gone(gone)); }
  void on(const SignalSent& signal) { carry_out(table_.signal_sent(signal)); }
  void on(const DnsPacket& packet);
  void on(const ConnectionTried& tried);
  template <class Passed>
  void on(const Passed& notice) {  // what the desk alone is to know
    listener_(notice);
  }

  void obey(const AnswerHold& answer) { carry_out(table_.answer(answer)); }
  void obey(const DeliverVerdict& verdict) { carry_out(table_.verdict_arrived(verdict)); }
  void obey(const HandOver&);

  void carry_out(Actions actions);
  void act(const Seize& seize);
  void act(const LookAtRestart& look);
  void act(const LookForSignal& look);
  void act(const JudgeAgain& judge);
  void act(const LookForEnd& look);
  void act(const ReachNetwork& network) { connections_.begin(network.thread); }
  void act(const Connect& connect) { connections_.connect(connect.hold); }
  void act(const Refuse& refuse) { connections_.refuse(refuse.hold); }
  void act(const LetGo& what) { tracee::let_go(what.thread, what.signal); }
  void act(const WriteAnswer& write);
  void act(const ForgetAnswer& forget) { tables_.forget_answer(forget.hold); }
  void act(const SetParkedThreads& set) { tables_.set_parked_threads(set.process, set.threads); }
  void act(const CountHandled& count) { tables_.count_handled(count.slot); }
  void act(Notify& notify) { listener_(std::move(notify.notice)); }

  Tables& tables_;
  Evaluator& evaluator_;
  Listener listener_;
  Fd epoll_, children_;
  Mailbox mailbox_;
  std::atomic<bool> stopping_ = false;
  std::atomic<std::uint64_t> waiting_ = 0, parked_ = 0, deferred_ = 0, pending_ = 0;
  std::atomic<bool> real_time_ = false;
  // Used by the gatekeeper's thread only.
  std::unique_ptr<EventRing> ring_;
  ArgumentPieces pieces_;
  HoldTable table_;
  Connections connections_;
  std::uint64_t begun_ns_ = 0;

  std::thread thread_;
};

RealGatekeeper::~RealGatekeeper() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  mailbox_.wake();
  thread_.join();
}

Result<> RealGatekeeper::prepare(const Programs& programs, const std::vector<HoldId>& waiting) {
  const sigset_t children = child_signals();
  children_ = Fd(::signalfd(-1, &children, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!children_) return errno_error("signalfd");
  if (Result<> opened = mailbox_.open(); !opened) return opened;
  epoll_ = Fd(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll_) return errno_error("epoll_create1");
  Result<std::unique_ptr<EventRing>> ring =
      EventRing::open(programs, [this](Result<KernelEvent> event) { on(std::move(event)); });
  if (!ring) return ring.error();
  ring_ = std::move(*ring);
  if (Result<> opened = pieces_.open(programs); !opened) return opened;

  begun_ns_ = boot_time_ns();
  tables_.reset_handled();
  adopt(waiting);

  for (const int fd : {ring_->fd(), children_.get(), mailbox_.fd()}) {
    epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event)) return errno_error("epoll_ctl");
  }
  return {};
}

// What the desk does not wait for any more is judged again, if its thread has not begun to connect;
// else it was answered by the earlier agent, or is refused.
void RealGatekeeper::adopt(const std::vector<HoldId>& waiting) {
  const std::set<HoldId> known(waiting.begin(), waiting.end());
  const auto answer = [this](HoldId hold, std::uint32_t state) {
    act(WriteAnswer{hold,
                    {.word = STAYD_ANSWER_WORD(hold, state),
                     .expires_ns = 0,
                     .labels = 0,
                     .session = 0,
                     .reserved = 0}});
  };
  for (const HoldId hold : tables_.told_to_pend())
    if (!known.contains(hold)) answer(hold, STAYD_ANSWER_AGAIN);

  const std::vector<HoldId> pending = connections_.adopt();
  carry_out(table_.adopt(waiting, begun_ns_, {pending.begin(), pending.end()}));
  for (const HoldId hold : pending) {
    if (known.contains(hold)) continue;
    const std::optional<stayd_answer> before = tables_.answer_of(hold);
    if (before && STAYD_ANSWER_STATE(before->word) == STAYD_ANSWER_ALLOW) {
      act(Connect{hold});
    } else {
      answer(hold, STAYD_ANSWER_DENY);
      act(Refuse{hold});
    }
  }
}

void RealGatekeeper::hand_over() {
  if (!thread_.joinable()) return;
  post(HandOver{});
  thread_.join();
}

void RealGatekeeper::obey(const HandOver&) {
  carry_out(table_.hand_over());
  stopping_ = true;
}

void RealGatekeeper::run() {
  take_real_time_priority();
  auto ticked = std::chrono::steady_clock::now();
  while (!stopping_) {
    epoll_event events[4];
    const bool ticks = table_.needs_tick() || connections_.may_exist();
    const int limit = ticks ? static_cast<int>(kTickEvery.count()) : -1;
    const int count = ::epoll_wait(epoll_.get(), events, 4, limit);
    for (int i = 0; i < count && !stopping_; ++i) {
      if (events[i].data.fd == children_.get())
        reap();
      else if (events[i].data.fd == ring_->fd())
        ring_->read();
      else
        for (const GateCommand& command : mailbox_.take())
          std::visit([this](const auto& each) { obey(each); }, command);
    }
    if (const auto now = std::chrono::steady_clock::now(); now - ticked >= kTickEvery) {
      carry_out(table_.tick(boot_time_ns()));
      if (connections_.may_exist())
        for (const HoldId hold : connections_.look(table_.load().pending != 0))
          carry_out(table_.gone({.hold = hold}));
      pieces_.drain();
      ticked = now;
    }
    publish_load();
  }
}

void RealGatekeeper::take_real_time_priority() {
  ::pthread_setname_np(::pthread_self(), "gatekeeper");
  const sched_param priority{.sched_priority = kRealTimePriority};
  const int error = ::pthread_setschedparam(::pthread_self(), SCHED_FIFO, &priority);
  real_time_ = error == 0;
  if (error != 0)
    log_warning(
        "the gatekeeper has no real-time priority ({}): under load, operations may be denied "
        "before anybody can answer",
        errno_error("SCHED_FIFO", error).message);
}

void RealGatekeeper::publish_load() {
  const GateLoad load = table_.load();
  waiting_ = load.waiting;
  parked_ = load.parked;
  deferred_ = load.deferred;
  pending_ = load.pending;
}

void RealGatekeeper::reap() {
  signalfd_siginfo discarded[16];
  while (::read(children_.get(), discarded, sizeof(discarded)) > 0) {
  }
  int status = 0;
  for (pid_t thread; (thread = ::waitpid(-1, &status, __WALL | __WNOTHREAD | WNOHANG)) > 0;) {
    if (!WIFSTOPPED(status))
      carry_out(table_.ended(thread));
    else
      carry_out(table_.stopped(thread, status >> 16 == kEventStop ? 0 : WSTOPSIG(status)));
  }
}

void RealGatekeeper::on(Result<KernelEvent> event) {
  if (event)
    std::visit([this](auto& each) { on(each); }, *event);
  else
    log_error("the kernel side sent a malformed event ({}): an operation may be denied for it",
              event.error().message);
}

void RealGatekeeper::on(Operation& operation) {
  std::optional<DeferredVerdict> verdict;
  if (operation.incomplete) {
    if (operation.kind == OperationKind::exec)
      set_judged_arguments(operation, pieces_.take(operation.argument_facts));
    verdict = evaluator_.judge(operation);
  }
  carry_out(table_.reported(std::move(operation), verdict));
}

void RealGatekeeper::on(const DnsPacket& packet) {
  if (packet.time_ns < begun_ns_) return;  // to an earlier agent, and not counted
  evaluator_.on(packet);
  tables_.count_names_handled(packet.workload.slot);
}

// A denied connection is refused again. While a hold waits, the report says nothing: an answer that
// is being replaced may look like none.
void RealGatekeeper::on(const ConnectionTried& tried) {
  if (!table_.knows(tried.hold)) connections_.refuse(tried.hold);
}

void RealGatekeeper::carry_out(Actions actions) {
  for (Action& action : actions) std::visit([this](auto& each) { act(each); }, action);
}

void RealGatekeeper::act(const Seize& seize) {
  const Seized result = tracee::seize(seize.thread);
  if (result == Seized::refused)
    log_warning(
        "thread {} cannot be parked, because another process traces it: its operation is denied",
        seize.thread);
  carry_out(table_.seized(seize.thread, result));
}

void RealGatekeeper::act(const LookAtRestart& look) {
  const bool yes = tracee::hold_at_restart(look.thread, look.syscall);
  carry_out(table_.at_restart(look.hold, yes));
}

void RealGatekeeper::act(const LookForSignal& look) {
  carry_out(table_.signal_pending(look.hold, tracee::has_pending_signal(look.thread)));
}

void RealGatekeeper::act(const JudgeAgain& judge) {
  const Operation* operation = table_.to_judge_again(judge.hold, 0);
  if (operation == nullptr) return;
  const Result<stayd_workload> workload = tables_.workload(operation->workload.slot);
  std::optional<DeferredVerdict> verdict = DeferredVerdict{};  // of none any more: denied
  if (workload && workload->generation == operation->workload.generation)
    verdict = evaluator_.judge(*table_.to_judge_again(judge.hold, workload->policy));
  if (verdict) carry_out(table_.verdict_arrived({judge.hold, *verdict}));
}

void RealGatekeeper::act(const LookForEnd& look) {
  const bool ended =
      look.hold != 0 ? tracee::has_ended(look.thread) : !tracee::interrupt(look.thread);
  if (ended) carry_out(table_.found_ended(look));
}

void RealGatekeeper::act(const WriteAnswer& write) {
  // Without the entry the thread finds no answer, and is denied in time.
  if (Result<> written = tables_.set_answer(write.hold, write.answer); !written)
    log_error("hold {}: {}", write.hold, written.error().message);
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
  if (Result<> prepared = gatekeeper->prepare(programs, waiting); !prepared)
    return in_context("start gatekeeper", prepared.error());
  gatekeeper->run_in_background();
  return std::unique_ptr<Gatekeeper>(std::move(gatekeeper));
}

}  // namespace stayd
