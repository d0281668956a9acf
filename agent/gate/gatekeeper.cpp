// SPDX-License-Identifier: Apache-2.0
#include "gate/gatekeeper.h"

#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <thread>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/fd.h"
#include "base/log.h"
#include "gate/hold_table.h"
#include "gate/in_place.h"
#include "gate/judged_arguments.h"
#include "gate/mailbox.h"
#include "gate/tracee.h"
#include "kernel/argument_pieces.h"
#include "kernel/event_ring.h"

namespace stayd {
namespace {

constexpr int kRealTimePriority = 10;
constexpr int kSyscallStop = 0x80;  // PTRACE_O_TRACESYSGOOD, ptrace(2)
constexpr std::chrono::milliseconds kTickEvery{1000};

sigset_t child_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  return set;
}

class RealGatekeeper final : public Gatekeeper {
 public:
  RealGatekeeper(Tables& tables, Evaluator& evaluator, Listener listener)
      : tables_(tables), evaluator_(evaluator), listener_(std::move(listener)) {}
  ~RealGatekeeper() override;

  Result<> prepare(const Programs& programs, const std::vector<HoldId>& waiting);
  void run_in_background() {
    thread_ = std::thread([this] { run(); });
  }

  void post(const GateCommand& command) override { mailbox_.post(command); }
  void hand_over() override;
  GateLoad load() const override { return {waiting_, parked_, deferred_, real_time_}; }

 private:
  void run();
  void take_real_time_priority();
  void adopt(std::vector<HoldId> waiting);
  void reap();
  Actions take_stop(std::int32_t thread, int status);
  void publish_load();

  void on(Result<KernelEvent> event);
  void on(Operation& operation);
  void on(const HoldResumed& resumed) { carry_out(table_.resumed(resumed)); }
  void on(const HoldGone& gone) { carry_out(table_.gone(gone)); }
  void on(const SignalSent& signal) { carry_out(table_.signal_sent(signal)); }
  void on(const DnsPacket& packet);
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
  void act(const LookForEnd& look);
  void act(const TakePlace& take) {
    carry_out(table_.loaded(take.hold, in_place::take_place(take.thread)));
  }
  void act(const SeizeInPlace& seize) {
    carry_out(table_.seized(seize.thread, in_place::seize_left(seize.thread)));
  }
  void act(const LetGo& what) { tracee::let_go(what.thread, what.signal); }
  void act(const Enter& enter) { in_place::enter(enter.thread); }
  void act(const Meet& meet) { in_place::meet(meet.thread, meet.signal); }
  void act(const StayStopped& stay) { in_place::stay_stopped(stay.thread); }
  void act(const Continue& what) {
    carry_out(table_.continued(what.thread, in_place::continue_left(what.thread)));
  }
  void act(const Run& run) { in_place::run(run.thread, run.start, run.signal); }
  void act(const End& end) { in_place::end(end.thread); }
  void act(const LeaveInPlace& leave) { in_place::leave(leave.thread); }
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
  std::atomic<std::uint64_t> waiting_ = 0, parked_ = 0, deferred_ = 0;
  std::atomic<bool> real_time_ = false;
  // Used by the gatekeeper's thread only.
  std::unique_ptr<EventRing> ring_;
  ArgumentPieces pieces_;
  HoldTable table_;
  std::uint64_t begun_ns_ = 0;
  // Programs that an earlier agent left in place, and whether their holds wait.
  struct Left {
    HoldId hold;
    stayd_answer place;
    bool waits;
  };
  std::vector<Left> left_;

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

// Programs in place are only noted: they have to be traced by the thread that run() is called in.
void RealGatekeeper::adopt(std::vector<HoldId> waiting) {
  for (const auto& [hold, place] : tables_.answers_in_place())
    left_.push_back({hold, place, std::erase(waiting, hold) != 0});
  carry_out(table_.adopt(waiting, begun_ns_));
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
  for (const Left& each : left_)
    carry_out(table_.adopt_in_place(each.hold, each.place, each.waits));
  left_.clear();
  auto ticked = std::chrono::steady_clock::now();
  while (!stopping_) {
    epoll_event events[4];
    const int limit = table_.needs_tick() ? static_cast<int>(kTickEvery.count()) : -1;
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
      carry_out(take_stop(thread, status));
  }
}

// ptrace(2) says which stop has which status.
Actions RealGatekeeper::take_stop(std::int32_t thread, int status) {
  const int event = status >> 16;
  const int signal = WSTOPSIG(status);
  if (event == PTRACE_EVENT_EXEC) return table_.stopped_at_exec(thread);
  if (event == PTRACE_EVENT_STOP)
    return signal == SIGTRAP ? table_.stopped(thread, 0) : table_.stopped_with_process(thread);
  if (signal == (SIGTRAP | kSyscallStop))
    return table_.stopped_at_call(thread, in_place::where_in_call(thread));
  if (signal == SIGSEGV && in_place::is_fault(thread)) return table_.faulted(thread);
  return table_.stopped(thread, signal);
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
  auto gatekeeper = std::make_unique<RealGatekeeper>(tables, evaluator, std::move(listener));
  if (Result<> prepared = gatekeeper->prepare(programs, waiting); !prepared)
    return in_context("start gatekeeper", prepared.error());
  gatekeeper->run_in_background();
  return std::unique_ptr<Gatekeeper>(std::move(gatekeeper));
}

}  // namespace stayd
