// SPDX-License-Identifier: Apache-2.0
// A held call meets signals as any blocking call does.
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "kernel_test.h"

namespace stayd::test {
namespace {

using Signals = KernelTest;

Report* the_report = nullptr;

// counters[0] counts how often the handler ran, counters[1] is when it ran last.
void note_signal(int) {
  ++the_report->counters[0];
  the_report->counters[1] = now_ns();
}

// `body` with a handler for `signal` in place.
Body handling(int signal, int flags, Body body) {
  return [=](Report& report) -> long {
    the_report = &report;
    struct sigaction action {};
    action.sa_handler = note_signal;
    action.sa_flags = flags;
    ::sigaction(signal, &action, nullptr);
    return body(report);
  };
}

class Deadly : public KernelTest, public ::testing::WithParamInterface<int> {};

TEST_P(Deadly, EndsTheProcessAndTheQuestionInABlink) {
  const auto actor = tagged(reads(customers()));
  const Json ticket = question();
  const std::int64_t sent = now_ns();
  actor->send(GetParam());
  ASSERT_TRUE(actor->ends());
  EXPECT_LT(since_ns(sent), kBlink);
  EXPECT_EQ(actor->exit_code(), 128 + GetParam());
  EXPECT_TRUE(ends_as(ticket, "cancelled"));
  EXPECT_FALSE(decide(ticket, "approve"));
}

INSTANTIATE_TEST_SUITE_P(Signals, Deadly, ::testing::Values(SIGKILL, SIGTERM, SIGINT, SIGSEGV),
                         [](const auto& signal) { return sigabbrev_np(signal.param); });

TEST_F(Signals, AGroupOfHeldProcessesEndsTogether) {
  const auto leader = tagged([body = reads(customers())](Report& report) -> long {
    ::setpgid(0, 0);
    return body(report);
  });
  const Json ticket = question();
  const auto member = tagged([body = reads(customers()), group = leader->pid()](Report& report) {
    if (::setpgid(0, group) != 0) return -1L;
    return body(report);
  });
  ASSERT_TRUE(eventually([&] { return look_at(ticket)["waiting"] == 2; }));
  for (pid_t each : {leader->pid(), member->pid()})
    ASSERT_TRUE(eventually([&] { return thread_state(each) == 't'; }));
  const std::int64_t sent = now_ns();
  ::kill(-leader->pid(), SIGINT);
  EXPECT_TRUE(leader->ends());
  EXPECT_TRUE(member->ends());
  EXPECT_LT(since_ns(sent), kBlink);
  EXPECT_TRUE(ends_as(ticket, "cancelled"));
}

TEST_F(Signals, AHandlerWithoutRestartMeansEintr) {
  const auto actor = tagged(handling(SIGUSR1, 0, reads(customers())));
  const Json ticket = question();
  const std::int64_t sent = now_ns();
  actor->send(SIGUSR1);
  ASSERT_TRUE(actor->ends()) << "the handler ran " << actor->report().counters[0]
                             << " times, the thread is " << thread_state(actor->pid());
  EXPECT_EQ(actor->report().error, EINTR);
  EXPECT_EQ(actor->report().counters[0], 1);
  EXPECT_LT(milliseconds((actor->report().ended_ns - sent) / 1'000'000), kBlink);
  EXPECT_TRUE(ends_as(ticket, "cancelled"));
}

// Signals it three times, then approves: the same question all along.
void expect_resumption(const std::function<void()>& send, Actor& actor,
                       const std::function<void()>& approve) {
  for (int round = 1; round <= 3; ++round) {
    const std::int64_t sent = now_ns();
    send();
    ASSERT_TRUE(eventually([&] { return actor.report().counters[0] == round; }));
    EXPECT_LT(milliseconds((actor.report().counters[1] - sent) / 1'000'000), kBlink);
    ASSERT_TRUE(eventually([&] { return thread_state(actor.pid()) == 't'; }));
    EXPECT_FALSE(actor.report().ended);
  }
  approve();
  ASSERT_TRUE(actor.ends());
  EXPECT_EQ(actor.report().counters[0], 3);
}

TEST_F(Signals, AHandlerWithRestartRunsOnceAndTheHoldGoesOn) {
  const auto actor = tagged(handling(SIGUSR1, SA_RESTART, reads(customers())));
  const Json ticket = question();
  expect_resumption([&] { actor->send(SIGUSR1); }, *actor, [&] { approve(ticket); });
  EXPECT_STREQ(actor->report().text, kCustomers);
  EXPECT_EQ(questions(), 1u);
}

TEST_F(Signals, AnInterruptedSendtoSendsOnce) {
  UdpReceiver receiver;
  const auto actor = tagged(handling(SIGUSR1, SA_RESTART, sends(receiver.port(), "hi")));
  const Json ticket = question();
  expect_resumption([&] { actor->send(SIGUSR1); }, *actor,
                    [&] {
                      EXPECT_FALSE(receiver.has_datagram());
                      approve(ticket);
                    });
  EXPECT_EQ(receiver.next(), "hi");
  EXPECT_EQ(receiver.next(kWhile), std::nullopt);
  EXPECT_EQ(questions(), 1u);
}

TEST_F(Signals, AnInterruptedCreationCreatesOnce) {
  const auto actor = tagged(handling(SIGUSR1, SA_RESTART, creates(path("new/file"))));
  const Json ticket = question();
  expect_resumption([&] { actor->send(SIGUSR1); }, *actor, [&] { approve(ticket); });
  EXPECT_EQ(actor->report().value, 4);
  EXPECT_EQ(questions(), 1u);
}

TEST_F(Signals, AnInterruptedConnectConnectsOnce) {
  TcpListener listener;
  const auto actor = tagged(handling(SIGUSR1, SA_RESTART, connects(listener.port(), "hi")));
  const Json ticket = question();
  expect_resumption([&] { actor->send(SIGUSR1); }, *actor, [&] { approve(ticket); });
  EXPECT_EQ(listener.next(), "hi");
  EXPECT_EQ(listener.next(kWhile), std::nullopt);
  EXPECT_EQ(questions(), 1u);
}

TEST_F(Signals, AnAlarmInterruptsInTime) {
  const auto actor = tagged(handling(SIGALRM, 0, [body = reads(customers())](Report& report) {
    const itimerval in_a_second{.it_interval = {}, .it_value = {.tv_sec = 1, .tv_usec = 0}};
    ::setitimer(ITIMER_REAL, &in_a_second, nullptr);
    report.counters[2] = now_ns();
    return body(report);
  }));
  const Json ticket = question();
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().error, EINTR);
  const milliseconds took((actor->report().ended_ns - actor->report().counters[2]) / 1'000'000);
  EXPECT_GE(took, milliseconds(990));
  EXPECT_LT(took, milliseconds(1000) + kBlink);
  EXPECT_TRUE(ends_as(ticket, "cancelled"));
}

TEST_F(Signals, ATickingTimerDoesNotEndTheHold) {
  const Body body = [read = reads(customers())](Report& report) {
    const itimerval often{.it_interval = {.tv_sec = 0, .tv_usec = 50'000},
                          .it_value = {.tv_sec = 0, .tv_usec = 50'000}};
    ::setitimer(ITIMER_REAL, &often, nullptr);
    return read(report);
  };
  const auto actor = tagged(handling(SIGALRM, SA_RESTART, body));
  const Json ticket = question();
  ASSERT_TRUE(eventually([&] { return actor->report().counters[0] >= 20; }));
  EXPECT_FALSE(actor->report().ended);
  approve(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_GT(actor->report().value, 0);
  EXPECT_EQ(questions(), 1u);
}

TEST_F(Signals, ABlockedSignalWaitsUntilTheCallIsOver) {
  const auto actor = tagged(handling(SIGUSR1, 0, [body = reads(customers())](Report& report) {
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    ::sigprocmask(SIG_BLOCK, &blocked, nullptr);
    const long value = body(report);
    report.counters[2] = report.counters[0].load();
    ::sigprocmask(SIG_UNBLOCK, &blocked, nullptr);
    return value;
  }));
  const Json ticket = question();
  actor->send(SIGUSR1);
  EXPECT_TRUE(throughout(kWhile, [&] { return !actor->report().ended; }));
  EXPECT_EQ(look_at(ticket)["outcome"], "open");
  approve(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_GT(actor->report().value, 0);
  EXPECT_EQ(actor->report().counters[2], 0);
  EXPECT_EQ(actor->report().counters[0], 1);
  EXPECT_EQ(questions(), 1u);
}

TEST_F(Signals, ASignalToOneThreadLeavesItsHeldSiblingAlone) {
  const auto actor = tagged(handling(SIGUSR1, 0, [body = reads(customers())](Report& report) {
    std::thread sibling([&] {
      report.counters[3] = ::gettid();
      report.reaches(1);
    });
    const long value = body(report);
    sibling.join();
    return value;
  }));
  const Json ticket = question();
  ASSERT_TRUE(eventually([&] { return actor->report().counters[3] != 0; }));
  ::syscall(SYS_tgkill, actor->pid(), static_cast<pid_t>(actor->report().counters[3]), SIGUSR1);
  ASSERT_TRUE(eventually([&] { return actor->report().counters[0] == 1; }));
  EXPECT_EQ(look_at(ticket)["waiting"], 1);
  approve(ticket);
  actor->report().stage = 1;
  ASSERT_TRUE(actor->ends());
  EXPECT_GT(actor->report().value, 0);
  EXPECT_EQ(questions(), 1u);
}

TEST_F(Signals, AStoppedProcessReallyStopsAndIsStillHeldWhenItGoesOn) {
  const auto actor = tagged(reads(customers()));
  const Json ticket = question();
  const auto reported = [&](int flags) {
    int status = 0;
    return eventually([&] { return ::waitpid(actor->pid(), &status, flags | WNOHANG) > 0; })
               ? status
               : -1;
  };
  const std::int64_t sent = now_ns();
  actor->send(SIGSTOP);
  EXPECT_TRUE(WIFSTOPPED(reported(WUNTRACED)));
  EXPECT_LT(since_ns(sent), kBlink);
  EXPECT_EQ(thread_state(actor->pid()), 'T');
  actor->send(SIGCONT);
  EXPECT_TRUE(WIFCONTINUED(reported(WCONTINUED)));
  EXPECT_TRUE(eventually([&] { return thread_state(actor->pid()) == 't'; }));
  EXPECT_FALSE(actor->report().ended);
  approve(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_GT(actor->report().value, 0);
  EXPECT_EQ(questions(), 1u);
}

TEST_F(Signals, AStoppedProcessContinuesWithWhatWasDecidedWhileItWasStopped) {
  const auto actor = tagged(reads(customers()));
  const Json ticket = question();
  actor->send(SIGSTOP);
  ASSERT_TRUE(eventually([&] { return thread_state(actor->pid()) == 'T'; }));
  approve(ticket);
  EXPECT_TRUE(throughout(kWhile, [&] { return thread_state(actor->pid()) == 'T'; }));
  actor->send(SIGCONT);
  ASSERT_TRUE(actor->ends());
  EXPECT_GT(actor->report().value, 0);
  EXPECT_EQ(questions(), 1u);
}

}  // namespace
}  // namespace stayd::test
