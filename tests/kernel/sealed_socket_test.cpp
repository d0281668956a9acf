// SPDX-License-Identifier: Apache-2.0
// The ways around a pending connection: what may leave its socket is what was approved, and nothing
// before that, whoever has the socket and whatever is done with it.
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <functional>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "kernel_test.h"
#include "support/event_loop.h"
#include "support/trials.h"

namespace stayd::test {
namespace {

// The kernel has tried twice by then.
constexpr milliseconds kTwoAttempts{3500};

enum : std::size_t { kSocket = 4 };  // in Report::counters

int connect_to(int socket, std::uint16_t port) {
  const sockaddr_in address = loopback(port);
  return ::connect(socket, as_sockaddr(address), sizeof(address));
}

int disconnect(int socket) {
  sockaddr nowhere{};
  nowhere.sa_family = AF_UNSPEC;
  return ::connect(socket, &nowhere, sizeof(nowhere));
}

Fd non_blocking_socket() {
  return Fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

// Begins to connect, and then does what the test wants to know of.
Body connects_and(std::uint16_t port, std::function<long(int socket, Report&)> then) {
  return [port, then = std::move(then)](Report& report) -> long {
    const Fd socket = non_blocking_socket();
    report.counters[kSocket] = socket.get();
    if (connect_to(socket.get(), port) == 0 || errno != EINPROGRESS) return -1;
    report.stage = 1;
    return then(socket.get(), report);
  };
}

long waits(int, Report&) { return ::pause(); }

class SealedSocket : public KernelTest {
 protected:
  // The thread stops, as it does for every other operation.
  void expect_parked(const Body& body) {
    const auto actor = tagged(body);
    const Json ticket = question("connect");
    EXPECT_FALSE(ticket["operation"].contains("pending"));
    EXPECT_EQ(thread_state(thread_of(ticket)), 't');
    EXPECT_FALSE(listener_.has_connection());
    approve(ticket);
    ASSERT_TRUE(actor->ends());
    EXPECT_GE(actor->report().value, 0) << "errno " << actor->report().error;
  }
  Json question_about(const TcpListener& listener) {
    Json found;
    const std::string endpoint = "127.0.0.1:" + std::to_string(listener.port()) + "/tcp";
    const bool asked = eventually([&] {
      for (const Json& each : tickets(false))
        if (each["operation"]["endpoint"] == endpoint) found = each;
      return !found.is_null();
    });
    if (!asked) throw std::runtime_error("nobody asks about " + endpoint);
    return found;
  }
  // Both listeners stay alone while the kernel tries to connect.
  void expect_silence() {
    EXPECT_TRUE(throughout(
        kTwoAttempts, [&] { return !listener_.has_connection() && !other_.has_connection(); }));
  }

  TcpListener listener_, other_;
};

TEST_F(SealedSocket, IsNoneThatWasMadeInAnotherCgroup) {
  expect_parked([directory = cgroup().directory(), port = listener_.port()](Report&) -> long {
    if (!enter_cgroup("/sys/fs/cgroup")) return -1;
    const Fd socket = non_blocking_socket();
    if (!enter_cgroup(directory)) return -1;
    return connect_to(socket.get(), port) == 0 || errno == EINPROGRESS ? 0 : -1;
  });
}

TEST_F(SealedSocket, IsNoneOfAnotherNetworkNamespace) {
  expect_parked([port = listener_.port()](Report&) -> long {
    const Fd socket = non_blocking_socket();
    if (::unshare(CLONE_NEWNET) != 0) return -1;
    return connect_to(socket.get(), port) == 0 || errno == EINPROGRESS ? 0 : -1;
  });
}

TEST_F(SealedSocket, IsNoneWhoseFirstPacketMayHaveData) {
  expect_parked([port = listener_.port()](Report&) -> long {
    const Fd socket = non_blocking_socket();
    const int on = 1;
    if (::setsockopt(socket.get(), IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on, sizeof(on)) != 0)
      return -1;
    return connect_to(socket.get(), port) == 0 || errno == EINPROGRESS ? 0 : -1;
  });
}

TEST_F(SealedSocket, IsNoneWhoseAddressTheKernelChooses) {
  expect_parked([port = listener_.port()](Report&) -> long {
    const Fd socket = non_blocking_socket();
    sockaddr_in any = loopback(port);
    any.sin_addr.s_addr = INADDR_ANY;
    return ::connect(socket.get(), as_sockaddr(any), sizeof(any)) == 0 || errno == EINPROGRESS ? 0
                                                                                               : -1;
  });
}

TEST_F(SealedSocket, AnswersASecondConnectAsTheKernelDoesAndAsksOnce) {
  const auto actor = tagged(connects_and(listener_.port(), [this](int socket, Report&) -> long {
    return connect_to(socket, listener_.port());
  }));
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().error, EALREADY);
  EXPECT_EQ(questions(), 1u);
}

TEST_F(SealedSocket, ConnectsNowhereElse) {
  const auto actor =
      tagged(connects_and(listener_.port(), [this](int socket, Report& report) -> long {
        if (connect_to(socket, other_.port()) == 0 || errno != EPERM) return -1;
        if (disconnect(socket) != 0) return -2;
        if (connect_to(socket, other_.port()) == 0 || errno != EPERM) return -3;
        report.stage = 2;
        return waits(socket, report);
      }));
  const Json ticket = question_about(listener_);
  ASSERT_TRUE(actor->report().reaches(2)) << actor->report().value;
  EXPECT_TRUE(ends_as(ticket, "cancelled")) << "it was disconnected";
  expect_silence();
  EXPECT_EQ(questions(), 1u);
}

TEST_F(SealedSocket, AsksAnewWhenItConnectsAgain) {
  const auto actor =
      tagged(connects_and(listener_.port(), [this](int socket, Report& report) -> long {
        if (disconnect(socket) != 0) return -1;
        if (!eventually([&] { return report.stage == 2; })) return -1;
        const sockaddr_in address = loopback(listener_.port());
        return connect_in_a_loop(socket, as_sockaddr(address), sizeof(address), "hi", report);
      }));
  const Json first = question_about(listener_);
  EXPECT_TRUE(ends_as(first, "cancelled"));
  actor->report().stage = 2;
  const Json second = question_about(listener_);
  EXPECT_FALSE(listener_.has_connection());
  approve(second);
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().value, 2) << "errno " << actor->report().error;
  EXPECT_EQ(listener_.next(), "hi");
}

TEST_F(SealedSocket, IsShutAgainForTheNextConnectionAfterAnApprovedOne) {
  const auto actor = tagged([this](Report& report) -> long {
    const Fd socket = non_blocking_socket();
    const sockaddr_in address = loopback(listener_.port());
    if (connect_in_a_loop(socket.get(), as_sockaddr(address), sizeof(address), "hi", report) != 2)
      return -1;
    if (disconnect(socket.get()) != 0) return -2;
    if (connect_to(socket.get(), listener_.port()) == 0 || errno != EINPROGRESS) return -3;
    report.stage = 2;
    return ::pause();
  });
  approve(question_about(listener_));
  EXPECT_EQ(listener_.next(), "hi");
  ASSERT_TRUE(actor->report().reaches(2)) << actor->report().value;
  expect_silence();
  EXPECT_EQ(questions(), 2u);
}

// Connects the socket by sending, with the text in the first packet if the other side allows it.
long sends_at_once(int socket, std::uint16_t port) {
  const sockaddr_in address = loopback(port);
  return ::sendto(socket, "hi", 2, MSG_FASTOPEN, as_sockaddr(address), sizeof(address));
}

TEST_F(SealedSocket, SendsNothingByFastOpen) {
  ASSERT_EQ(unguarded([this](Report&) -> long {
              const Fd socket = non_blocking_socket();
              if (sends_at_once(socket.get(), other_.port()) < 0 && errno != EINPROGRESS) return -1;
              pollfd waiting{.fd = socket.get(), .events = POLLOUT, .revents = 0};
              return ::poll(&waiting, 1, 2000);
            }),
            1)
      << "without a guard it connects";
  ASSERT_TRUE(other_.next());
  const auto actor =
      tagged(connects_and(listener_.port(), [this](int socket, Report& report) -> long {
        if (sends_at_once(socket, other_.port()) >= 0 || errno != EPERM) return -2;
        if (sends_at_once(socket, listener_.port()) >= 0) return -3;
        if (::send(socket, "hi", 2, 0) >= 0) return -4;
        report.stage = 2;
        return waits(socket, report);
      }));
  (void)question_about(listener_);
  ASSERT_TRUE(actor->report().reaches(2))
      << actor->report().value << ", errno " << actor->report().error;
  expect_silence();
}

TEST_F(SealedSocket, IsTheSameForACopyOfItsDescriptorInAnotherProcess) {
  const auto actor =
      tagged(connects_and(listener_.port(), [this](int socket, Report& report) -> long {
        const Fd copy(::dup(socket));
        const long ended = in_a_child([this, &copy](Report&) -> long {
          if (connect_to(copy.get(), other_.port()) == 0 || errno != EPERM) return -1;
          if (disconnect(copy.get()) != 0) return -1;
          if (connect_to(copy.get(), other_.port()) == 0 || errno != EPERM) return -1;
          return 7;
        })(report);
        if (ended != 7) return -2;
        report.stage = 2;
        return waits(socket, report);
      }));
  ASSERT_TRUE(actor->report().reaches(2)) << actor->report().value;
  expect_silence();
}

TEST_F(SealedSocket, OfIpv6ConnectsNowhereElseByAnIpv4Address) {
  const auto actor = tagged([this](Report& report) -> long {
    const Fd socket(::socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const auto connect_mapped = [&](std::uint16_t port) {
      sockaddr_storage address{};
      const socklen_t size = address_of("::ffff:127.0.0.1", port, address);
      return ::connect(socket.get(), as_sockaddr(address), size);
    };
    if (connect_mapped(listener_.port()) == 0 || errno != EINPROGRESS) return -1;
    if (connect_mapped(other_.port()) == 0 || errno != EPERM) return -2;
    if (connect_to(socket.get(), other_.port()) == 0) return -3;
    if (disconnect(socket.get()) != 0) return -4;
    if (connect_mapped(other_.port()) == 0 || errno != EPERM) return -5;
    report.stage = 2;
    return ::pause();
  });
  ASSERT_TRUE(actor->report().reaches(2)) << actor->report().value;
  expect_silence();
}

// Each of them is accepted, or refused by the kernel: what counts is what leaves the socket.
TEST_F(SealedSocket, StaysShutWhateverOptionsItGets) {
  const auto actor = tagged(connects_and(listener_.port(), [](int socket, Report& report) -> long {
    const int one = 1;
    for (const auto& [level, option] :
         std::vector<std::pair<int, int>>{{IPPROTO_TCP, TCP_FASTOPEN_CONNECT},
                                          {IPPROTO_TCP, TCP_NODELAY},
                                          {IPPROTO_TCP, TCP_QUICKACK},
                                          {IPPROTO_TCP, TCP_SYNCNT},
                                          {IPPROTO_TCP, TCP_REPAIR},
                                          {IPPROTO_IP, IP_TOS},
                                          {IPPROTO_IP, IP_TRANSPARENT},
                                          {SOL_SOCKET, SO_MARK},
                                          {SOL_SOCKET, SO_REUSEADDR},
                                          {SOL_SOCKET, SO_KEEPALIVE},
                                          {SOL_SOCKET, SO_ZEROCOPY}})
      (void)::setsockopt(socket, level, option, &one, sizeof(one));
    const int none = 0;
    (void)::setsockopt(socket, IPPROTO_TCP, TCP_REPAIR, &none, sizeof(none));
    (void)::setsockopt(socket, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3);
    report.stage = 2;
    return waits(socket, report);
  }));
  (void)question_about(listener_);
  ASSERT_TRUE(actor->report().reaches(2)) << actor->report().value;
  expect_silence();
}

// The packets of a raw socket are not those of the sealed one: the first is a question of its own.
TEST_F(SealedSocket, IsNotHelpedByARawSocket) {
  const auto actor = tagged(connects_and(listener_.port(), [](int, Report& report) -> long {
    const Fd raw(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_TCP));
    const sockaddr_in address = loopback(0);
    const std::uint8_t syn[20] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, 2};
    report.stage = 2;
    return ::sendto(raw.get(), syn, sizeof(syn), 0, as_sockaddr(address), sizeof(address));
  }));
  (void)question_about(listener_);
  const Json raw = question("send");
  EXPECT_EQ(thread_state(thread_of(raw)), 't');
  expect_silence();
  deny(raw);
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().error, EPERM);
}

// The test itself is no workload's: what it does with the descriptor is not judged.
class SealedSocketElsewhere : public SealedSocket {
 protected:
  // The same socket in this process.
  static Fd take_socket(Actor& actor) {
    const Fd process(static_cast<int>(::syscall(SYS_pidfd_open, actor.pid(), 0)));
    return Fd(static_cast<int>(
        ::syscall(SYS_pidfd_getfd, process.get(), actor.report().counters[kSocket].load(), 0)));
  }
};

TEST_F(SealedSocketElsewhere, ConnectsNowhereElseEither) {
  const auto free = untagged([](Report& report) -> long {
    const Fd socket = non_blocking_socket();
    report.counters[kSocket] = socket.get();
    report.stage = 1;
    return ::pause();
  });
  ASSERT_TRUE(free->report().reaches(1));
  {
    const Fd socket = take_socket(*free);
    ASSERT_TRUE(connect_to(socket.get(), other_.port()) == 0 || errno == EINPROGRESS);
    ASSERT_EQ(::write(socket.get(), "hi", 2), 2);
    ASSERT_EQ(::shutdown(socket.get(), SHUT_WR), 0);
    EXPECT_EQ(other_.next(), "hi") << "nothing keeps the socket of nobody from it";
  }
  const auto actor = tagged(connects_and(listener_.port(), waits));
  (void)question_about(listener_);
  ASSERT_TRUE(actor->report().reaches(1));
  const Fd socket = take_socket(*actor);
  ASSERT_TRUE(socket);
  ASSERT_EQ(disconnect(socket.get()), 0);
  EXPECT_TRUE(connect_to(socket.get(), other_.port()) == -1 && errno == EINPROGRESS);
  expect_silence();
}

TEST_F(SealedSocketElsewhere, WaitsForTheAnswerAfterItsProcessHasEnded) {
  const auto actor = tagged(connects_and(listener_.port(), waits));
  const Json ticket = question_about(listener_);
  ASSERT_TRUE(actor->report().reaches(1));
  const Fd socket = take_socket(*actor);
  actor->send(SIGKILL);
  ASSERT_TRUE(actor->ends());
  expect_silence();
  EXPECT_EQ(look_at(ticket)["outcome"], "open");
  approve(ticket);
  pollfd waiting{.fd = socket.get(), .events = POLLOUT, .revents = 0};
  ASSERT_EQ(::poll(&waiting, 1, 2000), 1);
  EXPECT_EQ(waiting.revents, POLLOUT);
  EXPECT_TRUE(listener_.has_connection());
}

// A service manager may keep the sockets of a service that has ended, and give them to the next
// one.
TEST_F(SealedSocketElsewhere, StaysShutWhenItsWorkloadHasEnded) {
  Fd socket;
  {
    const Cgroup short_lived("/sealed-and-gone");
    stayd().request("POST", "/v1/workloads",
                    {{"cgroup", short_lived.name()}, {"policy", path("policy.yaml")}});
    Actor actor(short_lived.directory(), connects_and(listener_.port(), waits));
    ASSERT_TRUE(actor.report().reaches(1)) << "errno " << actor.report().error;
    socket = take_socket(actor);
    ASSERT_TRUE(socket);
    actor.send(SIGKILL);
    ASSERT_TRUE(actor.ends());
  }
  const auto is_listed = [this] {
    for (const Json& each : stayd().status()["workloads"])
      if (each["cgroup"] == "/sealed-and-gone") return true;
    return false;
  };
  ASSERT_TRUE(eventually([&] { return !is_listed(); }));
  // The kernel tries again after ever longer times.
  EXPECT_TRUE(throughout(seconds(8), [&] { return !listener_.has_connection(); }));
}

// Threads connect one socket here and there as fast as they can, so that some are between their
// hook and the kernel's connect when others are let through. Only one address is ever approved.
TEST_F(SealedSocket, IsNotConfusedByThreadsThatRace) {
  constexpr int kThreads = 4;
  const auto actor = tagged([this](Report& report) -> long {
    const std::int64_t until = now_ns() + static_cast<std::int64_t>(trials(3, 30)) * 1'000'000'000;
    while (now_ns() < until) {
      const Fd socket = non_blocking_socket();
      std::vector<std::thread> threads;
      for (int i = 0; i < kThreads; ++i)
        threads.emplace_back([&, i] {
          for (int k = 0; k < 20; ++k) {
            if ((k + i) % 4 == 3) disconnect(socket.get());
            connect_to(socket.get(), (k + i) % 2 == 0 ? listener_.port() : other_.port());
          }
        });
      for (std::thread& each : threads) each.join();
      ++report.counters[kTicks];
    }
    return 0;
  });
  const std::string approved = "127.0.0.1:" + std::to_string(listener_.port()) + "/tcp";
  EXPECT_TRUE(eventually(
      [&] {
        for (const Json& each : tickets(false))
          (void)decide(each, each["operation"]["endpoint"] == approved ? "approve" : "deny");
        while (listener_.has_connection()) listener_.drop();
        return actor->report().ended.load();
      },
      seconds(120)));
  EXPECT_GT(actor->report().counters[kTicks], 0);
  EXPECT_FALSE(other_.has_connection());
}

}  // namespace
}  // namespace stayd::test
