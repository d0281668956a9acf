// SPDX-License-Identifier: Apache-2.0
// The connect of a non-blocking socket is held, and its program's event loop goes on.
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <functional>
#include <vector>

#include "kernel_test.h"
#include "support/event_loop.h"
#include "support/trials.h"

namespace stayd::test {
namespace {

// What a loop may stand still longer than one that nobody guards.
constexpr milliseconds kGap{100};
// How soon after a decision its program knows.
constexpr milliseconds kSoon{1200};

class PendingConnect : public KernelTest {
 protected:
  // The loop ticks through all of `wait` without a connection, and then the approval makes one.
  void expect_connection_after(milliseconds wait, const std::string& address,
                               TcpListener& listener);
  milliseconds gap_of(Actor& actor) const {
    return milliseconds(actor.report().counters[kLongestGapNs] / 1'000'000);
  }
  milliseconds until_end(Actor& actor, std::int64_t since) const {
    return milliseconds((actor.report().ended_ns - since) / 1'000'000);
  }

  TcpListener listener_;
};

void PendingConnect::expect_connection_after(milliseconds wait, const std::string& address,
                                             TcpListener& listener) {
  const Body body = connects_in_a_loop(address, listener.port(), "hi");
  const auto free = untagged(body);
  ASSERT_TRUE(free->ends());
  ASSERT_EQ(free->report().value, 2) << "errno " << free->report().error;
  ASSERT_EQ(listener.next(), "hi");

  const auto actor = tagged(body);
  const Json ticket = question("connect");
  EXPECT_EQ(ticket["operation"]["pending"], true);
  ASSERT_TRUE(actor->report().reaches(1)) << "errno " << actor->report().error;
  EXPECT_TRUE(
      throughout(wait, [&] { return !actor->report().ended && !listener.has_connection(); }))
      << "errno " << actor->report().error;
  EXPECT_EQ(look_at(ticket)["outcome"], "open");
  const std::int64_t approved = now_ns();
  approve(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().value, 2) << "errno " << actor->report().error;
  EXPECT_LT(until_end(*actor, approved), kSoon);
  EXPECT_LT(gap_of(*actor), gap_of(*free) + kGap);
  EXPECT_LT(actor->report().counters[kRoundTripUs], 1'000'000) << "the wait is no round trip";
  EXPECT_EQ(listener.next(), "hi");
  EXPECT_EQ(questions(), 1u);
}

TEST_F(PendingConnect, GoesOnSoonAfterAShortWait) {
  expect_connection_after(kWhile, "127.0.0.1", listener_);
}

// By then the kernel would try again in eight seconds.
TEST_F(PendingConnect, GoesOnSoonAfterAWaitOfTenSeconds) {
  expect_connection_after(seconds(10), "127.0.0.1", listener_);
}

// By then the kernel would try again in a minute.
TEST_F(PendingConnect, GoesOnSoonAfterAWaitOfAMinute) {
  if (trials(0, 1) == 0) GTEST_SKIP() << "scripts/test --long";
  expect_connection_after(seconds(70), "127.0.0.1", listener_);
}

TEST_F(PendingConnect, GoesOnOverIpv6) {
  TcpListener listener(true);
  expect_connection_after(kWhile, "::1", listener);
}

TEST_F(PendingConnect, GoesOnFromAnIpv6SocketToAnIpv4Address) {
  expect_connection_after(kWhile, "::ffff:127.0.0.1", listener_);
}

TEST_F(PendingConnect, FailsAtOnceWhenItIsDenied) {
  const auto actor = tagged(connects_in_a_loop(listener_.port(), "hi"));
  const Json ticket = question("connect");
  ASSERT_TRUE(actor->report().reaches(1));
  const std::int64_t denied = now_ns();
  deny(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().error, ECONNREFUSED);
  EXPECT_LT(until_end(*actor, denied), kSoon);
  EXPECT_TRUE(actor->report().counters[kEvents] & EPOLLERR);
  EXPECT_TRUE(actor->report().counters[kEvents] & EPOLLHUP);
  EXPECT_FALSE(listener_.has_connection());
}

TEST_F(PendingConnect, FailsAtOnceOverIpv6WhenItIsDenied) {
  TcpListener listener(true);
  const auto actor = tagged(connects_in_a_loop("::1", listener.port()));
  deny(question("connect"));
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().error, ECONNREFUSED);
  EXPECT_FALSE(listener.has_connection());
}

TEST_F(PendingConnect, IsThatOfASocketMadeNonBlockingByIoctl) {
  const auto actor = tagged([port = listener_.port()](Report& report) -> long {
    const Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    int on = 1;
    if (::ioctl(socket.get(), FIONBIO, &on) != 0) return -1;
    const sockaddr_in address = loopback(port);
    return connect_in_a_loop(socket.get(), as_sockaddr(address), sizeof(address), "hi", report);
  });
  const Json ticket = question("connect");
  EXPECT_EQ(ticket["operation"]["pending"], true);
  approve(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(listener_.next(), "hi");
}

TEST_F(PendingConnect, EndsWithItsSocket) {
  const auto actor = tagged([port = listener_.port()](Report& report) -> long {
    {
      const Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      const sockaddr_in address = loopback(port);
      if (::connect(socket.get(), as_sockaddr(address), sizeof(address)) == 0) return -1;
      report.stage = 1;
      if (!eventually([&] { return report.stage == 2; })) return -1;
    }
    report.stage = 3;
    return ::pause();
  });
  const Json ticket = question("connect");
  ASSERT_TRUE(actor->report().reaches(1));
  actor->report().stage = 2;
  ASSERT_TRUE(actor->report().reaches(3));
  EXPECT_TRUE(ends_as(ticket, "cancelled"));
  EXPECT_EQ(stayd().status()["gatekeeper"]["pending"], 0);
}

TEST_F(PendingConnect, EndsWithItsProcess) {
  const auto actor = tagged(connects_in_a_loop(listener_.port()));
  const Json ticket = question("connect");
  ASSERT_TRUE(actor->report().reaches(1));
  actor->send(SIGKILL);
  EXPECT_TRUE(ends_as(ticket, "cancelled"));
}

TEST_F(PendingConnect, ToNowhereFailsAtOnceAndIsNoQuestionAnyMore) {
  const auto actor = tagged(
      [](Report& report) -> long { return connects_in_a_loop("198.51.100.7", 9, "")(report); });
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().error, ENETUNREACH);
  EXPECT_TRUE(eventually([&] { return !anything_open(); }));
}

TEST_F(PendingConnect, OfManySocketsIsOneQuestionAndAllGoOn) {
  constexpr int kSockets = 100;
  const auto actor = tagged([port = listener_.port()](Report& report) -> long {
    std::vector<Fd> sockets;
    const sockaddr_in address = loopback(port);
    const std::int64_t begun = now_ns();
    for (int i = 0; i < kSockets; ++i) {
      sockets.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      if (::connect(sockets.back().get(), as_sockaddr(address), sizeof(address)) == 0 ||
          errno != EINPROGRESS)
        return -1;
    }
    report.counters[kLongestGapNs] = (now_ns() - begun) / kSockets;
    report.stage = 1;
    long connected = 0;
    for (const Fd& each : sockets) {
      pollfd waiting{.fd = each.get(), .events = POLLOUT, .revents = 0};
      if (::poll(&waiting, 1, 20'000) == 1 && waiting.revents == POLLOUT) ++connected;
    }
    return connected;
  });
  const Json ticket = question("connect");
  ASSERT_TRUE(actor->report().reaches(1)) << "errno " << actor->report().error;
  ASSERT_TRUE(eventually([&] { return look_at(ticket)["waiting"] == kSockets; }));
  approve(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().value, kSockets);
  EXPECT_EQ(questions(), 1u);
}

TEST_F(PendingConnect, GoesByAGrantAtOnce) {
  const Body body = connects_in_a_loop(listener_.port(), "hi");
  const auto first = tagged(body);
  approve(question("connect"), 600);
  ASSERT_TRUE(first->ends());
  ASSERT_EQ(listener_.next(), "hi");
  const auto second = tagged(body);
  ASSERT_TRUE(second->ends());
  EXPECT_EQ(second->report().value, 2) << "errno " << second->report().error;
  EXPECT_EQ(questions(), 1u);
}

TEST_F(PendingConnect, AsksAgainTheNextTime) {
  const Body body = connects_in_a_loop(listener_.port(), "hi");
  const auto actor = tagged(in_turn({body, body}));
  approve(question("connect"));
  ASSERT_TRUE(actor->report().reaches(2));
  deny(question("connect"));
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().error, ECONNREFUSED);
}

// The socket and both ends are in a network of their own, which stayd has to enter.
TEST_F(PendingConnect, GoesOnInAnotherNetworkNamespace) {
  const Body body = [](Report& report) -> long {
    if (::unshare(CLONE_NEWNET) != 0) return -1;
    ifreq loopback_device{};
    loopback_device.ifr_name[0] = 'l';
    loopback_device.ifr_name[1] = 'o';
    loopback_device.ifr_flags = IFF_UP;
    const Fd control(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (::ioctl(control.get(), SIOCSIFFLAGS, &loopback_device) != 0) return -1;
    TcpListener listener;
    return connects_in_a_loop(listener.port(), "hi")(report);
  };
  const auto actor = tagged(body);
  const Json ticket = question("connect");
  EXPECT_EQ(ticket["operation"]["pending"], true);
  ASSERT_TRUE(actor->report().reaches(1));
  const std::int64_t approved = now_ns();
  approve(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().value, 2) << "errno " << actor->report().error;
  EXPECT_LT(until_end(*actor, approved), kSoon);

  const auto second = tagged(body);
  deny(question("connect"));
  ASSERT_TRUE(second->ends());
  EXPECT_EQ(second->report().error, ECONNREFUSED);
}

class PendingConnectAndPolicy : public PendingConnect {
 protected:
  void put_under(const std::string& network) {
    write("policy.yaml", "policy: pending\nnetwork: {default: " + network +
                             "}\nfiles: {default: allow}\nexec: {default: allow}\n");
    assign();
  }
};

TEST_F(PendingConnectAndPolicy, GoesOnUnderAPolicyThatAllowsIt) {
  const auto actor = tagged(connects_in_a_loop(listener_.port(), "hi"));
  const Json ticket = question("connect");
  ASSERT_TRUE(actor->report().reaches(1));
  put_under("allow");
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().value, 2) << "errno " << actor->report().error;
  EXPECT_TRUE(ends_as(ticket, "superseded"));
  EXPECT_EQ(listener_.next(), "hi");
}

TEST_F(PendingConnectAndPolicy, FailsUnderAPolicyThatDeniesIt) {
  const auto actor = tagged(connects_in_a_loop(listener_.port(), "hi"));
  (void)question("connect");
  ASSERT_TRUE(actor->report().reaches(1));
  put_under("deny");
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().error, ECONNREFUSED);
  EXPECT_FALSE(listener_.has_connection());
}

TEST_F(PendingConnectAndPolicy, IsAskedAnewUnderAPolicyThatHoldsIt) {
  const auto actor = tagged(connects_in_a_loop(listener_.port(), "hi"));
  const Json first = question("connect");
  ASSERT_TRUE(actor->report().reaches(1));
  put_under("hold");
  EXPECT_TRUE(ends_as(first, "superseded"));
  approve(question("connect"));
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().value, 2) << "errno " << actor->report().error;
}

TEST_F(PendingConnectAndPolicy, FailsWhenItsWorkloadIsReleased) {
  const auto actor = tagged(connects_in_a_loop(listener_.port(), "hi"));
  const Json ticket = question("connect");
  ASSERT_TRUE(actor->report().reaches(1));
  release();
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().error, ECONNREFUSED);
}

class PendingConnectAndAgent : public PendingConnect {
 protected:
  void expect_approval_to_count_after(const std::function<void()>& restart) {
    const auto actor = tagged(connects_in_a_loop(listener_.port(), "hi"));
    const Json ticket = question("connect");
    ASSERT_TRUE(actor->report().reaches(1));
    restart();
    EXPECT_FALSE(actor->report().ended) << "errno " << actor->report().error;
    EXPECT_EQ(look_at(ticket)["outcome"], "open");
    EXPECT_EQ(look_at(ticket)["digest"], ticket["digest"]);
    const std::int64_t approved = now_ns();
    approve(ticket);
    ASSERT_TRUE(actor->ends());
    EXPECT_EQ(actor->report().value, 2) << "errno " << actor->report().error;
    EXPECT_LT(until_end(*actor, approved), kSoon);
    EXPECT_EQ(listener_.next(), "hi");
    EXPECT_EQ(questions(), 1u);
  }
};

TEST_F(PendingConnectAndAgent, GoesOnAfterAPlannedRestart) {
  expect_approval_to_count_after([] {
    the_stayd().stop();
    the_stayd().start();
  });
}

// Several attempts of the kernel's are dropped while nobody is there to answer.
TEST_F(PendingConnectAndAgent, StaysShutWithoutAnAgentAndGoesOnWithTheNext) {
  expect_approval_to_count_after([this] {
    the_stayd().kill();
    EXPECT_TRUE(throughout(seconds(4), [&] { return !listener_.has_connection(); }));
    the_stayd().start();
  });
}

}  // namespace
}  // namespace stayd::test
